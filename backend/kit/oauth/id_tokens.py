"""What an id_token must be before a word of it is believed (OpenID Connect Core 3.1.3.7).

Our own, because the defaults of libraries are not: one took a token for somebody else when `azp`
was ours, an unsigned one when the provider's document listed `none`, an old one, and none at all.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import jwt

from backend.kit.tokens import base64url
from backend.kit.tokens.shape import is_time, read_object

MAX_CHARS = 16_384
MAX_SUBJECT = 255
MAX_AGE_SECONDS = 600
"""How old it may be: as long as somebody may take to sign in."""
SKEW_SECONDS = 60
MIN_RSA_BITS = 2048
_KEY_TYPES = {"RS256": ("RSA", None), "ES256": ("EC", "P-256")}


class IdTokenError(ValueError):
    """The token is not what was asked for. The message is for a log, and quotes nothing."""


class UnknownKeyError(IdTokenError):
    """It names a key that the provider's set does not hold; a newer set may."""


class StaleSignInError(IdTokenError):
    """It does not say that they showed just now who they are, where that was asked for."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was asked for."""

    issuer: str
    client_id: str
    algorithms: Sequence[str]
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    """What came with it."""
    now: float
    signed_in_since: float | None = None
    """They have to have shown the provider who they are since then; None: whenever it was."""


def verify(token: object, keys: Sequence[Mapping[str, Any]], expected: Expected) -> dict[str, Any]:
    """The claims of an id_token. Raises IdTokenError, UnknownKeyError, StaleSignInError."""
    if not isinstance(token, str) or not token:
        # A provider of OpenID that sends none has not said who somebody is.
        raise IdTokenError("there is no id_token")
    header = _read_header(token)
    key = _find_key(header, keys, expected.algorithms)
    try:
        payload = jwt.PyJWS().decode(token, key, algorithms=[header["alg"]])
        claims = read_object(payload)
    except (jwt.PyJWTError, ValueError):
        raise IdTokenError("the signature is not right") from None
    _check_parties(claims, expected)
    _check_times(claims, expected.now)
    _check_bindings(claims, expected)
    _check_sign_in(claims, expected)
    return claims


def _read_header(token: str) -> dict[str, Any]:
    if len(token) > MAX_CHARS:
        raise IdTokenError("too long")
    try:
        first, second, third = token.split(".")
        header = read_object(base64url.decode(first))
        base64url.decode(second)
        base64url.decode(third)
    except ValueError:
        raise IdTokenError("not a compact JWS") from None
    # A key that the token brings along, or an extension that has to be understood, is not for us.
    if {"crit", "b64", "jwk", "jku", "x5u", "x5c"} & header.keys():
        raise IdTokenError("its header asks for too much")
    return header


def _find_key(
    header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], algorithms: Sequence[str]
) -> Any:
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in algorithms or alg not in _KEY_TYPES:
        raise IdTokenError("signed in a way that is not on the list")
    kind, curve = _KEY_TYPES[alg]
    fitting = [
        key
        for key in keys
        if (key.get("kty"), key.get("crv")) == (kind, curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        # None, or a token that names no key where there are several.
        raise UnknownKeyError("signed by a key that is not known")
    try:
        key = jwt.PyJWK(dict(fitting[0]), algorithm=alg).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise IdTokenError("the provider's key cannot be read") from None
    if kind == "RSA" and key.key_size < MIN_RSA_BITS:
        raise IdTokenError("the provider's key is too short")
    return key


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise IdTokenError("from another issuer")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):
        # Also one that names us among others: none of those is trusted (3.1.3.7, 3).
        raise IdTokenError("for another audience")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise IdTokenError("issued to another party")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise IdTokenError("it names nobody")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not is_time(issued) or not is_time(expires):
        raise IdTokenError("without its times")
    if cast("int", expires) <= now:
        raise IdTokenError("expired")
    if not now - MAX_AGE_SECONDS <= cast("int", issued) <= now + SKEW_SECONDS:
        raise IdTokenError("not issued just now")
    begins = claims.get("nbf", issued)
    if not is_time(begins) or begins > now + SKEW_SECONDS:
        raise IdTokenError("not good yet")


def _check_bindings(claims: Mapping[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise IdTokenError("the answer to another question")
    if "at_hash" in claims:
        digest = hashlib.sha256(expected.access_token.encode()).digest()
        if claims["at_hash"] != base64url.encode(digest[: len(digest) // 2]):
            raise IdTokenError("it came with another access token")


def _check_sign_in(claims: Mapping[str, Any], expected: Expected) -> None:
    """Core 3.1.3.7, 12. Whatever was asked, a browser may have left it out on the way there."""
    since, told = expected.signed_in_since, claims.get("auth_time")
    if since is None:
        return
    if not is_time(told):
        raise StaleSignInError("it does not say when they signed in")
    if not since - SKEW_SECONDS <= cast("int", told) <= expected.now + SKEW_SECONDS:
        raise StaleSignInError("they did not sign in just now")
