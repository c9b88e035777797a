"""On behalf of: how a service shows that a member sent it (ADR-0009; RFC 8693).

A service proves itself with its identity, and shows a token that auth made for it: who sent it, to
which service, for a minute. The token is bound to the key of the service it was made for (RFC 7800,
`cnf.jkt`), so another service that saw it can do nothing with it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kit import logs
from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.http.requests import RawRequest
from backend.kit.ids import DeviceId, SessionId, UserId, new_id
from backend.kit.tokens import shape
from backend.kit.tokens.access import SigningKey
from backend.kit.tokens.errors import InvalidTokenError
from backend.kit.tokens.published import PublishedKeys
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.services import ServiceVerifier

HEADER = "sosa-on-behalf"
TYP = "obo+jwt"
ALG = "EdDSA"
LIFE_SECONDS = 60
MAX_CHARS = 2_048
DELEGATES = frozenset({"ui"})
"""The services that may ever act for members. The others act as themselves."""
_SKEW_SECONDS = 5
_jws = jwt.PyJWS(algorithms=[ALG])


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a new token is to say."""

    issuer: str
    audience: str
    member: Member
    service: str
    service_kid: str
    epoch: int


def mint(delegation: Delegation, signing: SigningKey, *, now: int) -> str:
    """A token that lets one service act for a member at another, for a minute."""
    member = delegation.member
    claims = {
        "iss": delegation.issuer,
        "sub": member.user_id,
        "act": {"sub": f"svc:{delegation.service}"},
        "aud": delegation.audience,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": new_id(),
        "sid": member.session_id,
        "did": member.device_id,
        "roles": member.roles,
        "acr": member.acr,
        "auth_time": member.auth_time,
        "epoch": delegation.epoch,
        "scope": "member",
        "cnf": {"jkt": delegation.service_kid},
    }
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return _jws.encode(payload, signing.private_key, ALG, {"typ": TYP, "kid": signing.kid})


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateVerifier:
    """Proves the Member behind a request that another service makes for them."""

    audience: str
    issuer: str
    services: ServiceVerifier
    signing_keys: PublishedKeys
    revocations: Revocations
    clock: Clock

    async def __call__(self, request: RawRequest) -> Member:
        """The member. Raises BadServiceError or InvalidTokenError."""
        service, service_kid = await self.services.prove(request)
        if service.name not in DELEGATES:
            raise InvalidTokenError
        claims = await self._verified(request.headers.get(HEADER, ""))
        self._check(claims, service.name, service_kid)
        logs.concern(claims["sub"])
        return Member(
            user_id=UserId(claims["sub"]),
            session_id=SessionId(claims["sid"]),
            device_id=DeviceId(claims["did"]),
            roles=tuple(str(role) for role in claims["roles"]),
            acr=claims["acr"],
            auth_time=claims["auth_time"],
        )

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            kid = shape.read_header(token, typ=TYP, alg=ALG, max_chars=MAX_CHARS)
            key: Ed25519PublicKey | None = await self.signing_keys.find(kid)
            if key is None or self.revocations.is_dropped(kid):
                raise InvalidTokenError
            return shape.read_object(_jws.decode(token, key, [ALG]))
        except (ValueError, jwt.PyJWTError):
            raise InvalidTokenError from None

    def _check(self, claims: Mapping[str, Any], service: str, service_kid: str) -> None:
        wanted = {
            "iss": self.issuer,
            "aud": self.audience,
            "act": {"sub": f"svc:{service}"},
            "cnf": {"jkt": service_kid},
        }
        if any(claims.get(name) != value for name, value in wanted.items()):
            raise InvalidTokenError
        if not shape.is_text(claims, "sub", "sid", "did", "acr"):
            raise InvalidTokenError
        if not all(
            shape.is_time(claims.get(name)) for name in ("iat", "exp", "auth_time", "epoch")
        ):
            raise InvalidTokenError
        if not isinstance(claims.get("roles"), list):
            raise InvalidTokenError
        if not claims["iat"] - _SKEW_SECONDS <= self.clock.now() < claims["exp"]:
            raise InvalidTokenError
        if self.revocations.is_revoked(SessionId(claims["sid"])):
            raise InvalidTokenError
        if self.revocations.is_outdated(UserId(claims["sub"]), claims["epoch"]):
            raise InvalidTokenError
