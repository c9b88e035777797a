"""Nonces: of a bucket of time and a device, and of nothing that anyone remembers."""

import hashlib
import hmac

import pytest

from backend.kit.clock import ManualClock
from backend.kit.key_files import fresh_keys
from backend.kit.keyring import Keyring
from backend.kit.tokens.nonces import Nonces, nonces_of
from tests.device import b64

KEY, OLDER = b"n" * 32, b"o" * 32


def nonces_under(key: bytes, clock: ManualClock) -> Nonces:
    return Nonces(lambda: (key,), clock)


def test_a_nonce_is_its_bucket_and_half_a_mac_over_it_and_the_device(clock: ManualClock) -> None:
    clock.advance(299)
    mac = hmac.digest(KEY, b"6000000|kid-1", hashlib.sha256)
    assert nonces_under(KEY, clock).fresh("kid-1") == f"6000000.{b64(mac[:16])}"


@pytest.mark.parametrize(("made", "used"), [(0, 0), (0, 299), (0, 599.9), (299, 300), (299, 599.9)])
def test_a_nonce_is_good_for_five_to_ten_minutes(
    clock: ManualClock, made: float, used: float
) -> None:
    nonces = nonces_under(KEY, clock)
    clock.advance(made)
    nonce = nonces.fresh("kid-1")
    clock.advance(used - made)
    assert nonces.is_good(nonce, "kid-1")
    assert not nonces.is_good(nonce, "kid-2")
    assert not nonces_under(b"m" * 32, clock).is_good(nonce, "kid-1")


@pytest.mark.parametrize("seconds", [600, -1, -300])
def test_a_nonce_of_another_time_is_not_good(clock: ManualClock, seconds: float) -> None:
    nonce = nonces_under(KEY, clock).fresh("kid-1")
    clock.advance(seconds)
    assert not nonces_under(KEY, clock).is_good(nonce, "kid-1")


@pytest.mark.parametrize("nonce", ["", None, 5, "é", "\udce9", "6000000."])
def test_what_is_no_nonce_is_not_good(clock: ManualClock, nonce: object) -> None:
    assert not nonces_under(KEY, clock).is_good(nonce, "kid-1")


def test_the_newest_key_makes_nonces_and_those_before_still_know_theirs(clock: ManualClock) -> None:
    before = nonces_under(OLDER, clock).fresh("kid-1")
    nonces = Nonces(lambda: (KEY, OLDER), clock)
    assert nonces.fresh("kid-1") == nonces_under(KEY, clock).fresh("kid-1") != before
    assert nonces.is_good(before, "kid-1")
    assert nonces.is_good(nonces.fresh("kid-1"), "kid-1")
    assert not nonces_under(KEY, clock).is_good(before, "kid-1")


def test_the_nonces_of_a_house_are_under_a_label_of_their_own(clock: ManualClock) -> None:
    ring = Keyring(fresh_keys(), clock=clock)
    (key,) = ring.mac_keys("nonce")
    assert nonces_of(ring, clock).fresh("kid-1") == nonces_under(key, clock).fresh("kid-1")
