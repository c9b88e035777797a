"""One device, one service and one signer, with nothing between them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.ephemera import InProcessEphemera
from backend.kit.http.requests import RawRequest
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.keyring import Keyring
from backend.kit.tokens.access import Grant, SigningKey, WrapKey, mint
from backend.kit.tokens.members import MemberVerifier
from backend.kit.tokens.nonces import nonces_of
from backend.kit.tokens.proofs import DeviceKey
from backend.kit.tokens.published import PublishedKeys, to_jwk
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.schedule import Leaves, derive
from tests.device import b64, hashed, new_jti, sign, unb64

ORIGIN = "https://sosa.example"
ADA = Member(
    user_id=UserId("ada"),
    session_id=SessionId("s-ada"),
    device_id=DeviceId("d-ada"),
    roles=("moderator",),
    acr="std",
    auth_time=1_800_000_000,
)


@dataclass
class Bench:
    """What a service has, and what a device has."""

    folder: Path
    clock: ManualClock
    signing: SigningKey = field(
        default_factory=lambda: SigningKey("sign-1", Ed25519PrivateKey.generate())
    )
    leaves: Leaves = field(default_factory=lambda: derive(bytes(range(32)), b"s" * 32))
    published: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    fetches: int = 0

    def __post_init__(self) -> None:
        self.keyring = Keyring.open(self.folder / "keys.json")
        self.ephemera = InProcessEphemera(self.clock)
        self.revocations = Revocations(self.clock)
        self.published.append(to_jwk("sign-1", self.signing.private_key.public_key()))
        self.keys = PublishedKeys(self.fetch, self.clock)

    @property
    def now(self) -> int:
        return int(self.clock.now())

    async def fetch(self) -> dict[str, Any]:
        self.fetches += 1
        return {"keys": list(self.published)}

    def verifier(self, audience: str = "profiles", *, nonces: bool = False) -> MemberVerifier:
        return MemberVerifier(
            audience=audience,
            public_origin=ORIGIN,
            wrap_keys=self.keyring.wrap_keys(audience),
            signing_keys=self.keys,
            ephemera=self.ephemera,
            revocations=self.revocations,
            clock=self.clock,
            nonces=nonces_of(self.keyring, self.clock) if nonces else None,
        )

    def key(self, audience: str = "profiles") -> DeviceKey:
        return DeviceKey(self.leaves.kid, self.leaves.proof_keys[audience])

    def wrap(self, audience: str = "profiles") -> WrapKey:
        return WrapKey(*list(self.keyring.wrap_keys(audience).items())[-1])

    def grant(self, audience: str = "profiles") -> Grant:
        return Grant(ORIGIN, audience, ADA, self.key(audience), ("pwd",), 0)

    def token(self, audience: str = "profiles") -> str:
        return mint(self.grant(audience), self.signing, self.wrap(audience), now=self.now)

    def proof(self, token: str, *, key: bytes | None = None, **changed: Any) -> str:
        """A proof for the request below, by an implementation that is not the kit's."""
        claims = {
            "aud": "profiles",
            "htm": "POST",
            "htu": f"{ORIGIN}/profiles/v1/me",
            "bh": hashed(b"{}"),
            "ath": hashed(token.encode()),
            "iat": self.now,
            "jti": new_jti(),
            **changed,
        }
        kept = {name: value for name, value in claims.items() if value is not ...}
        return sign(kept, key or self.key().key, self.leaves.kid)


def request(token: str | None, proof: str | None, **changed: Any) -> RawRequest:
    """A request to change a profile."""
    headers: dict[str, str] = {}
    if token is not None:
        headers["authorization"] = f"SoSa {token}"
    if proof is not None:
        headers["sosa-proof"] = proof
    shape: dict[str, Any] = {
        "method": "POST",
        "path": "/profiles/v1/me",
        "query": b"",
        "headers": headers,
        "body": b"{}",
        "network": "127.0.0.1",
    }
    return RawRequest(**(shape | changed))


def payload_of(token: str) -> dict[str, Any]:
    """The claims of a JWS, unverified."""
    return dict(json.loads(unb64(token.split(".")[1])))


def jws(header: dict[str, Any], payload: str, signature: bytes = b"") -> str:
    """Any three parts."""
    return f"{b64(json.dumps(header).encode())}.{b64(payload.encode())}.{b64(signature)}"
