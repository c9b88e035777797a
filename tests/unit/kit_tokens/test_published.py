"""Auth's public keys, as other services get hold of them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kit.clock import ManualClock
from backend.kit.errors import UnavailableError
from backend.kit.tokens.published import (
    MAX_AGE_SECONDS,
    UNKNOWN_KID_SECONDS,
    PublishedKeys,
    to_jwk,
)


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
