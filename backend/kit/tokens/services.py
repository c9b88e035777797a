"""Service identity: how one service proves to another which one it is (docs/sign-in.md 8)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kit.callers import Service
from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera
from backend.kit.http.requests import RawRequest
from backend.kit.keyring import Identity
from backend.kit.tokens import shape
from backend.kit.tokens.errors import BadServiceError
from backend.kit.tokens.proofs import hashed

SCHEME = "SoSa-Service"
TYP = "svc+jwt"
ALG = "EdDSA"
LIFE_SECONDS = 60
MAX_CHARS = 2_048
_SKEW_SECONDS = 5
_REMEMBER_SECONDS = LIFE_SECONDS + _SKEW_SECONDS + 1
_MARK = b""
_jws = jwt.PyJWS(algorithms=[ALG])


@dataclass(frozen=True, slots=True)
class ServiceSigner:
    """Signs the requests of one service. A token is for one request, as proofs of devices are."""

    identity: Identity
    clock: Clock

    def headers(
        self, audience: str, method: str, path: str, *, query: bytes = b"", body: bytes = b""
    ) -> dict[str, str]:
        """The headers of a request to the service `audience`."""
        now = int(self.clock.now())
        name = f"svc:{self.identity.service}"
        claims = {
            "iss": name,
            "sub": name,
            "aud": f"svc:{audience}",
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "jti": secrets.token_urlsafe(18),
            **_bound(method, path, query, body),
        }
        return {"Authorization": f"{SCHEME} {sign_claims(claims, self.identity)}"}


def sign_claims(claims: Mapping[str, Any], identity: Identity) -> str:
    """Any claims under a service's key, with the header of a service identity."""
    header = {"typ": TYP, "kid": identity.kid}
    return _jws.encode(json.dumps(claims).encode(), identity.private_key, ALG, header)


@dataclass(frozen=True, slots=True)
class ServiceVerifier:
    """Proves the Service behind a request. What it may do is up to the operation's allow-list."""

    name: str
    """The service that is asked."""
    keys: Mapping[str, tuple[str, Ed25519PublicKey]]
    """The pinned registry: a key is of the service it was registered for, whatever a token says."""
    ephemera: Ephemera
    clock: Clock

    async def __call__(self, request: RawRequest) -> Service:
        """The service. Raises BadServiceError."""
        return (await self.prove(request))[0]

    async def prove(self, request: RawRequest) -> tuple[Service, str]:
        """The service, and the name of the key it proved itself with. Raises BadServiceError."""
        token = shape.credentials(request.headers.get("authorization"), SCHEME)
        if token is None:
            raise BadServiceError
        service, kid, claims = self._verified(token)
        self._check(service, claims, request)
        jti = claims["jti"]
        if not await self.ephemera.add(f"svc:{service}:{jti}", _MARK, _REMEMBER_SECONDS):
            raise BadServiceError
        return Service(name=service), kid

    def _verified(self, token: str) -> tuple[str, str, dict[str, Any]]:
        try:
            kid = shape.read_header(token, typ=TYP, alg=ALG, max_chars=MAX_CHARS)
            service, key = self.keys[kid]
            payload: bytes = _jws.decode(token, key, [ALG])
            return service, kid, shape.read_object(payload)
        except (ValueError, KeyError, jwt.PyJWTError):
            raise BadServiceError from None

    def _check(self, service: str, claims: Mapping[str, Any], request: RawRequest) -> None:
        issued, ends, now = claims.get("iat"), claims.get("exp"), self.clock.now()
        wanted = {
            **dict.fromkeys(("qh", "bh")),
            "iss": f"svc:{service}",
            "sub": f"svc:{service}",
            "aud": f"svc:{self.name}",
            **_bound(request.method, request.path, request.query, request.body),
        }
        if any(claims.get(name) != value for name, value in wanted.items()):
            raise BadServiceError
        if not (shape.is_time(issued) and shape.is_time(ends) and shape.is_text(claims, "jti")):
            raise BadServiceError
        if not claims["iat"] - _SKEW_SECONDS <= now < claims["exp"] <= claims["iat"] + LIFE_SECONDS:
            raise BadServiceError


def _bound(method: str, path: str, query: bytes, body: bytes) -> dict[str, str]:
    # The path alone: `aud` already says which service, and its internal address is nobody's name.
    bound = {"htm": method, "htu": path}
    if query:
        bound["qh"] = hashed(query)
    if body:
        bound["bh"] = hashed(body)
    return bound
