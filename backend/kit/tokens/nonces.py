"""Nonces that nobody remembers: a five-minute bucket and a MAC over it and the device."""

import hmac
from collections.abc import Callable

from backend.kit.clock import Clock
from backend.kit.keyring import Keyring
from backend.kit.tokens import base64url

HEADER = "Sosa-Nonce"
"""Where answers carry the next nonce; only to whoever has just proven to have the key."""
BUCKET_SECONDS = 300


class Nonces:
    """Makes and recognises nonces. One made for a device is no good for another.

    They end the life of proofs that were made in advance: a page that was taken over for a minute
    cannot sign proofs for next week, as it would not know next week's nonce.
    """

    def __init__(self, keys: Callable[[], tuple[bytes, ...]], clock: Clock) -> None:
        """`keys` are those of now: the first makes nonces, all of them recognise theirs."""
        self._keys = keys
        self._clock = clock

    def fresh(self, kid: str) -> str:
        """The nonce of now for a device."""
        return _make(self._keys()[0], self._bucket(), kid)

    def is_good(self, nonce: object, kid: str) -> bool:
        """Whether a nonce is of this bucket or the one before, so good for five to ten minutes."""
        if not isinstance(nonce, str):
            return False
        now = self._bucket()
        return any(
            hmac.compare_digest(nonce.encode(errors="replace"), _make(key, bucket, kid).encode())
            for key in self._keys()
            for bucket in (now, now - 1)
        )

    def _bucket(self) -> int:
        return int(self._clock.now() // BUCKET_SECONDS)


def nonces_of(keyring: Keyring, clock: Clock) -> Nonces:
    """The nonces of a house."""
    return Nonces(lambda: keyring.mac_keys("nonce"), clock)


def _make(key: bytes, bucket: int, kid: str) -> str:
    mac = hmac.digest(key, f"{bucket}|{kid}".encode(), "sha256")
    return f"{bucket}.{base64url.encode(mac[:16])}"
