"""The key schedule: what both sides derive from a device secret and keep (docs/sign-in.md 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kit.tokens import base64url

AUDIENCES = ("auth", "ui", "profiles", "messaging", "community")
"""Services that take proofs. A key is for one of them, so that a broken one knows nothing for the
others."""
SECRET_BYTES = 32
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Leaves:
    """Everything that is derived from one device secret and its salt."""

    kid: str
    """The name of the device's keys. Both sides derive it; the client stops when they differ."""
    proof_keys: Mapping[str, bytes] = field(repr=False)
    """HS256 key for the proofs, by audience."""
    seal_key: bytes = field(repr=False)
    """A256GCM key of the replies."""
    code_verifier: str = field(repr=False)
    """PKCE verifier of a social sign-in."""


def derive(secret: bytes, salt: bytes) -> Leaves:
    """The leaves of a device secret. They cannot be turned back into it, nor into each other."""
    return Leaves(
        kid=base64url.encode(_expand(secret, salt, "kid")[:16]),
        proof_keys={name: _expand(secret, salt, f"c2s proof {name}") for name in AUDIENCES},
        seal_key=_expand(secret, salt, "s2c seal"),
        code_verifier=base64url.encode(_expand(secret, salt, "pkce")),
    )


def _expand(secret: bytes, salt: bytes, label: str) -> bytes:
    info = f"sosa/1 {label}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)
