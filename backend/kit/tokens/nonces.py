"""Nonces that nobody remembers: a five-minute bucket and a MAC over it and the device."""

import hashlib
import hmac

from backend.kit.clock import Clock
from backend.kit.tokens import base64url

HEADER = "Sosa-Nonce"
"""Where answers carry the next nonce; only to whoever has just proven to have the key."""
BUCKET_SECONDS = 300


class Nonces:
    """Makes and recognises nonces. One made for a device is no good for another.

    They end the life of proofs that were made in advance: a page that was taken over for a minute
    cannot sign proofs for next week, as it would not know next week's nonce.
    """

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def fresh(self, kid: str) -> str:
        """The nonce of now for a device."""
        return self._of(self._bucket(), kid)

    def is_good(self, nonce: object, kid: str) -> bool:
        """Whether a nonce is of this bucket or the one before, so good for five to ten minutes."""
        if not isinstance(nonce, str):
            return False
        now = self._bucket()
        return any(
            hmac.compare_digest(nonce.encode(errors="replace"), self._of(bucket, kid).encode())
            for bucket in (now, now - 1)
        )

    def _bucket(self) -> int:
        return int(self._clock.now()) // BUCKET_SECONDS

    def _of(self, bucket: int, kid: str) -> str:
        mac = hmac.digest(self._key, f"{bucket}|{kid}".encode(), hashlib.sha256)
        return f"{bucket}.{base64url.encode(mac[:16])}"
