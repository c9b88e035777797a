"""Channels: what is said comes, in order, and a broken line is noticed and mended."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from backend.kit.errors import UnavailableError
from backend.kit.redis import channels as module
from backend.kit.redis.channels import RedisChannels
from backend.kit.redis.client import LISTEN_SECONDS, open_client
from tests.redis.conftest import RedisServer
from tests.redis.waiting import until

Open = Callable[..., AbstractAsyncContextManager[RedisChannels]]


@pytest.fixture
def open_channels(redis_server: RedisServer) -> Open:
    @asynccontextmanager
    async def start(
        silence_seconds: float = LISTEN_SECONDS, database: int = 0
    ) -> AsyncGenerator[RedisChannels]:
        url = f"{redis_server.url}?db={database}"
        commands, listening = open_client(url), open_client(url, silence_seconds=silence_seconds)
        channels = RedisChannels(commands, listening)
        task = asyncio.create_task(channels.run())
        yield channels
        task.cancel()
        await asyncio.wait([task])
        await commands.aclose()
        await listening.aclose()

    return start


@pytest.fixture
async def channels(open_channels: Open) -> AsyncIterator[RedisChannels]:
    async with open_channels() as channels:
        assert await channels.wait(5)
        yield channels


async def test_what_is_said_comes_in_order(channels: RedisChannels) -> None:
    heard: list[bytes] = []
    await channels.subscribe("meadow", heard.append)
    await channels.publish([("meadow", b"%d" % number) for number in range(100)])
    await until(lambda: len(heard) == 100)
    assert heard == [b"%d" % number for number in range(100)]


async def test_who_stopped_listening_hears_nothing(channels: RedisChannels) -> None:
    heard: list[bytes] = []
    other: list[bytes] = []
    await channels.subscribe("meadow", heard.append)
    await channels.subscribe("pond", other.append)
    await channels.unsubscribe("meadow")
    await channels.publish([("meadow", b"1"), ("pond", b"2")])
    await until(lambda: other == [b"2"])
    assert heard == []


async def test_a_word_that_nobody_understands_stops_no_others(channels: RedisChannels) -> None:
    heard: list[bytes] = []

    def receive(word: bytes) -> None:
        if word == b"?":
            raise ValueError("what?")
        heard.append(word)

    await channels.subscribe("meadow", receive)
    await channels.publish([("meadow", b"?"), ("meadow", b"yes")])
    await until(lambda: heard == [b"yes"])


async def test_houses_in_other_databases_are_not_overheard(open_channels: Open) -> None:
    heard: list[bytes] = []
    async with open_channels(database=0) as here, open_channels(database=1) as there:
        assert await here.wait(5)
        assert await there.wait(5)
        await here.subscribe("meadow", heard.append)
        await there.publish([("meadow", b"theirs")])
        await here.publish([("meadow", b"ours")])
        await until(lambda: heard == [b"ours"])


@pytest.mark.faults
async def test_a_line_that_broke_is_told_of_and_comes_back(
    channels: RedisChannels, redis_server: RedisServer
) -> None:
    told: list[str] = []
    heard: list[bytes] = []
    channels.listen(lost=lambda: told.append("lost"), restored=lambda: told.append("restored"))
    await channels.subscribe("meadow", heard.append)
    redis_server.kill()
    await until(lambda: told == ["lost"])
    assert not channels.is_connected
    assert not await channels.wait(0.01)
    await channels.subscribe("pond", heard.append)
    await channels.unsubscribe("nowhere")
    with pytest.raises(UnavailableError):
        await channels.publish([("meadow", b"lost")])
    redis_server.start()
    assert await channels.wait(5)
    assert told == ["lost", "restored"]
    await channels.publish([("meadow", b"1"), ("pond", b"2")])
    await until(lambda: heard == [b"1", b"2"])


@pytest.mark.faults
async def test_a_line_that_went_silent_is_a_broken_line(
    open_channels: Open, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PING_SECONDS", 0.05)
    async with open_channels(silence_seconds=0.3) as channels:
        assert await channels.wait(5)
        await asyncio.sleep(0.6)
        assert channels.is_connected, "pings are an answer, too"
        redis_server.freeze()
        try:
            await until(lambda: not channels.is_connected, 2)
        finally:
            redis_server.thaw()
        assert await channels.wait(5)


@pytest.mark.faults
async def test_a_subscription_that_is_not_confirmed_is_tried_again(
    channels: RedisChannels, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.1)
    heard: list[bytes] = []
    redis_server.freeze()
    try:
        async with asyncio.timeout(1):
            await channels.subscribe("meadow", heard.append)
    finally:
        redis_server.thaw()
    await until(lambda: not channels.is_connected)
    assert await channels.wait(5)
    await channels.publish([("meadow", b"1")])
    await until(lambda: heard == [b"1"])
