"""Keyed hashes, under roots that follow each other."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kit.key_files import FIRST, KEY_BYTES
from backend.kit.tokens import base64url


def root_of(mac: str) -> str:
    """Which root a keyed hash is under."""
    root, dot, _ = mac.partition(".")
    return root if dot else FIRST


class Macs:
    """HMAC-SHA256 under keys that are derived from a root by label. Labels are worlds apart."""

    def __init__(self, roots: Mapping[str, str]) -> None:
        """`roots` are as the key file holds them, oldest first."""
        self._roots = {name: base64url.decode(root) for name, root in roots.items()}
        self._keys: dict[tuple[str, str], bytes] = {}

    @property
    def roots(self) -> tuple[str, ...]:
        """Their names, oldest first."""
        return tuple(self._roots)

    def key(self, root: str, label: str) -> bytes:
        """The key of a label under a root."""
        if (root, label) not in self._keys:
            info = f"sosa/1 mac {label}".encode()
            hkdf = HKDF(SHA256(), KEY_BYTES, None, info)
            self._keys[root, label] = hkdf.derive(self._roots[root])
        return self._keys[root, label]

    def text(self, root: str, label: str, data: bytes | str) -> str:
        """A keyed hash as it is kept, at most 64 characters: `<root>.<base64url>`.

        Of the first root it is the bare hash in hex, as it was when there was one root only.
        """
        tag = HMAC(self.key(root, label), SHA256())
        tag.update(data.encode() if isinstance(data, str) else data)
        mac = tag.finalize()
        return mac.hex() if root == FIRST else f"{root}.{base64url.encode(mac)}"
