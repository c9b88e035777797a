"""What must be so of any JWS before a key is taken in hand: size, spelling, members.

Libraries are lenient in ways that each were somebody's hole: extra header members that name a key
(`jwk`, `jku`, `x5u`), `crit`, a member given twice and read differently by two parsers, other
spellings of the same bytes. Nothing here trusts a token; it only turns away what cannot be one of
ours.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn, TypeGuard, cast

from backend.kit.tokens import base64url

_PARTS = 3


def read_header(token: str, *, typ: str, alg: str, max_chars: int) -> str:
    """The `kid` of a compact JWS whose header is exactly `{typ, alg, kid}`. Raises ValueError."""
    if len(token) > max_chars:
        raise ValueError("too long")
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise ValueError("not a compact JWS")
    raw_header, _, _ = [base64url.decode(part) for part in parts]
    header = read_object(raw_header)
    kid = header.get("kid")
    if not isinstance(kid, str) or header != {"typ": typ, "alg": alg, "kid": kid}:
        raise ValueError("not the header of this kind of token")
    return kid


def read_object(raw: bytes | None) -> dict[str, Any]:
    """A JSON object that has every member once and only finite numbers. Raises ValueError."""
    if raw is None:
        raise ValueError("nothing")
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - callers take one kind of refusal
    return cast("dict[str, Any]", value)


def credentials(authorization: str | None, scheme: str) -> str | None:
    """What an `Authorization` header holds under a scheme (RFC 9110 11.4), if it holds anything."""
    if authorization is None:
        return None
    sent, _, held = authorization.partition(" ")
    return held or None if sent == scheme else None


def is_text(claims: Mapping[str, Any], *names: str) -> bool:
    """Whether each of these claims is there and a string."""
    return all(isinstance(claims.get(name), str) for name in names)


def is_time(value: object) -> TypeGuard[int]:
    """Whether a claim is a whole number of seconds. True and 1.0 are equal to 1 and are not one."""
    return type(value) is int


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member came twice")
    return members


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number")
