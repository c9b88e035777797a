"""Keyed hashes under roots that follow each other, and which root is whose."""

import hmac
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.key_files import KeyTimes, fresh_keys, random_key
from backend.kit.keyring import SETTLE_SECONDS, Keyring
from backend.kit.macs import Macs, root_of
from tests.device import b64, unb64

ROOTS = {"1": b64(b"1" * 32), "2": b64(b"2" * 32)}
LABEL, OF = "email", "ada@house.example"


def key_of(root: str, label: str) -> bytes:
    """RFC 5869, in its own words: HKDF-SHA256 without a salt, one block of it."""
    extracted = hmac.digest(bytes(32), unb64(root), "sha256")
    return hmac.digest(extracted, f"sosa/1 mac {label}".encode() + b"\x01", "sha256")


@pytest.fixture
def stored(clock: ManualClock) -> dict[str, Any]:
    """Keys with a second root that begins in ten seconds."""
    keys = fresh_keys()
    keys["mac_roots"]["2"] = random_key()
    keys["times"]["root 2"] = {"made": int(clock.now()), "starts": int(clock.now()) + 10}
    return keys


@pytest.fixture
def ring(stored: dict[str, Any], clock: ManualClock) -> Keyring:
    return Keyring(stored, clock=clock)


def test_a_hash_is_hmac_under_the_key_of_its_label() -> None:
    macs = Macs(ROOTS)
    assert macs.roots == ("1", "2")
    for root, secret in ROOTS.items():
        for label in (LABEL, "nonce", LABEL):
            assert macs.key(root, label) == key_of(secret, label)
    first, second = (hmac.digest(key_of(ROOTS[root], LABEL), b"data", "sha256") for root in "12")
    # As it was kept when there was one root only, and as it is kept since.
    assert macs.text("1", LABEL, b"data") == macs.text("1", LABEL, "data") == first.hex()
    assert macs.text("2", LABEL, b"data") == macs.text("2", LABEL, "data") == f"2.{b64(second)}"
    assert max(len(macs.text(root, LABEL, "data")) for root in ROOTS) == 64


@pytest.mark.parametrize(
    ("mac", "root"), [("ab" * 32, "1"), ("2.AbC-_", "2"), ("12.a.b", "12"), ("", "1"), (".a", "")]
)
def test_a_hash_says_which_root_it_is_under(mac: str, root: str) -> None:
    assert root_of(mac) == root


def test_a_file_of_before_there_were_several_roots_has_one() -> None:
    stored = fresh_keys()
    kept = Keyring(stored).mac(LABEL, OF)
    stored["mac_root"] = stored.pop("mac_roots")["1"]
    del stored["times"]
    ring = Keyring(stored)
    assert ring.roots == ("1",)
    assert ring.mac(LABEL, OF) == kept
    assert ring.is_mac(kept, LABEL, OF)
    assert set(ring.times().values()) == {KeyTimes(made=0, starts=0)}


def test_a_root_is_used_for_what_is_new_from_its_time_on(ring: Keyring, clock: ManualClock) -> None:
    before = ring.mac(LABEL, OF)
    clock.advance(9)
    assert (ring.primary_root, ring.mac(LABEL, OF)) == ("1", before)
    clock.advance(1)
    after = ring.mac(LABEL, OF)
    assert (ring.primary_root, root_of(after)) == ("2", "2")
    for kept in (before, after):
        assert ring.is_mac(kept, LABEL, OF)
        assert ring.is_mac(kept, LABEL, OF.encode())
        assert not ring.is_mac(kept, "nonce", OF)
        assert not ring.is_mac(kept, LABEL, "ben@house.example")


def test_every_hash_that_may_have_been_kept_is_told_and_the_one_for_what_is_new_first(
    ring: Keyring, stored: dict[str, Any], clock: ManualClock
) -> None:
    first = ring.mac(LABEL, OF)
    assert [root_of(mac) for mac in ring.macs(LABEL, OF)] == ["1", "2"]
    clock.advance(10)
    assert ring.macs(LABEL, OF) == (ring.mac(LABEL, OF), first)
    stored["mac_roots"]["3"] = random_key()
    ring = Keyring(stored, clock=clock)
    macs = ring.macs(LABEL, OF)
    assert [root_of(mac) for mac in macs] == ["3", "2", "1"]
    assert all(ring.is_mac(mac, LABEL, OF) for mac in macs)


@pytest.mark.parametrize("kept", ["", "1", "é", "2.", "3.AAAA", ".", "0" * 64])
def test_what_was_never_made_is_no_hash(ring: Keyring, kept: str) -> None:
    assert not ring.is_mac(kept, LABEL, OF)


def test_a_hash_under_a_root_that_is_gone_is_none(
    ring: Keyring, stored: dict[str, Any], clock: ManualClock
) -> None:
    clock.advance(10)
    first, second = ring.macs(LABEL, OF)[::-1]
    del stored["mac_roots"]["1"]
    left = Keyring(stored, clock=clock)
    assert left.is_mac(second, LABEL, OF)
    assert not left.is_mac(first, LABEL, OF)


def test_what_does_not_live_long_is_known_until_the_next_root_has_settled(
    ring: Keyring, stored: dict[str, Any], clock: ManualClock
) -> None:
    old, new = (key_of(stored["mac_roots"][root], "nonce") for root in "12")
    assert ring.mac_keys("nonce") == (old, new)
    assert (ring.is_stale("1"), ring.is_stale("2")) == (False, False)
    clock.advance(10)
    assert ring.mac_keys("nonce") == (new, old)
    clock.advance(SETTLE_SECONDS - 1)
    assert ring.mac_keys("nonce") == (new, old)
    assert not ring.is_stale("1")
    clock.advance(1)
    assert ring.mac_keys("nonce") == (new,)
    assert (ring.is_stale("1"), ring.is_stale("2"), ring.is_stale("gone")) == (True, False, True)


def test_of_roots_that_none_has_begun_the_last_is_used(
    stored: dict[str, Any], clock: ManualClock
) -> None:
    stored["times"]["root 1"] = {"made": 0, "starts": int(clock.now()) + 5}
    assert Keyring(stored, clock=clock).primary_root == "2"


def test_a_wrap_key_and_an_identity_have_their_times_too(
    stored: dict[str, Any], clock: ManualClock
) -> None:
    starts = int(clock.now()) + 10
    stored["wrap_keys"]["ui"]["ui-2"] = random_key()
    stored["identities"]["ui"]["svc-ui-2"] = random_key()
    for kid in ("ui-2", "svc-ui-2"):
        stored["times"][kid] = {"made": 1, "starts": starts}
    ring = Keyring(stored, clock=clock)
    wraps = {kid: unb64(key) for kid, key in stored["wrap_keys"]["ui"].items()}
    assert dict(ring.wrap_keys("ui")) == wraps
    assert ring.wrap_key("ui") == ("ui-1", wraps["ui-1"])
    assert ring.identity("ui").kid == "svc-ui-1"
    clock.advance(10)
    assert ring.wrap_key("ui") == ("ui-2", wraps["ui-2"])
    assert ring.identity("ui").kid == "svc-ui-2"
    times = ring.times()
    assert times["ui-2"] == times["svc-ui-2"] == KeyTimes(made=1, starts=starts)
    assert {"kek 1", "root 1", "root 2", "auth-1", "svc-auth-1"} <= set(times)
    assert len(times) == 3 + 2 * 6
