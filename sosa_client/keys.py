"""The device-secret scheme, the client's half (docs/sign-in.md 2 to 4)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from sosa_client.errors import ProtocolError

AUDIENCES = ("auth", "profiles", "messaging", "community")
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """What is kept of a secret: keys to prove with, and the key that opens answers."""

    kid: str
    proof: Mapping[str, bytes] = field(repr=False)
    seal: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a proof speaks of: one request, or the opening of a socket."""

    audience: str
    method: str
    url: str
    """Public origin and path, without the query."""
    query: str = ""
    body: bytes = b""
    presented: str = field(default="", repr=False)
    """The access token or ticket that comes along."""
    nonce: str = ""
    challenge: str = ""


def derive(secret: bytes, salt: bytes, kid: str = "") -> Keys:
    """The keys of a secret. Raises ProtocolError when the house derived others."""

    def leaf(label: str) -> bytes:
        info = f"sosa/1 {label}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)

    own_kid = b64(leaf("kid")[:16])
    if kid and kid != own_kid:
        raise ProtocolError("The house derived other keys from this secret than we did.")
    proof = {audience: leaf(f"c2s proof {audience}") for audience in AUDIENCES}
    return Keys(own_kid, proof, leaf("s2c seal"))


def prove(keys: Keys, claim: Claim, *, now: float, jti: str) -> str:
    """A proof for one request, good for a minute and once."""
    claims = {
        "aud": claim.audience,
        "htm": claim.method,
        "htu": claim.url,
        "qh": _hash(claim.query.encode()),
        "bh": _hash(claim.body),
        "ath": _hash(claim.presented.encode()),
        "iat": int(now),
        "jti": jti,
        "nonce": claim.nonce,
        "cn": claim.challenge,
    }
    header = {"typ": "sosa-proof+jwt", "kid": keys.kid}
    said = {name: value for name, value in claims.items() if value}
    return jwt.encode(said, keys.proof[claim.audience], algorithm="HS256", headers=header)


def open_sealed(keys: Keys, sealed: str, *, jti: str) -> dict[str, Any]:
    """What was sealed for us as the answer to our request `jti`. Raises ProtocolError.

    An answer to another request, put in the way of this one, is not believed.
    """
    wanted = {"alg": "dir", "enc": "A256GCM", "typ": "sosa-seal+jwt", "kid": keys.kid}
    try:
        opened = jwe.decrypt_compact(
            sealed, OctKey.import_key(keys.seal), algorithms=["dir", "A256GCM"]
        )
        payload = cast("dict[str, Any]", json.loads(opened.plaintext or b""))
    except (JoseError, ValueError) as error:
        raise ProtocolError("An answer came that was not sealed for us.") from error
    if opened.headers() != wanted or payload.get("rjti") != jti:
        raise ProtocolError("An answer came that was not for this request.")
    return payload


def new_secret() -> bytes:
    """A device secret. It travels once, at the start of a way in."""
    return secrets.token_bytes(SECRET_BYTES)


def new_id() -> str:
    """A name for a request or a message that nobody else has."""
    return secrets.token_urlsafe(18)


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes again. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hash(data: bytes) -> str:
    return b64(hashlib.sha256(data).digest()) if data else ""
