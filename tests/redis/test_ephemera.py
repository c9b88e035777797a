"""What may be forgotten, shared: the promises of Ephemera by the server's own clock."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from backend.kit.clock import SystemClock
from backend.kit.ephemera import Ephemera, InProcessEphemera, Limit, RateLimits
from backend.kit.errors import RateLimitedError, UnavailableError
from backend.kit.redis.client import open_client
from backend.kit.redis.ephemera import RedisEphemera
from tests.redis.conftest import RedisServer
from tests.redis.waiting import until


@pytest.fixture(params=["process", "redis"])
async def ephemera(request: pytest.FixtureRequest) -> AsyncIterator[Ephemera]:
    if request.param == "process":
        yield InProcessEphemera(SystemClock())
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    client = open_client(server.url)
    yield RedisEphemera(client)
    await client.aclose()


async def gone(ephemera: Ephemera, key: str) -> None:
    async def is_gone() -> bool:
        return await ephemera.find(key) is None

    await until(is_gone)


async def test_of_many_who_add_a_key_one_wins(ephemera: Ephemera):
    won = await asyncio.gather(*(ephemera.add("k", b"%d" % n, 10) for n in range(10)))
    assert won.count(True) == 1
    assert await ephemera.find("k") == b"%d" % won.index(True)


async def test_a_key_is_gone_when_its_time_is_up(ephemera: Ephemera):
    await ephemera.put("k", b"v", 0.2)
    assert await ephemera.find("k") == b"v"
    await gone(ephemera, "k")
    assert await ephemera.add("k", b"w", 1)


async def test_a_value_is_popped_once(ephemera: Ephemera):
    await ephemera.put("k", b"v", 10)
    popped = await asyncio.gather(*(ephemera.pop("k") for _ in range(20)))
    assert (popped.count(b"v"), popped.count(None)) == (1, 19)
    assert await ephemera.find("k") is None


async def test_what_is_put_again_replaces_value_and_time(ephemera: Ephemera):
    await ephemera.put("k", b"old", 0.05)
    await ephemera.put("k", b"new", 10)
    await ephemera.put("other", b"", 0.1)
    await gone(ephemera, "other")
    assert await ephemera.find("k") == b"new"


async def test_a_limit_allows_its_burst_then_its_rate(ephemera: Ephemera):
    limits, tries = RateLimits(ephemera, 1), Limit("tries", capacity=3, per_second=0.5)
    for _ in range(3):
        await limits.spend(tries, "ada")
    with pytest.raises(RateLimitedError) as caught:
        await limits.spend(tries, "ada")
    assert caught.value.retry_after_seconds in {2, 3}
    await limits.spend(tries, "ben")


async def test_a_scale_multiplies_a_limit(ephemera: Ephemera):
    limits, tries = RateLimits(ephemera, 10), Limit("tries", capacity=1, per_second=0.1)
    for _ in range(10):
        await limits.spend(tries, "ada")
    with pytest.raises(RateLimitedError):
        await limits.spend(tries, "ada")


async def test_a_bucket_refills(ephemera: Ephemera):
    assert await ephemera.take("b", capacity=1, per_second=20) == 0
    wait = await ephemera.take("b", capacity=1, per_second=20)
    assert 0 < wait <= 0.05
    await asyncio.sleep(wait + 0.01)
    assert await ephemera.take("b", capacity=1, per_second=20) == 0


async def test_of_a_crowd_only_as_many_as_there_are_tokens_get_one(ephemera: Ephemera):
    waits = await asyncio.gather(
        *(ephemera.take("b", capacity=5, per_second=0.01) for _ in range(50))
    )
    assert waits.count(0) == 5


async def test_keys_and_buckets_leave_by_themselves(client: Any):
    ephemera = RedisEphemera(client)
    await ephemera.put("k", b"", 0.05)
    await ephemera.take("b", capacity=1, per_second=50)
    assert await client.dbsize() == 2

    async def is_empty() -> bool:
        return await client.dbsize() == 0

    await until(is_empty)


@pytest.mark.faults
async def test_without_redis_nobody_gets_in(redis_server: RedisServer, client: Redis):
    ephemera = RedisEphemera(client)
    assert await ephemera.add("seen", b"", 60)
    redis_server.kill()
    for call in (
        ephemera.add("other", b"", 60),
        ephemera.find("seen"),
        ephemera.pop("seen"),
        ephemera.put("seen", b"", 60),
        ephemera.take("b", capacity=1, per_second=1),
    ):
        with pytest.raises(UnavailableError):
            await call
    redis_server.start()
    await redis_server.ready()
    assert not await ephemera.add("seen", b"", 60), "what was marked stays marked"


@pytest.mark.faults
async def test_a_redis_that_hangs_is_away_soon(redis_server: RedisServer, client: Redis):
    ephemera = RedisEphemera(client)
    await ephemera.put("k", b"v", 60)
    redis_server.freeze()
    try:
        with pytest.raises(UnavailableError):
            async with asyncio.timeout(4):
                await ephemera.find("k")
    finally:
        redis_server.thaw()
    assert await ephemera.find("k") == b"v"


async def test_a_token_that_is_given_back_can_be_taken_again(ephemera: Ephemera):
    bucket: dict[str, Any] = {"capacity": 2, "per_second": 0.001}
    assert [await ephemera.take("b", **bucket) for _ in range(2)] == [0, 0]
    assert await ephemera.take("b", **bucket) > 0
    for _ in range(5):
        await ephemera.give("b", capacity=2)
    await ephemera.give("never taken from", capacity=2)
    taken = [await ephemera.take("b", **bucket) for _ in range(3)]
    assert [wait == 0 for wait in taken] == [True, True, False]
