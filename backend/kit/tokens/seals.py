"""Sealed replies: what only the device that asked can open (docs/sign-in.md 4)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend.kit.tokens import base64url, shape

TYP = "sosa-seal+jwt"
_ALGORITHMS = ["dir", "A256GCM"]
_encrypt = partial(jwe.encrypt_compact, algorithms=_ALGORITHMS)
_decrypt = partial(jwe.decrypt_compact, algorithms=_ALGORITHMS)
_PARTS = 5


def seal(payload: Mapping[str, Any], key: bytes, kid: str) -> str:
    """The payload as a compact JWE under the device's reply key."""
    header = {"alg": "dir", "enc": "A256GCM", "typ": TYP, "kid": kid}
    return _encrypt(header, msgspec.json.encode(payload), OctKey.import_key(key))


def open_seal(sealed: str, key: bytes, kid: str, *, rjti: str) -> dict[str, Any]:
    """What was sealed, as a client opens it. Raises ValueError for what is not meant for it.

    `rjti` names the request that this answers: an old answer, or one to another question, is not
    taken.
    """
    parts = sealed.split(".")
    if len(parts) != _PARTS:
        raise ValueError("not a compact JWE")
    header = shape.read_object(base64url.decode(parts[0]))
    if header != {"alg": "dir", "enc": "A256GCM", "typ": TYP, "kid": kid}:
        raise ValueError("not the header of a sealed reply")
    try:
        opened = _decrypt(sealed, OctKey.import_key(key))
    except JoseError:
        raise ValueError("sealed with another key") from None
    payload = shape.read_object(opened.plaintext)
    if payload.get("rjti") != rjti:
        raise ValueError("the answer to another request")
    return payload
