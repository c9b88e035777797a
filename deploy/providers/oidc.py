"""A pretended OpenID provider, like Google."""

import hashlib
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.kit.tokens import base64url
from deploy.providers.faults import Faults
from deploy.providers.oauth2 import Provider
from deploy.providers.server import CLIENT_ID, CLIENT_SECRET, Code


class OpenIdProvider(Provider):
    """An OAuth 2 provider that also says who somebody is, in a signed token."""

    def __init__(
        self,
        name: str,
        label: str,
        base_url: str,
        origin: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name, label, base_url, origin)
        self._now = now

    def routes(self) -> list[BaseRoute]:
        """Everything that it serves."""
        return [
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/jwks", self._jwks),
            Route("/.well-known/openid-configuration", self._document),
        ]

    def granted(self, answer: dict[str, Any], code: Code) -> dict[str, Any]:
        """The token answer, with the id_token."""
        if not self.faults.sends_id_token:
            return answer
        digest = hashlib.sha256(answer["access_token"].encode()).digest()
        now = int(self._now())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": code.visitor.subject,
            "iat": now,
            "exp": now + 3_600,
            "nonce": code.nonce,
            "at_hash": base64url.encode(digest[:16]),
            "name": code.visitor.name,
            "given_name": code.visitor.name,
            # They say who they are at every consent, which is signing in.
            "auth_time": now - self.faults.signed_in_ago if code.wants_auth_time else None,
            **self.faults.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        return {**answer, "id_token": _signed(told, self.faults)}

    async def _jwks(self, _request: Request) -> Response:
        public = RSAAlgorithm.to_jwk(_key("own").public_key(), as_dict=True)
        return JSONResponse(
            {"keys": [{**public, "kid": self.faults.kid, "use": "sig", "alg": "RS256"}]}
        )

    async def _document(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.faults.documented_as or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": self.faults.algorithms,
                "authorization_response_iss_parameter_supported": True,
            }
        )


def _signed(claims: dict[str, Any], faults: Faults) -> str:
    headers = {"kid": faults.kid}
    match faults.signing:
        case "none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        case "secret":
            secret = CLIENT_SECRET.ljust(32, "x")
            return jwt.encode(claims, secret, algorithm="HS256", headers=headers)
        case "foreign":
            return jwt.encode(claims, _key("foreign"), algorithm="RS256", headers=headers)
        case _:
            return jwt.encode(claims, _key("own"), algorithm="RS256", headers=headers)


@cache
def _key(whose: str) -> RSAPrivateKey:  # noqa: ARG001 - one for each
    # Made when it is first needed, and kept: it takes a tenth of a second.
    return generate_private_key(public_exponent=65_537, key_size=2_048)
