"""The public keys of auth, as other services know them (RFC 7517)."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kit.clock import Clock
from backend.kit.tokens import base64url
from backend.kit.tokens.revocations import Mark, Revocations, names_key

Fetch = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gets the JWK set: from auth in the same process, or over HTTP."""
MAX_AGE_SECONDS = 300
UNKNOWN_KID_SECONDS = 60
"""Unknown kids cause at most one fetch in this time: anyone can invent a kid, and auth must not pay
for it."""

_log = structlog.get_logger("sosa.tokens")


def to_jwk(kid: str, key: Ed25519PublicKey) -> dict[str, str]:
    """A signing key as it is published."""
    x = base64url.encode(key.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x, "use": "sig", "alg": "EdDSA"}


class PublishedKeys:
    """Keys by kid, fetched when they are old or do not hold the one that is asked for."""

    def __init__(self, fetch: Fetch, clock: Clock, revocations: Revocations | None = None) -> None:
        """`revocations` tell when a key was dropped, and another must be looked for at once."""
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched_at = -math.inf
        self._turn = asyncio.Lock()
        self._dropped = set[Mark]()
        if revocations is not None:
            revocations.listen_to_marks(self._on_mark)

    async def find(self, kid: str) -> Ed25519PublicKey | None:
        """The key of that name, or None when auth does not publish it."""
        seen = self._fetched_at
        if self._is_due(kid):
            async with self._turn:
                # Unless somebody did while this one waited, and no key was dropped since.
                if self._fetched_at <= seen:
                    await self._refresh()
        return self._keys.get(kid)

    def _on_mark(self, mark: Mark) -> None:
        if names_key(mark):
            self._fetched_at = -math.inf
            self._dropped.add(mark)

    def _is_due(self, kid: str) -> bool:
        limit = MAX_AGE_SECONDS if kid in self._keys else UNKNOWN_KID_SECONDS
        return self._clock.now() - self._fetched_at >= limit

    async def _refresh(self) -> None:
        # The time is set once the answer is there: whoever asks meanwhile waits for it, and does
        # not take "not yet fetched" for "not published".
        dropped = set(self._dropped)
        try:
            published = await self._fetch()
        except Exception:
            # Auth may be away for a moment; keys that were good five minutes ago still are.
            _log.exception("signing_keys_not_fetched")
            if not self._keys:
                raise
            self._fetched_at = self._clock.now()
            return
        # What was on its way when a key was dropped may be of before that.
        self._fetched_at = self._clock.now() if dropped == self._dropped else -math.inf
        self._keys = {jwk["kid"]: _to_key(jwk) for jwk in published["keys"] if _is_ours(jwk)}


def _is_ours(jwk: Mapping[str, Any]) -> bool:
    return jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519" and jwk.get("use") == "sig"


def _to_key(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64url.decode(jwk["x"]))
