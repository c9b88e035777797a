"""What programs look for at fixed addresses of a site (RFC 8615)."""

from starlette.responses import JSONResponse, Response

PASSKEYS = "/.well-known/passkey-endpoints"
_SECOND_LOCK = "/settings#second_lock"


def find_answer(path: str, origin: str) -> Response | None:
    """The answer to a well-known address, or None where we have none.

    Password managers send people to where they can make and look after their passkeys (W3C, "A
    Well-Known URL for Relying Party Passkey Endpoints").
    """
    if path != PASSKEYS:
        return None
    page = f"{origin}{_SECOND_LOCK}"
    return JSONResponse({"enroll": page, "manage": page}, headers={"Cache-Control": "max-age=3600"})
