"""The key file: what is in it, and how it is written."""

import contextlib
import json
import os
import secrets
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kit.tokens import base64url
from backend.kit.tokens.schedule import AUDIENCES

AUTH = "auth"
FILE = "keys.json"
KEY_BYTES = 32
FIRST = "1"


class KeyringError(RuntimeError):
    """The key file cannot be used; the message tells the operator what to do."""


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """Unix times of a key; 0 when nobody noted them, as in files of before they were."""

    made: int = 0
    starts: int = 0
    """From when on it is used for what is new."""


def fresh_keys() -> dict[str, Any]:
    """A new set of keys as the file holds it."""
    stored: dict[str, Any] = {
        "primary_kek": FIRST,
        "keks": {FIRST: random_key()},
        "mac_roots": {FIRST: random_key()},
        "wrap_keys": {},
        "identities": {},
        "times": {name: {"made": int(time.time())} for name in ("kek 1", "root 1")},
    }
    add_services(stored)
    return stored


def add_services(stored: dict[str, Any]) -> list[str]:
    """Give every service that has no keys yet its own; returns which those are."""
    added: list[str] = []
    for kind, prefix in (("wrap_keys", ""), ("identities", "svc-")):
        for name in AUDIENCES:
            if name not in stored[kind]:
                kid = f"{prefix}{name}-1"
                stored[kind][name] = {kid: random_key()}
                stored.setdefault("times", {})[kid] = {"made": int(time.time())}
                added.append(name)
    return list(dict.fromkeys(added))


def part_of(stored: Mapping[str, Any], service: str) -> dict[str, Any]:
    """The keys that one service needs when it runs apart from the others.

    Its own identity, and the public keys of all. Auth also keeps what seals its columns, and every
    wrap key, since it makes the tokens; another service gets its own wrap key and column keys of
    its own. So one that was broken into opens nothing of the others.
    """
    own = stored if service == AUTH else fresh_keys()
    shared = _shared_of(stored, service)
    return {
        "primary_kek": own["primary_kek"],
        "keks": own["keks"],
        "mac_roots": mac_roots(own),
        **shared,
        "times": _own_times(own) | shared["times"],
    }


def renew_part(part: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """A part with what all share taken over from a newer one. Raises KeyringError.

    Its column keys and roots stay: they may have been changed where the service runs, and what is
    under them would be lost.
    """
    if set(part["identities"]) != set(newer["identities"]):
        raise KeyringError("Those are the keys of another service.")
    shared = {kid: when for kid, when in newer.get("times", {}).items() if " " not in kid}
    taken = {kind: newer[kind] for kind in ("wrap_keys", "identities", "registry")}
    return {**part, **taken, "times": _own_times(part) | shared}


def is_part(stored: Mapping[str, Any]) -> bool:
    """Whether these are the keys of one service, cut from those of a house."""
    return "registry" in stored


def mac_roots(stored: Mapping[str, Any]) -> dict[str, str]:
    """The roots of keyed hashes, oldest first. Files of before there were several have one."""
    return stored["mac_roots"] if "mac_roots" in stored else {FIRST: stored["mac_root"]}


def random_key() -> str:
    """A new key as the file holds it."""
    return base64url.encode(os.urandom(KEY_BYTES))


def write_keys(path: Path, keys: Mapping[str, Any]) -> None:
    """Write a key file for its owner alone. Raises FileExistsError: keys are never overwritten."""
    _create(path, json.dumps(keys, separators=(",", ":")).encode())


def replace_keys(path: Path, keys: Mapping[str, Any]) -> None:
    """Put a changed key file in the place of the one that is there, whole or not at all."""
    with draft_of(path.parent, json.dumps(keys, separators=(",", ":")).encode()) as draft:
        if path.exists():
            owner = path.stat()
            # The superuser may change the file of a service, which must still be able to read it.
            os.chown(draft, owner.st_uid, owner.st_gid)
        # The draft's own name is left as it is for the one who takes it away. Any other will do.
        kept = draft.with_suffix(".new")  # pragma: no mutate
        os.link(draft, kept)
        kept.replace(path)


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


def _own_times(stored: Mapping[str, Any]) -> dict[str, Any]:
    # "kek 1", "root 1": names of what every service has for itself, unlike any kid.
    return {name: when for name, when in stored.get("times", {}).items() if " " in name}


def _shared_of(stored: Mapping[str, Any], service: str) -> dict[str, Any]:
    wrap_keys = stored["wrap_keys"] if service == AUTH else {service: stored["wrap_keys"][service]}
    times = stored.get("times", {})
    registry = dict(stored.get("registry", {}))
    for name, keys in stored["identities"].items():
        registry |= {kid: [name, _public_of(key)] for kid, key in keys.items()}
    kids = {*registry, *(kid for keys in wrap_keys.values() for kid in keys)}
    return {
        "wrap_keys": wrap_keys,
        "identities": {service: stored["identities"][service]},
        "registry": registry,
        "times": {kid: times[kid] for kid in times if kid in kids},
    }


def _public_of(private: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(base64url.decode(private))
    return base64url.encode(key.public_key().public_bytes_raw())


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
