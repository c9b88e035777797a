"""Answers of auth that are more than a body: cookies, the JWK set, a file."""

import hashlib
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from backend.auth.contract import Admission, Archive, Jwks, MailSent, Sealed, SignedIn, SignedOut
from backend.kit.http import envelope
from backend.kit.values import Value

COOKIE_SECONDS = 2_592_000
"""30 days: as long as a session may lie idle."""

KNOWN_SECONDS = 31_536_000
"""A year: as long as the cookie by which a browser is known again is good for."""


class Admitted(Value, omit_defaults=True):
    """What is in the body of an Admission: `{sealed}` or `{next, methods}`."""

    sealed: str | None = None
    next: str | None = None
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshCookie:
    """The one cookie. No script reads it, no other site sends it, and alone it opens nothing."""

    is_https: bool

    @property
    def name(self) -> str:
        """`__Host-` makes the browser itself insist on Secure, no Domain and Path=/."""
        return "__Host-sosa_rt" if self.is_https else "sosa_rt"

    @property
    def known_name(self) -> str:
        """The other cookie. It outlives the session, and opens nothing at all."""
        return "__Host-sosa_known" if self.is_https else "sosa_known"

    def signed_in(self, value: SignedIn) -> Response:
        """The sealed answer, and the refresh token as the cookie."""
        return reply(Sealed(sealed=value.sealed), self._set(value.refresh, COOKIE_SECONDS))

    def admitted(self, value: Admission) -> Response:
        """The session, or what is still asked for; the cookies come with the session."""
        body = Admitted(sealed=value.sealed, next=value.next, methods=value.methods)
        answer = reply(body, self._set(value.refresh, COOKIE_SECONDS) if value.refresh else None)
        if value.known_device:
            known = self._set(value.known_device, KNOWN_SECONDS, self.known_name)
            answer.headers.append("Set-Cookie", known)
        return answer

    def signed_out(self, _value: SignedOut) -> Response:
        """Nothing, and no cookie any more."""
        headers = {
            "Set-Cookie": self._set("", 0),
            "Clear-Site-Data": '"storage"',
            "Cache-Control": "no-store",
        }
        return Response(status_code=204, headers=headers)

    def _set(self, value: str, max_age: int, name: str = "") -> str:
        secure = "Secure; " if self.is_https else ""
        flags = f"{secure}HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age}"
        return f"{name or self.name}={value}; {flags}"


def accepted(value: MailSent) -> Response:
    """That it was taken on."""
    # 202 (RFC 9110 15.3.3): whether anything comes of it is not said here.
    answer = reply(value, None)
    answer.status_code = 202
    return answer


def jwks(value: Jwks) -> Response:
    """The JWK set as such, with what caches need."""
    body = msgspec.json.encode(value)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "public, max-age=300"}
    return Response(body, media_type="application/json", headers=headers)


def archive(value: Archive) -> Response:
    """A file to keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{value.name}"',
        "Cache-Control": "no-store",
    }
    return Response(value.content, media_type="application/zip", headers=headers)


def reply(value: Value, cookie: str | None) -> Response:
    """An answer in its envelope, with a cookie perhaps. Nobody keeps it on the way."""
    headers = {"Cache-Control": "no-store"}
    if cookie:
        headers["Set-Cookie"] = cookie
    return Response(envelope.success(value), media_type="application/json", headers=headers)
