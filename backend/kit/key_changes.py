"""Changing the keys in a key file, while processes go on that have read it.

A key that is added begins at a time that is told: until then everybody who has the file, or is
given a part of it, opens with the new key and writes with the one before.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.kit.key_files import (
    KeyringError,
    add_services,
    is_part,
    mac_roots,
    part_of,
    random_key,
    renew_part,
    replace_keys,
    write_keys,
)
from backend.kit.keyring import SETTLE_SECONDS

MAX_ROOTS = 4
"""Every look-up by a keyed hash asks for it under each root."""
TOKEN_SECONDS = 1_200
"""Longer than any token is good that a wrap key or an identity made."""
PART = "This is the file of one part. Change the file of the house it was made from, and sync."


def add_kek(path: Path, now: float) -> str:
    """Add a key-encryption key to a file and have it seal from now on; returns its name.

    The others go on opening what they sealed. Whoever shares the file seals with the new one from
    its next seal on.
    """
    stored = _read(path)
    name = _next(stored["keks"])
    stored["keks"][name] = random_key()
    stored.setdefault("replaced", {})[stored["primary_kek"]] = now
    stored["primary_kek"] = name
    _note(stored, f"kek {name}", now, now)
    replace_keys(path, stored)
    return name


def add_root(path: Path, now: float, starts: float) -> str:
    """Add a root of keyed hashes; returns its name. Raises KeyringError when there are too many."""
    stored = _read(path)
    roots = stored["mac_roots"] = dict(mac_roots(stored))
    stored.pop("mac_root", None)
    if len(roots) >= MAX_ROOTS:
        raise KeyringError(
            f"There are {len(roots)} roots already. Drop one first: status, drop-root"
        )
    name = _next(roots)
    roots[name] = random_key()
    _note(stored, f"root {name}", now, starts)
    replace_keys(path, stored)
    return name


def add_wrap_key(path: Path, service: str, now: float, starts: float) -> str:
    """Add a key under which a service is told device keys. Raises KeyringError for a part."""
    return _add_to(path, "wrap_keys", service, now, starts)


def add_identity(path: Path, service: str, now: float, starts: float) -> str:
    """Add a key by which a service proves which one it is. Raises KeyringError for a part."""
    return _add_to(path, "identities", service, now, starts)


def add_missing(path: Path) -> list[str]:
    """Give keys to services that the file is older than; returns which. Raises KeyringError."""
    stored = _read(path)
    if is_part(stored):
        raise KeyringError(PART)
    added = add_services(stored)
    if added:
        replace_keys(path, stored)
    return added


def sync_part(path: Path, house: Path, service: str) -> bool:
    """Bring the file of a part up to the file of the house; returns whether anything was new."""
    stored = part_of(_read(house), service)
    if not path.exists():
        write_keys(path, stored)
        return True
    return _renew(path, stored)


def take_part(path: Path, newer: Path) -> bool:
    """Take over from a newer file of the same part what all share; returns whether it was new.

    Raises KeyringError for anything else than a part, and for another service's.
    """
    stored = _read(newer)
    if not is_part(stored) or not is_part(_read(path)):
        raise KeyringError("Both have to be files that `split` or `sync` has made.")
    return _renew(path, stored)


def drop_kek(path: Path, name: str, now: float) -> None:
    """Take a key-encryption key out of a file. Raises KeyringError for one that may be in use.

    Whether anything is still sealed under it is the caller's to look at, before.
    """
    stored = _read(path)
    if name not in stored["keks"] or name == stored["primary_kek"]:
        raise KeyringError(f"There is no key {name!r} to drop, or it is the one that seals.")
    if now - stored.get("replaced", {}).get(name, now) < SETTLE_SECONDS:
        raise KeyringError(
            f"Key {name} was replaced less than {SETTLE_SECONDS // 60} minutes ago, and what was"
            " under way then may still be written. Try again later."
        )
    del stored["keks"][name]
    _forget(stored, f"kek {name}")
    replace_keys(path, stored)


def drop_root(path: Path, name: str, now: float) -> None:
    """Take a root out of a file. Raises KeyringError for one that may be in use.

    Whether anything is kept under it is the caller's to look at, before.
    """
    stored = _read(path)
    roots = stored["mac_roots"] = dict(mac_roots(stored))
    stored.pop("mac_root", None)
    _check_followed(stored, tuple(roots), name, now - SETTLE_SECONDS, "root ")
    del roots[name]
    _forget(stored, f"root {name}")
    replace_keys(path, stored)


def drop_key(path: Path, kid: str, now: float) -> None:
    """Take an older wrap key or identity out of a file. Raises KeyringError while it may be met."""
    stored = _read(path)
    if is_part(stored):
        raise KeyringError(PART)
    for keys in (*stored["wrap_keys"].values(), *stored["identities"].values()):
        if kid in keys:
            _check_followed(stored, tuple(keys), kid, now - TOKEN_SECONDS)
            del keys[kid]
            _forget(stored, kid)
            replace_keys(path, stored)
            return
    raise KeyringError(f"There is no key {kid!r}.")


def _add_to(path: Path, kind: str, service: str, now: float, starts: float) -> str:
    stored = _read(path)
    if is_part(stored):
        raise KeyringError(PART)
    keys = stored[kind].get(service)
    if keys is None:
        raise KeyringError(f"There is no service {service!r}, or it has no keys yet: add")
    stem, _, number = tuple(keys)[-1].rpartition("-")
    kid = f"{stem}-{int(number) + 1}"
    keys[kid] = random_key()
    _note(stored, kid, now, starts)
    replace_keys(path, stored)
    return kid


def _check_followed(
    stored: Mapping[str, Any], names: tuple[str, ...], name: str, settled: float, prefix: str = ""
) -> None:
    """Raise KeyringError unless a key that follows this one has been in use since `settled`."""
    if name not in names:
        raise KeyringError(f"There is no {prefix}{name!r}.")
    times = stored.get("times", {})
    after = names[names.index(name) + 1 :]
    if not any(times.get(f"{prefix}{later}", {}).get("starts", 0) <= settled for later in after):
        raise KeyringError(
            f"{prefix}{name} is in use, or was a moment ago, and is met for a while yet."
        )


def _renew(path: Path, newer: Mapping[str, Any]) -> bool:
    stored = _read(path)
    renewed = renew_part(stored, newer)
    if renewed == stored:
        return False
    replace_keys(path, renewed)
    return True


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        raise KeyringError(f"There is no key file at {path}.") from None


def _next(names: Mapping[str, str]) -> str:
    return str(max(int(name) for name in names) + 1)


def _note(stored: dict[str, Any], name: str, now: float, starts: float) -> None:
    stored.setdefault("times", {})[name] = {"made": int(now), "starts": int(starts)}


def _forget(stored: dict[str, Any], name: str) -> None:
    stored.get("times", {}).pop(name, None)
