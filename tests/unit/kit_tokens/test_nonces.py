"""Nonces: of a bucket of time and a device, and of nothing that anyone remembers."""

import hashlib
import hmac

import pytest

from backend.kit.clock import ManualClock
from backend.kit.tokens.nonces import Nonces
from tests.device import b64

KEY = b"n" * 32


def test_a_nonce_is_its_bucket_and_half_a_mac_over_it_and_the_device(clock: ManualClock) -> None:
    clock.advance(299)
    mac = hmac.digest(KEY, b"6000000|kid-1", hashlib.sha256)
    assert Nonces(KEY, clock).fresh("kid-1") == f"6000000.{b64(mac[:16])}"


@pytest.mark.parametrize(("made", "used"), [(0, 0), (0, 299), (0, 599.9), (299, 300), (299, 599.9)])
def test_a_nonce_is_good_for_five_to_ten_minutes(
    clock: ManualClock, made: float, used: float
) -> None:
    nonces = Nonces(KEY, clock)
    clock.advance(made)
    nonce = nonces.fresh("kid-1")
    clock.advance(used - made)
    assert nonces.is_good(nonce, "kid-1")
    assert not nonces.is_good(nonce, "kid-2")
    assert not Nonces(b"m" * 32, clock).is_good(nonce, "kid-1")


@pytest.mark.parametrize("seconds", [600, -1, -300])
def test_a_nonce_of_another_time_is_not_good(clock: ManualClock, seconds: float) -> None:
    nonce = Nonces(KEY, clock).fresh("kid-1")
    clock.advance(seconds)
    assert not Nonces(KEY, clock).is_good(nonce, "kid-1")


@pytest.mark.parametrize("nonce", ["", None, 5, "é", "\udce9", "6000000."])
def test_what_is_no_nonce_is_not_good(clock: ManualClock, nonce: object) -> None:
    assert not Nonces(KEY, clock).is_good(nonce, "kid-1")
