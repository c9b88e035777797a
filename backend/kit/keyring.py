"""The keys of the house: made at first start, in one file that only its owner may read.

What they protect is in docs/sign-in.md 9. A database dump without this file holds no password
hash, device key or e-mail address that could be read or guessed.
"""

import contextlib
import json
import os
import secrets
import stat
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kit.tokens import base64url
from backend.kit.tokens.schedule import AUDIENCES

AUTH = "auth"
KEY_BYTES = 32
_NONCE_BYTES = 12
_write = json.JSONEncoder(indent=2).encode


class KeyringError(RuntimeError):
    """The key file cannot be used; the message tells the operator what to do."""


class SealBrokenError(RuntimeError):
    """A sealed column does not open: it was moved, altered, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The key by which a service proves to another which one it is."""

    service: str
    kid: str
    private_key: Ed25519PrivateKey = field(repr=False)


class Keyring:
    """Key-encryption keys, MAC keys, wrap keys and service identities. Its text never shows one."""

    def __init__(self, stored: Mapping[str, Any], path: Path | None = None) -> None:
        """`path` is the file that the keys came from, which is looked into again as it changes."""
        self._path = path
        self._stamp = None if path is None else _stamp_of(path)
        self._take_keks(stored)
        self._mac_root = base64url.decode(stored["mac_root"])
        self._mac_keys: dict[str, bytes] = {}
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
        self._registry = {
            kid: (service, Ed25519PublicKey.from_public_bytes(base64url.decode(public)))
            for kid, (service, public) in stored.get("registry", {}).items()
        }

    def __repr__(self) -> str:
        return f"<Keyring, primary KEK {self._primary!r}>"

    @classmethod
    def open(cls, path: Path) -> "Keyring":
        """The keys in a file, which is made where there is none. Raises KeyringError."""
        with contextlib.suppress(FileExistsError):
            if not path.exists():
                write_keys(path, fresh_keys())
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyringError(f"Others may read {path.name}. Run: chmod 600 {path.name}")
        return cls.read(path.read_bytes(), path.name, path)

    @classmethod
    def read(cls, content: str | bytes, name: str, path: Path | None = None) -> "Keyring":
        """The keys in what a key file holds; `name` is where it came from. Raises KeyringError."""
        try:
            return cls(json.loads(content), path)
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

    def look_again(self) -> None:
        """Take over the key-encryption keys of the file when it has changed."""
        if self._path is None or (stamp := _stamp_of(self._path)) == self._stamp:
            return
        self._take_keks(json.loads(self._path.read_bytes()))
        self._stamp = stamp

    def _take_keks(self, stored: Mapping[str, Any]) -> None:
        keks = {name: AESGCM(base64url.decode(key)) for name, key in stored["keks"].items()}
        self._keks: dict[str, AESGCM] = keks
        self._primary: str = stored["primary_kek"]

    def is_current(self, sealed: str) -> bool:
        """Whether a sealed value is under the primary key, and need not be sealed anew."""
        return sealed.split(".")[1] == self._primary

    def mac(self, label: str, data: bytes | str) -> bytes:
        """HMAC-SHA256 under the key of a label; labels are worlds apart.

        For what must be neither readable in a dump nor guessable from one: an unkeyed hash of an
        e-mail is as good as the e-mail.
        """
        tag = HMAC(self.mac_key(label), SHA256())
        tag.update(data.encode() if isinstance(data, str) else data)
        return tag.finalize()

    def mac_key(self, label: str) -> bytes:
        """The MAC key of a label."""
        if label not in self._mac_keys:
            info = f"sosa/1 mac {label}".encode()
            hkdf = HKDF(SHA256(), KEY_BYTES, None, info)
            self._mac_keys[label] = hkdf.derive(self._mac_root)
        return self._mac_keys[label]

    def wrap_keys(self, audience: str) -> Mapping[str, bytes]:
        """The keys under which a service is told device keys (`cnf.jwe`), newest last."""
        return self._wrap_keys[audience]

    def identity(self, service: str) -> Identity:
        """The newest identity key of a service."""
        return self._identities[service][-1]

    def identity_keys(self) -> Mapping[str, tuple[str, Ed25519PublicKey]]:
        """The pinned registry: which kid is which service, and its public key."""
        return self._registry | {
            identity.kid: (identity.service, identity.private_key.public_key())
            for identities in self._identities.values()
            for identity in identities
        }


def part_of(stored: Mapping[str, Any], service: str) -> dict[str, Any]:
    """The keys that one service needs when it runs apart from the others.

    Its own identity, and the public keys of all. Auth also keeps what seals its columns, and every
    wrap key, since it makes the tokens; another service gets its own wrap key and column keys of
    its own. So one that was broken into opens nothing of the others.
    """
    identities = Keyring(stored).identity_keys().items()
    own = stored if service == AUTH else fresh_keys()
    wrap_keys = stored["wrap_keys"]
    return {
        "primary_kek": own["primary_kek"],
        "keks": own["keks"],
        "mac_root": own["mac_root"],
        "wrap_keys": wrap_keys if service == AUTH else {service: wrap_keys[service]},
        "identities": {service: stored["identities"][service]},
        "registry": {
            kid: [name, base64url.encode(key.public_bytes_raw())] for kid, (name, key) in identities
        },
    }


def write_keys(path: Path, keys: Mapping[str, Any]) -> None:
    """Write a key file for its owner alone. Raises FileExistsError: keys are never overwritten."""
    _create(path, _write(keys).encode())


def fresh_keys() -> dict[str, Any]:
    """A new set of keys as the file holds it."""
    return {
        "primary_kek": "1",
        "keks": {"1": random_key()},
        "mac_root": random_key(),
        "wrap_keys": {name: {f"{name}-1": random_key()} for name in AUDIENCES},
        "identities": {name: {f"svc-{name}-1": random_key()} for name in AUDIENCES},
    }


def _stamp_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return (found.st_mtime_ns, found.st_ino)


def random_key() -> str:
    """A new key as the file holds it."""
    return base64url.encode(os.urandom(KEY_BYTES))


def _place(table: str, column: str, row_id: str, kek: str) -> bytes:
    return f"{table}|{column}|{row_id}|{kek}".encode()


def _create(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises FileExistsError for all but the first writer.

    Two processes may start at once. Each writes its own draft; `link` gives the name to one of
    them, and the other then reads the winner's keys.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with draft_of(path.parent, content) as draft:
        os.link(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Keys that a power cut takes away would lock everyone out of what they seal.
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def draft_of(folder: Path, content: bytes) -> Generator[Path]:
    """A file beside the key file, written whole, for its owner alone, and gone afterwards."""
    draft = folder / f".keys-{secrets.token_hex()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        yield draft
    finally:
        draft.unlink()
