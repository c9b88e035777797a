"""The key file: who may read it, when it is looked into again, and what each service gets of it."""

import json
import os
from pathlib import Path

import pytest

from backend.kit.key_files import KeyringError, fresh_keys, part_of, random_key, write_keys
from backend.kit.keyring import Keyring, SealBrokenError
from backend.kit.tokens.schedule import AUDIENCES

PLACE = ("auth_password", "sealed_hash", "row-1")
KEY_CHARS = 43


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "data" / "keys.json"


def add_kek(path: Path) -> None:
    """What an operator does: another key seals from now on."""
    stored = json.loads(path.read_text())
    stored["keks"]["2"] = random_key()
    stored["primary_kek"] = "2"
    draft = path.with_name("draft")
    draft.write_text(json.dumps(stored))
    draft.chmod(0o600)
    draft.replace(path)


def test_the_folder_of_the_keys_is_made_for_their_owner(path: Path) -> None:
    Keyring.open(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    # Where it is there, it is left as it is.
    path.unlink()
    path.parent.chmod(0o750)
    Keyring.open(path)
    assert path.parent.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601])
def test_keys_are_for_their_owner_alone(path: Path, mode: int) -> None:
    Keyring.open(path)
    path.chmod(mode)
    with pytest.raises(KeyringError, match=r"chmod 600 keys\.json"):
        Keyring.open(path)
    path.chmod(0o400)
    assert Keyring.open(path)


def test_a_broken_file_is_named(path: Path) -> None:
    write_keys(path, {})
    with pytest.raises(KeyringError, match=r"^keys\.json is not"):
        Keyring.open(path)


def test_a_key_that_was_added_seals_and_opens_at_once(path: Path) -> None:
    here, there = Keyring.open(path), Keyring.open(path)
    before = here.seal(*PLACE, b"secret")
    assert here.primary_kek == "1"
    add_kek(path)
    after = there.seal(*PLACE, b"secret")
    assert after.startswith("v1.2.")
    for sealed in (after, before):
        assert here.open_sealed(*PLACE, sealed) == b"secret"
    assert (here.primary_kek, here.keks) == ("2", ("1", "2"))
    assert (here.is_current(before), here.is_current(after)) == (False, True)


def test_whoever_asks_for_the_keys_is_told_of_today(path: Path) -> None:
    ring = Keyring.open(path)
    assert (ring.primary_kek, ring.keks) == ("1", ("1",))
    add_kek(path)
    assert ring.primary_kek == "2"
    other = Keyring.open(path)
    path.unlink()
    write_keys(path, fresh_keys())
    assert other.keks == ("1",)


def test_the_file_is_read_again_only_when_it_has_changed(path: Path) -> None:
    def spoil() -> None:
        """Change what is in it, and nothing by which a change is known."""
        found = path.stat()
        path.write_text("no keys")
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    ring = Keyring.open(path)
    good = path.read_text()
    spoil()
    assert ring.seal(*PLACE, b"secret").startswith("v1.1.")
    path.write_text(good)
    add_kek(path)
    assert ring.seal(*PLACE, b"secret").startswith("v1.2.")
    spoil()
    assert ring.seal(*PLACE, b"secret").startswith("v1.2.")


def test_keys_that_came_from_no_file_stay_as_they_are() -> None:
    ring = Keyring(fresh_keys())
    sealed = ring.seal(*PLACE, b"secret")
    assert ring.open_sealed(*PLACE, sealed) == b"secret"
    with pytest.raises(SealBrokenError):
        ring.open_sealed(*PLACE, sealed.replace("v1.1.", "v1.2.", 1))


def test_fresh_keys_are_keys_of_their_own() -> None:
    stored = fresh_keys()
    wraps = {name: keys.copy() for name, keys in stored["wrap_keys"].items()}
    identities = {name: keys.copy() for name, keys in stored["identities"].items()}
    assert {name: list(keys) for name, keys in wraps.items()} == {
        name: [f"{name}-1"] for name in AUDIENCES
    }
    assert {name: list(keys) for name, keys in identities.items()} == {
        name: [f"svc-{name}-1"] for name in AUDIENCES
    }
    keys = [*stored["mac_roots"].values(), *stored["keks"].values()]
    for group in (wraps, identities):
        keys += [key for named in group.values() for key in named.values()]
    assert len(set(keys)) == len(keys) == 2 + 2 * len(AUDIENCES)
    assert {len(key) for key in keys} == {KEY_CHARS}


def test_auth_gets_what_seals_its_columns_and_every_wrap_key() -> None:
    stored = fresh_keys()
    part = part_of(stored, "auth")
    for name in ("primary_kek", "keks", "mac_roots", "wrap_keys"):
        assert part[name] == stored[name]
    assert part["identities"] == {"auth": stored["identities"]["auth"]}
    assert Keyring(part).identity_keys() == Keyring(stored).identity_keys()


@pytest.mark.parametrize("service", ["ui", "profiles", "messaging", "community"])
def test_any_other_service_gets_its_own_keys_and_no_other(service: str) -> None:
    stored = fresh_keys()
    part = part_of(stored, service)
    assert part["wrap_keys"] == {service: stored["wrap_keys"][service]}
    assert part["identities"] == {service: stored["identities"][service]}
    text = json.dumps(part)
    kept_apart = [*stored["mac_roots"].values(), *stored["keks"].values()]
    for name in set(AUDIENCES) - {service}:
        kept_apart += [*stored["wrap_keys"][name].values(), *stored["identities"][name].values()]
    assert not any(secret in text for secret in kept_apart)
    ring, whole = Keyring(part), Keyring(stored)
    assert ring.identity(service).kid == whole.identity(service).kid
    assert ring.identity_keys() == whole.identity_keys()
    assert ring.open_sealed(*PLACE, ring.seal(*PLACE, b"own")) == b"own"


def test_an_identity_key_that_follows_another_is_the_one_that_signs() -> None:
    stored = fresh_keys()
    stored["identities"]["ui"]["svc-ui-2"] = random_key()
    ring = Keyring(stored)
    assert ring.identity("ui").kid == "svc-ui-2"
    known = ring.identity_keys()
    assert {kid: known[kid][0] for kid in ("svc-ui-1", "svc-ui-2")} == dict.fromkeys(
        ("svc-ui-1", "svc-ui-2"), "ui"
    )
    assert known["svc-ui-2"][1] == ring.identity("ui").private_key.public_key()
