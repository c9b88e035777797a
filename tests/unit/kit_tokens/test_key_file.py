"""The key file: who may read it, how it is written, and when it is looked into again."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.kit import key_files
from backend.kit.clock import ManualClock, SystemClock
from backend.kit.key_files import (
    KeyringError,
    fresh_keys,
    random_key,
    replace_keys,
    write_keys,
)
from backend.kit.keyring import Keyring, SealBrokenError

PLACE = ("auth_password", "sealed_hash", "row-1")


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


def test_a_file_is_written_whole_for_its_owner_and_in_one_line(path: Path) -> None:
    write_keys(path, {"keks": {"1": "a"}})
    assert path.read_text() == '{"keks":{"1":"a"}}'
    with pytest.raises(FileExistsError):
        write_keys(path, {})
    before = path.stat()
    replace_keys(path, {"keks": {"2": "b"}, "more": []})
    assert path.read_text() == '{"keks":{"2":"b"},"more":[]}'
    after = path.stat()
    assert (after.st_mode & 0o777, after.st_uid) == (0o600, before.st_uid)
    assert after.st_ino != before.st_ino
    assert list(path.parent.iterdir()) == [path]
    path.unlink()
    replace_keys(path, {})
    assert path.read_text() == "{}"


def test_a_file_stays_with_the_service_whose_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, int, int]] = []

    def chown(draft: Path, owner: int, group: int) -> None:
        given.append((draft.parent.name, owner, group))

    monkeypatch.setattr(key_files.os, "chown", chown)
    write_keys(path, {})
    assert given == []
    replace_keys(path, {})
    found = path.stat()
    assert given == [("data", found.st_uid, found.st_gid)]


def test_a_draft_has_a_name_that_nobody_guesses_and_is_gone_afterwards(tmp_path: Path) -> None:
    names: set[str] = set()
    for _ in range(2):
        with key_files.draft_of(tmp_path, b"keys") as draft:
            assert draft.read_bytes() == b"keys"
            assert draft.stat().st_mode & 0o777 == 0o600
            assert len(draft.name.removeprefix(".keys-")) == 64
            names.add(draft.name)
        assert not draft.exists()
    assert len(names) == 2
    with (
        pytest.raises(RuntimeError, match="midway"),
        key_files.draft_of(tmp_path, b"keys"),
    ):
        raise RuntimeError("midway")
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_the_file_does_not_know_is_named(path: Path) -> None:
    ring = Keyring.open(path)
    for ask in (ring.identity, ring.wrap_keys, ring.wrap_key):
        with pytest.raises(KeyringError, match="'games'"):
            ask("games")


def test_what_was_asked_for_once_is_as_the_file_has_it_now(path: Path) -> None:
    ring = Keyring.open(path)
    wraps, known = ring.wrap_keys("ui"), ring.identity_keys()
    stored = json.loads(path.read_text())
    for kind, kid in (("wrap_keys", "ui-2"), ("identities", "svc-ui-2")):
        stored[kind]["ui"] = {kid: random_key()}
    stored["keks"]["2"] = random_key()
    stored["mac_roots"]["2"] = random_key()
    replace_keys(path, stored)
    assert "ui-1" not in wraps
    assert list(wraps) == ["ui-2"]
    assert len(wraps) == 1
    assert ("svc-ui-1" in known, "svc-ui-2" in known) == (False, True)


LOOKS: list[Callable[[Keyring], bool]] = [
    lambda ring: ring.identity("ui").kid == "svc-ui-2",
    lambda ring: list(ring.wrap_keys("ui")) == ["ui-2"],
    lambda ring: ring.roots == ("1", "2"),
    lambda ring: ring.primary_root == "2",
    lambda ring: "root 2" in ring.times(),
]


@pytest.mark.parametrize("look", LOOKS)
def test_whatever_is_asked_first_after_a_change_is_of_now(
    path: Path, look: Callable[[Keyring], bool]
) -> None:
    ring = Keyring.open(path)
    assert not look(ring)
    stored = json.loads(path.read_text())
    stored["mac_roots"]["2"] = random_key()
    stored["identities"]["ui"] = {"svc-ui-2": random_key()}
    stored["wrap_keys"]["ui"] = {"ui-2": random_key()}
    replace_keys(path, stored)
    assert look(ring)


def test_a_ring_keeps_the_time_of_its_house(path: Path, clock: ManualClock) -> None:
    Keyring.open(path)
    stored = json.loads(path.read_text())
    stored["mac_roots"]["2"] = random_key()
    stored["times"]["root 2"] = {"made": 0, "starts": int(clock.now()) + 10}
    replace_keys(path, stored)
    for ring in (Keyring.open(path, clock), Keyring.read(path.read_text(), "keys", path, clock)):
        assert ring.primary_root == "1"
    clock.advance(10)
    assert Keyring.open(path, clock).primary_root == "2"
    # Without one it is the time of the world.
    assert isinstance(Keyring(stored)._clock, SystemClock)


def test_a_ring_without_its_file_goes_on_until_the_file_is_there(path: Path) -> None:
    stored = fresh_keys()
    ring = Keyring(stored, path)
    assert ring.keks == ("1",)
    stored["keks"]["2"] = random_key()
    write_keys(path, stored)
    assert ring.keks == ("1", "2")
