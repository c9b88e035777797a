"""The keys of the house: made at first start, in one file that only its owner may read.

What they protect is in docs/sign-in.md 9. A database dump without this file holds no password
hash, device key or e-mail address that could be read or guessed.

Keys follow each other. A new one is in the file before its time comes: who shares the file, or has
a part of it, knows it before anybody writes with it. Older ones still open what they sealed.
"""

import contextlib
import hmac
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.kit.clock import Clock, SystemClock
from backend.kit.key_files import KeyringError, KeyTimes, fresh_keys, mac_roots, write_keys
from backend.kit.macs import Macs, root_of
from backend.kit.tokens import base64url

SETTLE_SECONDS = 600
"""How long a key that was followed by another may still be met. Nonces and codes live so long."""
_NONCE_BYTES = 12
T = TypeVar("T")


class SealBrokenError(RuntimeError):
    """A sealed column does not open: it was moved, altered, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The key by which a service proves to another which one it is."""

    service: str
    kid: str
    private_key: Ed25519PrivateKey = field(repr=False)


class Keyring:
    """Key-encryption keys, MAC roots, wrap keys and service identities. Its text never shows one.

    Whoever changes the file changes it for all that have it open.
    """

    def __init__(
        self, stored: Mapping[str, Any], path: Path | None = None, clock: Clock | None = None
    ) -> None:
        """`path` is the file that the keys came from, which is looked into again as it changes."""
        self._path = path
        self._clock = clock or SystemClock()
        self._stamp = _stamp_of(path)
        self._take(stored)

    def __repr__(self) -> str:
        return f"<Keyring, primary KEK {self._primary!r}>"

    @classmethod
    def open(cls, path: Path, clock: Clock | None = None) -> "Keyring":
        """The keys in a file, which is made where there is none. Raises KeyringError."""
        with contextlib.suppress(FileExistsError):
            if not path.exists():
                write_keys(path, fresh_keys())
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringError(f"Others may read {path.name}. Run: chmod 600 {path.name}")
        return cls.read(path.read_bytes(), path.name, path, clock)

    @classmethod
    def read(
        cls, content: str | bytes, name: str, path: Path | None = None, clock: Clock | None = None
    ) -> "Keyring":
        """The keys in what a key file holds; `name` is where it came from. Raises KeyringError."""
        try:
            return cls(json.loads(content), path, clock)
        except (ValueError, KeyError, TypeError, AttributeError):
            # The reason may quote a key.
            raise KeyringError(f"{name} is not a key file of SoSa; restore it.") from None

    def seal(self, table: str, column: str, row_id: str, plaintext: bytes) -> str:
        """Encrypt the value of a column: `v1.<kek>.<nonce>.<ciphertext>`.

        It opens only where it was put. Otherwise whoever can write to the database could copy their
        own password hash over somebody else's.
        """
        # An operator may have changed the file a moment ago. What is sealed under a key that is
        # about to be dropped would be lost, so the look (2 µs) is taken each time.
        self.look_again()
        nonce = os.urandom(_NONCE_BYTES)
        place = _place(table, column, row_id, self._primary)
        sealed = self._keks[self._primary].encrypt(nonce, plaintext, place)
        return f"v1.{self._primary}.{base64url.encode(nonce)}.{base64url.encode(sealed)}"

    def open_sealed(self, table: str, column: str, row_id: str, sealed: str) -> bytes:
        """What was sealed for this place, under any key of the ring. Raises SealBrokenError."""
        try:
            version, kek, nonce, ciphertext = sealed.split(".")
            if version != "v1":
                raise SealBrokenError(f"{table}.{column} has an unknown format.")
            if kek not in self._keks:
                self.look_again()
            return self._keks[kek].decrypt(
                base64url.decode(nonce),
                base64url.decode(ciphertext),
                _place(table, column, row_id, kek),
            )
        except (ValueError, KeyError, InvalidTag):
            raise SealBrokenError(f"{table}.{column} does not open.") from None

    @property
    def primary_kek(self) -> str:
        """The name of the key that seals."""
        self.look_again()
        return self._primary

    @property
    def keks(self) -> tuple[str, ...]:
        """The names of all key-encryption keys."""
        self.look_again()
        return tuple(self._keks)

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed value is under the primary key, and need not be sealed anew."""
        return sealed.split(".")[1] == self._primary

    def mac(self, label: str, data: bytes | str) -> str:
        """The keyed hash of something, as it is kept. Labels are worlds apart.

        For what must be neither readable in a dump nor guessable from one: an unkeyed hash of an
        e-mail is as good as the e-mail.
        """
        # First: it may take in a file that has changed, and with it other roots.
        root = self.primary_root
        return self._macs.text(root, label, data)

    def macs(self, label: str, data: bytes | str) -> tuple[str, ...]:
        """Every keyed hash of something that may have been kept, the one for what is new first."""
        newest = self.primary_root
        others = (root for root in reversed(self._macs.roots) if root != newest)
        return tuple(self._macs.text(root, label, data) for root in (newest, *others))

    def is_mac(self, kept: str, label: str, data: bytes | str) -> bool:
        """Whether what is kept is the keyed hash of this, under whichever root it says."""
        root = root_of(kept)
        if root not in self.roots:
            return False
        return hmac.compare_digest(kept.encode(), self._macs.text(root, label, data).encode())

    def mac_keys(self, label: str) -> tuple[bytes, ...]:
        """The keys of a label for what does not live long, the one for what is new first."""
        newest = self.primary_root
        late = (root for root in self._macs.roots if root != newest and not self._is_over(root))
        return tuple(self._macs.key(root, label) for root in (newest, *late))

    @property
    def roots(self) -> tuple[str, ...]:
        """The names of all MAC roots, oldest first."""
        self.look_again()
        return self._macs.roots

    @property
    def primary_root(self) -> str:
        """The name of the root that is used for what is new."""
        return self._newest(self.roots, "root ")

    def is_stale(self, root: str) -> bool:
        """Whether keyed hashes under a root should be made anew under the newest.

        Not at once: what was begun under the root before, and holds a hash of it, ends first.
        """
        return root != self.primary_root and self._is_over(root)

    def wrap_keys(self, audience: str) -> Mapping[str, bytes]:
        """The keys under which a service is told device keys (`cnf.jwe`), as they are when asked.

        Raises KeyringError for a service that the file does not know.
        """
        self.look_again()
        if audience not in self._wrap_keys:
            raise _unknown(audience)
        return _Live(self, lambda: self._wrap_keys[audience])

    def wrap_key(self, audience: str) -> tuple[str, bytes]:
        """The key that wraps for a service now, and its name before it."""
        keys = self.wrap_keys(audience)
        kid = self._newest(tuple(keys))
        return kid, keys[kid]

    def identity(self, service: str) -> Identity:
        """The identity key that a service signs with now. Raises KeyringError as `wrap_keys`."""
        self.look_again()
        if service not in self._identities:
            raise _unknown(service)
        identities = {identity.kid: identity for identity in self._identities[service]}
        return identities[self._newest(tuple(identities))]

    def identity_keys(self) -> Mapping[str, tuple[str, Ed25519PublicKey]]:
        """The pinned registry, as it is when asked: which kid is which service, and its key."""
        return _Live(self, lambda: self._registry)

    def times(self) -> dict[str, KeyTimes]:
        """When each key was made and begins: `kek 1`, `root 1`, and the rest by their kids."""
        self.look_again()
        roots = [f"root {name}" for name in self._macs.roots]
        wraps = [kid for keys in self._wrap_keys.values() for kid in keys]
        names = [*(f"kek {name}" for name in self._keks), *roots, *wraps, *self._registry]
        return {name: self._times.get(name, KeyTimes()) for name in names}

    def look_again(self) -> None:
        """Take over the keys of the file when it has changed."""
        if self._path is None or (stamp := _stamp_of(self._path)) == self._stamp:
            return
        self._take(json.loads(self._path.read_bytes()))
        self._stamp = stamp

    def _take(self, stored: Mapping[str, Any]) -> None:
        keks = {name: AESGCM(base64url.decode(key)) for name, key in stored["keks"].items()}
        self._keks: dict[str, AESGCM] = keks
        self._primary: str = stored["primary_kek"]
        self._macs = Macs(mac_roots(stored))
        self._times = {name: KeyTimes(**when) for name, when in stored.get("times", {}).items()}
        self._wrap_keys = {
            audience: {kid: base64url.decode(key) for kid, key in keys.items()}
            for audience, keys in stored["wrap_keys"].items()
        }
        self._identities = {
            service: [
                Identity(service, kid, Ed25519PrivateKey.from_private_bytes(base64url.decode(key)))
                for kid, key in keys.items()
            ]
            for service, keys in stored["identities"].items()
        }
        self._registry = _registry_of(stored) | {
            identity.kid: (identity.service, identity.private_key.public_key())
            for identities in self._identities.values()
            for identity in identities
        }

    def _newest(self, names: Sequence[str], prefix: str = "") -> str:
        now = self._clock.now()
        begun = [name for name in names if self._starts(f"{prefix}{name}") <= now]
        return (begun or names)[-1]

    def _is_over(self, root: str) -> bool:
        # Whether a root that follows has been in use for long enough.
        roots = self.roots
        following = roots[roots.index(root) + 1 :] if root in roots else roots
        settled = self._clock.now() - SETTLE_SECONDS
        return any(self._starts(f"root {name}") <= settled for name in following)

    def _starts(self, name: str) -> int:
        return self._times.get(name, KeyTimes()).starts


class _Live(Mapping[str, T]):
    """A part of the ring as the file has it now: what was dropped from that is refused at once."""

    def __init__(self, ring: Keyring, read: Callable[[], Mapping[str, T]]) -> None:
        self._ring = ring
        self._read = read

    def __getitem__(self, name: str) -> T:
        self._ring.look_again()
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        self._ring.look_again()
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _registry_of(stored: Mapping[str, Any]) -> dict[str, tuple[str, Ed25519PublicKey]]:
    return {
        kid: (service, Ed25519PublicKey.from_public_bytes(base64url.decode(public)))
        for kid, (service, public) in stored.get("registry", {}).items()
    }


def _unknown(service: str) -> KeyringError:
    return KeyringError(f"The key file knows no service {service!r} yet. Run: sosa keys add")


def _stamp_of(path: Path | None) -> tuple[int, int] | None:
    if path is None or not path.exists():
        return None
    found = path.stat()
    return (found.st_mtime_ns, found.st_ino)


def _place(table: str, column: str, row_id: str, kek: str) -> bytes:
    return f"{table}|{column}|{row_id}|{kek}".encode()
