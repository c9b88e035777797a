"""Who may ask something, as `requests` knows them: by what they add to a finished request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from backend.kit.tokens.services import ServiceSigner
from tests.device import Device


@dataclass(frozen=True)
class Asked:
    """What a proof speaks of."""

    method: str
    path: str
    query: bytes
    body: bytes


def asked_by(request: PreparedRequest) -> Asked:
    """What a request says, once nothing of it will change any more."""
    url = urlsplit(request.url or "")
    body = cast("str | bytes", request.body or b"")
    return Asked(
        method=request.method or "",
        path=unquote(str(url.path)),
        query=str(url.query).encode(),
        body=body.encode() if isinstance(body, str) else body,
    )


@dataclass
class Proven(AuthBase):
    """A device, which signs each request, and shows its token or its cookie where it has one."""

    device: Device
    audience: str
    has_token: bool = True
    has_cookie: bool = False
    changed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Claims of the proof that are to be wrong."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        asked = asked_by(request)
        token = self.device.access[self.audience] if self.has_token else None
        request.headers["Sosa-Proof"] = self.device.proof(
            self.audience, asked.method, asked.path, query=asked.query, body=asked.body,
            presented=token, **self.changed,
        )  # fmt: skip
        if token:
            request.headers["Authorization"] = f"SoSa {token}"
        if self.has_cookie:
            request.headers["Cookie"] = self.device.cookie
        return request


@dataclass
class Served(AuthBase):
    """A service, which signs each request."""

    signer: ServiceSigner
    audience: str

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        asked = asked_by(request)
        request.headers.update(
            self.signer.headers(
                self.audience, asked.method, asked.path, query=asked.query, body=asked.body
            )
        )
        return request
