"""What auth keeps or hands out under seal opens where it was put, and nowhere else."""

import re
from typing import Any

import pytest

from backend.auth.service.device_keys import DeviceKeys, open_keys
from backend.auth.service.exchanges import new_exchange, open_exchange, seal_exchange
from backend.auth.service.known_devices import KnownDevices
from backend.auth.service.link_tokens import LinkTokens
from backend.kit.clock import ManualClock
from backend.kit.keyring import SealBrokenError
from backend.kit.tokens.proofs import DeviceKey
from backend.kit.tokens.schedule import AUDIENCES, derive

LEAVES = derive(bytes(range(32)), b"s" * 32)
URL_SAFE_256_BITS = re.compile(r"[A-Za-z0-9_-]{43}")


def test_the_keys_of_a_device_open_in_their_row(parts: Any):
    keys = DeviceKeys.of(LEAVES)
    sealed = keys.seal(parts.keyring, "auth_device", "d-1")
    opened = open_keys(parts.keyring, "auth_device", "d-1", LEAVES.kid, sealed)
    assert opened == keys
    assert (opened.kid, opened.seal_key) == (LEAVES.kid, LEAVES.seal_key)
    for name in AUDIENCES:
        assert opened.for_audience(name) == DeviceKey(LEAVES.kid, LEAVES.proof_keys[name])
    for table, row_id in (("auth_device", "d-2"), ("auth_preauth", "d-1")):
        with pytest.raises(SealBrokenError):
            open_keys(parts.keyring, table, row_id, LEAVES.kid, sealed)
    with pytest.raises(SealBrokenError):
        parts.keyring.open_sealed("auth_device", "other", "d-1", sealed)
    assert parts.keyring.open_sealed("auth_device", "leaves", "d-1", sealed)


def test_what_a_provider_is_asked_is_new_each_time_and_opens_in_its_row(parts: Any):
    asked = new_exchange(parts, "google", "the-verifier")
    again = new_exchange(parts, "google", "the-verifier")
    for text in (asked.state, asked.nonce):
        assert URL_SAFE_256_BITS.fullmatch(text)
    assert len({asked.state, asked.nonce, again.state, again.nonce}) == 4
    assert asked.verifier == "the-verifier"
    assert asked.redirect_uri == "https://sosa.example/auth/callback/google"
    sealed = seal_exchange(parts, "p-1", asked)
    assert open_exchange(parts, "p-1", sealed) == asked
    assert parts.keyring.open_sealed("auth_preauth", "sealed_exchange", "p-1", sealed)
    with pytest.raises(SealBrokenError):
        open_exchange(parts, "p-2", sealed)


def test_an_answer_is_to_what_was_asked_or_to_nothing(parts: Any):
    asked = new_exchange(parts, "google", "the-verifier")
    assert asked.is_answer(asked.state)
    for state in ("", "é", asked.nonce, f"{asked.state}A", asked.state[:-1]):
        assert not asked.is_answer(state)
    assert repr(asked) == "<Exchange>", "its text shows nothing that is secret"


def test_a_token_is_given_out_once_and_known_again_by_its_mac(parts: Any):
    tokens = LinkTokens(parts.keyring)
    (token, kept), (other, _) = tokens.issue(), tokens.issue()
    assert URL_SAFE_256_BITS.fullmatch(token)
    assert tokens.is_right(kept, token)
    assert kept == parts.keyring.mac("link token 1", token)
    for wrong in ("", other, kept, f"{token}A"):
        assert not tokens.is_right(kept, wrong)
    assert not tokens.is_right(None, token)
    assert not tokens.is_right("", token)


def test_a_browser_is_known_again_for_a_year(parts: Any, clock: ManualClock):
    known = KnownDevices(parts)
    cookie, other = known.issue("ada"), known.issue("ada")
    clock.advance(365 * 86_400 - 1)
    found, another = known.find(cookie), known.find(other)
    assert found is not None
    assert another is not None
    assert found.user_id == another.user_id == "ada"
    assert found.lane != another.lane
    assert re.fullmatch(r"[0-9a-f]{16}", found.lane)
    clock.advance(1)
    assert known.find(cookie) is None


def test_nobody_makes_such_a_cookie_up(parts: Any):
    known = KnownDevices(parts)
    cookie = known.issue("ada")
    assert known.find(cookie)
    sealed_elsewhere = parts.keyring.seal("auth_device", "cookie", "", b"ada 0 1800000000")
    for made_up in ("", "ada", f"{cookie}A", cookie[:-4], sealed_elsewhere):
        assert known.find(made_up) is None
