"""Attack 117 of docs/security.md, and the file itself."""

import json
import threading
from pathlib import Path

import pytest

from backend.kit.key_files import KeyringError, _create, fresh_keys
from backend.kit.keyring import Keyring, SealBrokenError
from tests.device import b64

PLACE = ("auth_password", "sealed_hash", "row-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


def test_the_keys_are_made_once_and_for_their_owner(path: Path) -> None:
    sealed = Keyring.open(path).seal(*PLACE, b"secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring.open(path).open_sealed(*PLACE, sealed) == b"secret"
    assert list(path.parent.iterdir()) == [path]


def test_of_many_that_start_at_once_all_have_the_same_keys(path: Path) -> None:
    macs: list[str] = []
    start = threading.Barrier(8)

    def open_at_once() -> None:
        start.wait()
        macs.append(Keyring.open(path).mac("label", b"data"))

    threads = [threading.Thread(target=open_at_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(macs) == 8
    assert len(set(macs)) == 1
    assert list(path.parent.iterdir()) == [path]


def test_whoever_comes_second_does_not_overwrite(path: Path) -> None:
    _create(path, b"first")
    with pytest.raises(FileExistsError):
        _create(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_file_that_others_may_read_is_refused(path: Path) -> None:
    Keyring.open(path)
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.open(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"primary_kek": "1", "keks": 3}'])
def test_a_broken_file_is_refused_without_quoting_it(path: Path, content: str) -> None:
    Keyring.open(path)
    path.write_text(content)
    with pytest.raises(KeyringError, match="not a key file"):
        Keyring.open(path)


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("auth_other", "sealed_hash", "row-1"),
        ("auth_password", "other", "row-1"),
        ("auth_password", "sealed_hash", "row-2"),
    ],
)
def test_117_what_was_moved_does_not_open(path: Path, elsewhere: tuple[str, str, str]) -> None:
    keyring = Keyring.open(path)
    sealed = keyring.seal(*PLACE, b"secret")
    assert keyring.open_sealed(*PLACE, sealed) == b"secret"
    with pytest.raises(SealBrokenError):
        keyring.open_sealed(*elsewhere, sealed)


def test_117_the_ring_opens_old_seals_until_their_key_is_gone(path: Path) -> None:
    stored = fresh_keys()
    old = Keyring(stored)
    sealed = old.seal(*PLACE, b"secret")
    stored["keks"]["2"] = b64(b"2" * 32)
    stored["primary_kek"] = "2"
    ring = Keyring(stored)
    assert ring.open_sealed(*PLACE, sealed) == b"secret"
    assert not ring.is_current(sealed)
    again = ring.seal(*PLACE, b"secret")
    assert ring.is_current(again)
    with pytest.raises(SealBrokenError):
        ring.open_sealed(*PLACE, sealed.replace("v1.1.", "v1.2.", 1))
    del stored["keks"]["1"]
    with pytest.raises(SealBrokenError):
        Keyring(stored).open_sealed(*PLACE, sealed)


@pytest.mark.parametrize("sealed", ["", "v2.1.a.b", "v1.1.!.b", "v1.1", "v1.1.AAAA.AAAA"])
def test_what_is_no_seal_does_not_open(path: Path, sealed: str) -> None:
    with pytest.raises(SealBrokenError):
        Keyring.open(path).open_sealed(*PLACE, sealed)


def test_labels_and_installations_are_worlds_apart(path: Path) -> None:
    keyring = Keyring.open(path)
    assert keyring.mac("email", "a") == keyring.mac("email", b"a")
    assert keyring.mac("email", "a") != keyring.mac("nonce", "a")
    assert keyring.mac("email", "a") != Keyring(fresh_keys()).mac("email", "a")


def test_every_service_has_keys_of_its_own(path: Path) -> None:
    keyring = Keyring.open(path)
    names = ("auth", "ui", "profiles", "messaging", "community")
    assert len({key for name in names for key in keyring.wrap_keys(name).values()}) == 5
    assert {service for service, _ in keyring.identity_keys().values()} == set(names)
    assert keyring.identity("ui").service == "ui"


def test_its_text_shows_no_key(path: Path) -> None:
    keyring = Keyring.open(path)
    stored = json.loads(path.read_text())
    shown = repr(keyring) + repr(keyring.identity("ui"))
    assert stored["mac_roots"]["1"] not in shown
    assert stored["keks"]["1"] not in shown
    assert "private" not in shown
