"""Access tokens: who asks, told by auth to one service for five minutes.

In docs/sign-in.md 5; their shape is that of RFC 9068.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend.kit.callers import Member
from backend.kit.ids import DeviceId, SessionId, UserId, new_id
from backend.kit.tokens import base64url, shape
from backend.kit.tokens.errors import InvalidTokenError
from backend.kit.tokens.proofs import DeviceKey

TYP = "at+jwt"
ALG = "EdDSA"
LIFE_SECONDS = 300
MAX_CHARS = 4_096
_FUTURE_SECONDS = 5
"""How far the clock of auth may be ahead of a service's."""
_WRAP = ["A256KW", "A256GCM"]
_encrypt = partial(jwe.encrypt_compact, algorithms=_WRAP)
_decrypt = partial(jwe.decrypt_compact, algorithms=_WRAP)
_jws = jwt.PyJWS(algorithms=[ALG])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that auth signs with."""

    kid: str
    private_key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrapKey:
    """The key under which one service is told device keys."""

    kid: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says."""

    kid: str
    """Which key signed it."""
    member: Member
    device: DeviceKey
    """The key whose proof must come along: without it the token opens nothing."""
    issued_at: int
    expires_at: int
    epoch: int
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a new token is to say."""

    issuer: str
    audience: str
    member: Member
    device: DeviceKey
    amr: tuple[str, ...]
    epoch: int


def mint(grant: Grant, signing: SigningKey, wrap: WrapKey, *, now: int) -> str:
    """An access token for one service."""
    member = grant.member
    claims = {
        "iss": grant.issuer,
        "sub": member.user_id,
        "aud": grant.audience,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": new_id(),
        "sid": member.session_id,
        "did": member.device_id,
        "client": "sosa",
        "auth_time": member.auth_time,
        "acr": member.acr,
        "amr": grant.amr,
        "roles": member.roles,
        "scope": "member",
        "epoch": grant.epoch,
        "cnf": {"kid": grant.device.kid, "jwe": _wrapped(grant.device, wrap)},
    }
    return sign_claims(claims, signing)


def sign_claims(claims: Mapping[str, Any], signing: SigningKey) -> str:
    """Any claims under a signing key, with the header of an access token."""
    return _jws.encode(
        msgspec.json.encode(claims), signing.private_key, ALG, {"typ": TYP, "kid": signing.kid}
    )


def read_kid(token: str) -> str:
    """Which key the token says has signed it. Raises InvalidTokenError for what cannot be one."""
    try:
        return shape.read_header(token, typ=TYP, alg=ALG, max_chars=MAX_CHARS)
    except ValueError:
        raise InvalidTokenError from None


def verify(
    token: str,
    public_key: Ed25519PublicKey,
    *,
    issuer: str,
    audience: str,
    wrap_keys: Mapping[str, bytes],
) -> AccessToken:
    """What the token says, if auth signed it for this audience. Raises InvalidTokenError.

    Time and revocation are not looked at: they change, and are asked on every use (`check_time`).
    """
    kid = read_kid(token)
    try:
        payload: bytes = _jws.decode(token, public_key, [ALG])
        claims = shape.read_object(payload)
        if claims.get("iss") != issuer or claims.get("aud") != audience:
            raise InvalidTokenError
        return _told(kid, claims, _unwrapped(claims.get("cnf"), wrap_keys))
    except (jwt.PyJWTError, JoseError, ValueError):
        raise InvalidTokenError from None


def check_time(token: AccessToken, now: float) -> None:
    """Raise InvalidTokenError unless the token is of now."""
    if token.expires_at <= now or token.issued_at > now + _FUTURE_SECONDS:
        raise InvalidTokenError


def _told(kid: str, claims: Mapping[str, Any], device: DeviceKey) -> AccessToken:
    times = ("iat", "exp", "auth_time", "epoch")
    if not shape.is_text(claims, "sub", "sid", "did", "acr", "jti"):
        raise InvalidTokenError
    if not all(shape.is_time(claims.get(name)) for name in times):
        raise InvalidTokenError
    member = Member(
        user_id=UserId(claims["sub"]),
        session_id=SessionId(claims["sid"]),
        device_id=DeviceId(claims["did"]),
        roles=_words(claims.get("roles")),
        acr=claims["acr"],
        auth_time=claims["auth_time"],
    )
    return AccessToken(
        kid=kid,
        member=member,
        device=device,
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        epoch=claims["epoch"],
        amr=_words(claims.get("amr")),
    )


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InvalidTokenError
    words = tuple(cast("list[object]", value))
    if not all(isinstance(word, str) for word in words):
        raise InvalidTokenError
    return cast("tuple[str, ...]", words)


def _wrapped(device: DeviceKey, wrap: WrapKey) -> str:
    # RFC 7800 3.3: the proof key travels inside the token, readable by the one service it is for.
    jwk = {"kty": "oct", "kid": device.kid, "k": base64url.encode(device.key)}
    header = {"alg": "A256KW", "enc": "A256GCM", "kid": wrap.kid}
    return _encrypt(header, msgspec.json.encode(jwk), OctKey.import_key(wrap.key))


def _unwrapped(cnf: object, wrap_keys: Mapping[str, bytes]) -> DeviceKey:
    if not isinstance(cnf, dict):
        raise InvalidTokenError
    members = cast("dict[str, Any]", cnf)
    if not shape.is_text(members, "jwe"):
        raise InvalidTokenError
    sealed: str = members["jwe"]
    header = shape.read_object(base64url.decode(sealed.partition(".")[0]))
    wrap_kid = header.get("kid")
    if header != {"alg": "A256KW", "enc": "A256GCM", "kid": wrap_kid} or wrap_kid not in wrap_keys:
        raise InvalidTokenError
    opened = _decrypt(sealed, OctKey.import_key(wrap_keys[str(wrap_kid)]))
    jwk = shape.read_object(opened.plaintext)
    # The kid is said twice, outside and inside: a wrapped key that was moved here from another
    # token differs.
    if (
        jwk.get("kty") != "oct"
        or jwk.get("kid") != members.get("kid")
        or not shape.is_text(jwk, "k", "kid")
    ):
        raise InvalidTokenError
    return DeviceKey(kid=jwk["kid"], key=base64url.decode(jwk["k"]))
