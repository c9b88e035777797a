"""Auth's public keys, as other services get hold of them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kit.clock import ManualClock
from backend.kit.errors import UnavailableError
from backend.kit.ids import SessionId, UserId
from backend.kit.tokens.published import (
    MAX_AGE_SECONDS,
    UNKNOWN_KID_SECONDS,
    PublishedKeys,
    to_jwk,
)
from backend.kit.tokens.revocations import Revocations
from tests.device import b64


class Auth:
    """Publishes keys, slowly if it must, and counts how often it was asked."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.asked = 0
        self.is_away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        await self.may_answer.wait()
        if self.is_away:
            raise UnavailableError("asleep")
        key = Ed25519PrivateKey.generate().public_key()
        return {"keys": [to_jwk(kid, key) for kid in self.kids]}


async def test_who_asks_while_keys_are_on_their_way_waits_for_them(clock: ManualClock):
    auth = Auth("a")
    auth.may_answer.clear()
    keys = PublishedKeys(auth.fetch, clock)
    asking = [asyncio.create_task(keys.find("a")) for _ in range(3)]
    await asyncio.sleep(0)
    auth.may_answer.set()
    found = await asyncio.gather(*asking)
    assert None not in found
    assert auth.asked == 1


async def test_auth_away_at_the_first_question_is_no_verdict_on_the_key(clock: ManualClock):
    auth = Auth("a")
    auth.is_away = True
    keys = PublishedKeys(auth.fetch, clock)
    answers = await asyncio.gather(keys.find("a"), keys.find("a"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [UnavailableError, UnavailableError]
    auth.is_away = False
    assert await keys.find("a") is not None


def test_a_key_is_published_as_what_it_is() -> None:
    key = Ed25519PrivateKey.generate().public_key()
    assert to_jwk("a", key) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": "a",
        "x": b64(key.public_bytes_raw()),
        "use": "sig",
        "alg": "EdDSA",
    }


@pytest.mark.parametrize("changed", [{"kty": "EC"}, {"crv": "X25519"}, {"use": "enc"}], ids=str)
async def test_keys_for_something_else_are_left_out(
    clock: ManualClock, changed: dict[str, str]
) -> None:
    jwk = to_jwk("a", Ed25519PrivateKey.generate().public_key())

    async def fetch() -> Mapping[str, Any]:
        return {"keys": [{**jwk, **changed}, {**jwk, "kid": "b"}]}

    keys = PublishedKeys(fetch, clock)
    assert await keys.find("b")
    assert await keys.find("a") is None


async def test_keys_are_asked_for_anew_once_one_was_dropped(clock: ManualClock) -> None:
    auth, revocations = Auth("a"), Revocations(clock)
    keys = PublishedKeys(auth.fetch, clock, revocations)
    assert await keys.find("a")
    revocations.revoke_session(SessionId("s"))
    revocations.raise_epoch(UserId("u"), 1)
    assert await keys.find("a")
    assert auth.asked == 1
    revocations.drop_key("a")
    auth.kids = ["b"]
    assert await keys.find("a") is None
    assert auth.asked == 2


async def test_an_answer_that_was_on_its_way_when_a_key_was_dropped_is_not_relied_on(
    clock: ManualClock,
) -> None:
    auth, revocations = Auth("a"), Revocations(clock)
    keys = PublishedKeys(auth.fetch, clock, revocations)
    revocations.drop_key("z")
    auth.may_answer.clear()
    asking = asyncio.create_task(keys.find("a"))
    await asyncio.sleep(0)
    revocations.drop_key("y")
    auth.may_answer.set()
    assert await asking
    assert await keys.find("a")
    assert await keys.find("a")
    assert auth.asked == 2


async def test_a_known_key_is_old_after_five_minutes_and_an_unknown_one_after_one(
    clock: ManualClock,
) -> None:
    auth = Auth("a")
    keys = PublishedKeys(auth.fetch, clock)
    assert await keys.find("a")
    for kid, seconds, asked in (("a", 299.5, 1), ("b", 0, 2), ("b", 59.5, 2), ("b", 0.5, 3)):
        clock.advance(seconds)
        await asyncio.gather(keys.find(kid), keys.find(kid))
        assert auth.asked == asked
    for seconds, asked in ((299.5, 3), (0.5, 4)):
        clock.advance(seconds)
        await asyncio.gather(keys.find("a"), keys.find("a"))
        assert auth.asked == asked


async def test_an_invented_kid_costs_auth_one_question_a_minute(clock: ManualClock):
    auth = Auth("a")
    keys = PublishedKeys(auth.fetch, clock)
    assert await keys.find("a")
    for _ in range(5):
        assert await keys.find("invented") is None
    assert auth.asked == 1
    clock.advance(UNKNOWN_KID_SECONDS)
    for _ in range(5):
        assert await keys.find("invented") is None
    assert auth.asked == 2


@pytest.mark.parametrize("is_away", [False, True])
async def test_keys_are_asked_for_again_when_old_and_kept_when_auth_is_away(
    clock: ManualClock, is_away: bool
):
    auth = Auth("a")
    keys = PublishedKeys(auth.fetch, clock)
    known = await keys.find("a")
    auth.is_away = is_away
    clock.advance(MAX_AGE_SECONDS)
    again = await keys.find("a")
    assert (again is known) == is_away
    await keys.find("a")
    assert auth.asked == 2, "auth that is away is left in peace for as long"
