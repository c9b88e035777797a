"""Changing the keys in a key file, while processes go on that have read it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.kit.keyring import KeyringError, draft_of, random_key

SETTLE_SECONDS = 600
"""How long after its replacement a key is kept at least."""


def add_kek(path: Path, now: float) -> str:
    """Add a key-encryption key to a file and have it seal from now on; returns its name.

    The others go on opening what they sealed. Whoever shares the file seals with the new one from
    its next seal on.
    """
    stored = json.loads(path.read_bytes())
    name = str(max(int(kek) for kek in stored["keks"]) + 1)
    stored["keks"][name] = random_key()
    stored.setdefault("replaced", {})[stored["primary_kek"]] = now
    stored["primary_kek"] = name
    _replace(path, stored)
    return name


def drop_kek(path: Path, name: str, now: float) -> None:
    """Take a key-encryption key out of a file. Raises KeyringError for one that may be in use.

    Whether anything is still sealed under it is the caller's to look at, before.
    """
    stored = json.loads(path.read_bytes())
    if name not in stored["keks"] or name == stored["primary_kek"]:
        raise KeyringError(f"There is no key {name!r} to drop, or it is the one that seals.")
    if now - stored.get("replaced", {}).get(name, now) < SETTLE_SECONDS:
        raise KeyringError(
            f"Key {name} was replaced less than {SETTLE_SECONDS // 60} minutes ago, and what was"
            " under way then may still be written. Try again later."
        )
    del stored["keks"][name]
    _replace(path, stored)


def _replace(path: Path, stored: Mapping[str, Any]) -> None:
    with draft_of(path.parent, json.dumps(stored, indent=2).encode()) as draft:
        # Whole or not at all, and the old content until then. The draft's own name is left as it
        # is for the one who takes it away.
        kept = draft.with_suffix(".new")
        os.link(draft, kept)
        kept.replace(path)
