"""Mail that waits: sent once, tried again, and forgotten when it is of no use any more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.auth import models
from backend.auth.service.letters import Letters
from backend.auth.service.mail_texts import Text
from backend.kit.clock import ManualClock
from tests.attacks.post import ADA, PostHouse, post_house
from tests.redis.waiting import until

TEXT = Text("Hello", "A letter.")


@pytest.fixture
async def town(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path, clock) as opened:
        yield opened


async def write(town: PostHouse, *, fail: bool = False) -> Any:
    """Write a letter in a transaction; returns the parts of the service."""
    core = town.house.auth._core
    async with core.parts.database.transaction() as session:
        core.letters.add(session, ADA, TEXT, timedelta(minutes=10))
        if fail:
            raise LookupError
    return core.parts


async def waiting(parts: Any) -> int:
    async with parts.database.reading() as session:
        count = sa.select(sa.func.count()).select_from(models.Letter)
        return int(await session.scalar(count))


async def is_empty(parts: Any) -> bool:
    return await waiting(parts) == 0


async def test_of_several_who_send_one_does(town: PostHouse) -> None:
    # The house's own relay, and two more processes.
    parts = await write(town)
    await asyncio.gather(*(Letters(parts).send_due() for _ in range(2)))
    await town.post.wait(ADA)
    await until(lambda: is_empty(parts))
    assert len(town.post.mails) == 1


async def test_a_letter_of_what_did_not_happen_is_not_sent(town: PostHouse) -> None:
    with pytest.raises(LookupError):
        await write(town, fail=True)
    await write(town)
    await town.post.wait(ADA)
    assert len(town.post.mails) == 1


async def test_a_letter_is_tried_again_until_it_is_of_no_use(
    town: PostHouse, clock: ManualClock
) -> None:
    town.post.answer = "451 later"
    parts = await write(town)
    letters = Letters(parts)
    for _ in range(3):
        clock.advance(61)
        await letters.send_due()
        assert await waiting(parts) == 1
    clock.advance(600)
    await letters.send_due()
    assert await waiting(parts) == 0
    assert not town.post.mails


async def test_a_letter_that_nobody_will_ever_take_is_forgotten(town: PostHouse) -> None:
    town.post.answer = "550 no such user"
    parts = await write(town)
    await until(lambda: is_empty(parts))
    assert not town.post.mails
