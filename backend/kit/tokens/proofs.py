"""Proof JWTs: what a device signs for every single request (docs/sign-in.md 3)."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import jwt

from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera
from backend.kit.tokens import base64url, shape
from backend.kit.tokens.errors import (
    ForeignProofError,
    ForgedProofError,
    InvalidProofError,
    ProofRequiredError,
    ReplayedProofError,
    StaleProofError,
    UseNonceError,
)
from backend.kit.tokens.nonces import Nonces

HEADER = "sosa-proof"
TYP = "sosa-proof+jwt"
ALG = "HS256"
MAX_CHARS = 2_048
MAX_AGE_SECONDS = 60
"""How far `iat` may be off, either way."""
REMEMBER_SECONDS = 2 * MAX_AGE_SECONDS + 1
"""How long a used `jti` is remembered: a proof dated a minute ahead lives for two, the last instant
included."""
_JTI = re.compile(r"[A-Za-z0-9._~-]{16,64}")
_jws = jwt.PyJWS(algorithms=[ALG])


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The key by which one device proves itself to one audience."""

    kid: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a proof must speak of: this request and no other."""

    htm: str
    """Method, or `WS` for the authentication of a socket."""
    htu: str
    """Public origin, from configuration, and path. Never from Host or X-Forwarded-*: those are the
    sender's."""
    query: bytes = b""
    body: bytes = b""
    presented: str | None = field(default=None, repr=False)
    """The access token or ticket that came along."""
    cn: str | None = None
    """The challenge of a socket."""


def hashed(data: bytes | str) -> str:
    """b64u(SHA-256(data)), as proofs name what they are bound to."""
    return base64url.encode(
        hashlib.sha256(data.encode() if isinstance(data, str) else data).digest()
    )


def make_proof(
    device: DeviceKey, audience: str, claim: Claim, *, now: int, nonce: str | None = None
) -> str:
    """A proof, as a device makes it."""
    claims = {
        **_expected(audience, claim),
        "iat": now,
        "jti": secrets.token_urlsafe(18),
        **({"nonce": nonce} if nonce else {}),
    }
    return sign_claims(claims, device)


def sign_claims(claims: dict[str, Any], device: DeviceKey) -> str:
    """Any claims under a device's key, with the header of a proof."""
    header = {"typ": TYP, "kid": device.kid}
    return _jws.encode(json.dumps(claims).encode(), device.key, ALG, header)


def read_kid(proof: str) -> str:
    """Whose proof it says it is; nothing is verified yet. Raises InvalidProofError."""
    try:
        return shape.read_header(proof, typ=TYP, alg=ALG, max_chars=MAX_CHARS)
    except ValueError:
        raise InvalidProofError from None


class ProofVerifier:
    """Verifies the proofs meant for one audience. Each is accepted once, in the whole house."""

    def __init__(
        self, audience: str, *, ephemera: Ephemera, clock: Clock, nonces: Nonces | None = None
    ) -> None:
        self._audience = audience
        self._ephemera = ephemera
        self._clock = clock
        self._nonces = nonces

    async def verify(self, proof: str | None, device: DeviceKey, claim: Claim) -> str:
        """The proof's `jti`, if the proof is by this device, for this claim, of now, and new.

        Raises the errors of `backend.kit.tokens.errors`. When the replay marks cannot be reached
        nothing is accepted: that error is let through. The order is from cheap to dear.
        """
        claims = self._signed_claims(proof, device)
        if any(claims.get(name) != value for name, value in self._wanted(claim).items()):
            raise InvalidProofError
        jti = claims.get("jti")
        if not isinstance(jti, str) or not _JTI.fullmatch(jti):
            raise InvalidProofError
        self._check_time(claims, device)
        if not await self._ephemera.add(f"proof:{device.kid}:{jti}", b"", REMEMBER_SECONDS):
            raise ReplayedProofError
        return jti

    def _signed_claims(self, proof: str | None, device: DeviceKey) -> dict[str, Any]:
        if not proof:
            raise ProofRequiredError
        if read_kid(proof) != device.kid:
            raise ForeignProofError
        try:
            payload: bytes = _jws.decode(proof, device.key, [ALG])
        except jwt.PyJWTError:
            raise ForgedProofError from None
        try:
            return shape.read_object(payload)
        except ValueError:
            raise InvalidProofError from None

    def _wanted(self, claim: Claim) -> dict[str, str | None]:
        # A claim that is not expected must be absent: None is what a missing one reads as, and a
        # null in the proof says the same.
        absent = dict.fromkeys(("qh", "bh", "ath", "cn"))
        return {**absent, **_expected(self._audience, claim)}

    def _check_time(self, claims: dict[str, Any], device: DeviceKey) -> None:
        issued, now = claims.get("iat"), self._clock.now()
        if not shape.is_time(issued):
            raise InvalidProofError
        if abs(now - int(claims["iat"])) > MAX_AGE_SECONDS:
            raise StaleProofError(server_time=int(now))
        if self._nonces and not self._nonces.is_good(claims.get("nonce"), device.kid):
            raise UseNonceError(nonce=self._nonces.fresh(device.kid))


def _expected(audience: str, claim: Claim) -> dict[str, str]:
    expected = {"aud": audience, "htm": claim.htm, "htu": claim.htu}
    if claim.query:
        expected["qh"] = hashed(claim.query)
    if claim.body:
        expected["bh"] = hashed(claim.body)
    if claim.presented is not None:
        expected["ath"] = hashed(claim.presented)
    if claim.cn is not None:
        expected["cn"] = claim.cn
    return expected
