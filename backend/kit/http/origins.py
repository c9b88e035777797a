"""Which pages may ask for changes: those of our own origin (docs/security.md)."""

from backend.kit.errors import CrossOriginError
from backend.kit.http.requests import RawRequest


def check_same_origin(request: RawRequest, origin: str) -> None:
    """Refuse a change that a page of another site made the browser send.

    No credential here is ambient on its own (a cookie works only with a proof), so this is a
    second wall. `Sec-Fetch-Site` cannot be set by a script; where it is missing, `Origin` decides;
    a client that is no browser sends neither. Raises CrossOriginError.
    """
    if request.method in {"GET", "HEAD"}:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise CrossOriginError("That request came from another site, so we left it alone.")
    sent = request.headers.get("origin")
    if sent is not None and sent != origin:
        raise CrossOriginError("That request came from another site, so we left it alone.")
