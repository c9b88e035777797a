"""A session that ends in one process is refused by all within a second."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from backend.kit.clock import ManualClock
from backend.kit.events import Bus
from backend.kit.ids import SessionId, UserId
from backend.kit.redis.parts import InRedis
from backend.kit.tokens.revocations import REMEMBER_SECONDS, Revocations
from tests.redis.conftest import RedisServer
from tests.redis.waiting import until

ADA, BEN, CLEO = SessionId("ada"), SessionId("ben"), SessionId("cleo")
Start = Callable[[], AbstractAsyncContextManager[Revocations]]


@pytest.fixture
def start(redis_server: RedisServer, clock: ManualClock) -> Start:
    @asynccontextmanager
    async def start() -> AsyncGenerator[Revocations]:
        revocations = Revocations(clock)
        async with InRedis(redis_server.url, clock, Bus(), revocations).running():
            yield revocations

    return start


async def test_a_revocation_crosses_within_a_second(start: Start) -> None:
    async with start() as here, start() as there:
        ended: list[SessionId] = []
        there.listen(ended.append)
        here.revoke_session(ADA)
        await until(lambda: there.is_revoked(ADA), 1)
        there.revoke_session(BEN)
        await until(lambda: here.is_revoked(BEN), 1)
        assert ended == [ADA, BEN]
        assert not here.is_revoked(CLEO)


async def test_what_was_heard_is_not_told_again(start: Start, client: Any) -> None:
    async with start() as here, start() as there, client.pubsub() as listener:
        await listener.subscribe("sosa:0:revoked")
        here.revoke_session(ADA)
        await until(lambda: there.is_revoked(ADA), 1)
        await asyncio.sleep(0.1)
        told = 0
        while (word := await listener.get_message(timeout=0.05)) is not None:
            told += word["type"] == "message"
        assert told == 1


async def test_a_process_that_starts_knows_what_ended_before(
    start: Start, clock: ManualClock
) -> None:
    async with start() as here, start() as there:
        here.revoke_session(ADA)
        await until(lambda: there.is_revoked(ADA), 1)
        clock.advance(REMEMBER_SECONDS - 10)
        here.revoke_session(BEN)
        await until(lambda: there.is_revoked(BEN), 1)
    async with start() as late:
        assert late.is_revoked(ADA)
        assert late.is_revoked(BEN)
    clock.advance(11)
    async with start() as later:
        assert not later.is_revoked(ADA), "no token of it is left"
        assert later.is_revoked(BEN)


async def test_what_ended_before_it_ran_is_told(start: Start, client: Redis) -> None:
    async with start() as there:
        clock = ManualClock()
        revocations = Revocations(clock)
        revocations.revoke_session(ADA)
        shared = InRedis(_url(client), clock, Bus(), revocations)
        async with shared.running():
            await until(lambda: there.is_revoked(ADA), 1)


def _url(client: Redis) -> str:
    return f"unix://{client.get_connection_kwargs()['path']}"


@pytest.mark.faults
@pytest.mark.parametrize("empty", [False, True])
async def test_what_ended_while_redis_was_away_crosses_when_it_is_back(
    start: Start, redis_server: RedisServer, empty: bool
) -> None:
    async with start() as here, start() as there:
        here.revoke_session(ADA)
        await until(lambda: there.is_revoked(ADA), 1)
        redis_server.kill()
        here.revoke_session(BEN)
        await asyncio.sleep(0.05)
        assert not there.is_revoked(BEN)
        redis_server.start(empty=empty)
        await until(lambda: there.is_revoked(BEN), 5)
        async with start() as late:
            await until(lambda: late.is_revoked(ADA), 1)
            assert late.is_revoked(BEN)


@pytest.mark.faults
async def test_a_process_starts_without_redis_and_finds_it_when_it_comes(
    start: Start, redis_server: RedisServer
) -> None:
    redis_server.kill()
    async with start() as here, start() as there:
        here.revoke_session(ADA)
        redis_server.start()
        await until(lambda: there.is_revoked(ADA), 5)


async def test_epochs_and_dropped_keys_cross_and_are_there_for_latecomers(start: Start) -> None:
    user = UserId("ada")
    async with start() as here, start() as there:
        assert not there.is_outdated(user, 1)
        here.raise_epoch(user, 2)
        here.drop_key("k1")
        await until(lambda: there.is_outdated(user, 1) and there.is_dropped("k1"), 1)
        assert not there.is_outdated(user, 2)
        async with start() as late:
            assert late.is_outdated(user, 1)
            assert late.is_dropped("k1")
            assert not late.is_dropped("k2")
