"""Domain events between processes: at least once, whoever dies, and never lost in between."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from backend.kit.clock import SystemClock
from backend.kit.database import Database
from backend.kit.events import MAX_ATTEMPTS, Bus, CarrierAwayError, Outbox, outbox_table
from backend.kit.redis.client import LISTEN_SECONDS, open_client
from backend.kit.redis.streams import EventStream
from backend.kit.values import Event
from tests.redis.conftest import RedisServer
from tests.redis.waiting import until


class CampfireLit(Event):
    name: str


class Consumer:
    """One process that serves some services."""

    def __init__(self, bus: Bus, stream: EventStream) -> None:
        self.bus = bus
        self.stream = stream
        self.heard: list[tuple[str, str]] = []
        self.failures = 0
        self.is_stuck = False

    def react(self, group: str) -> None:
        async def on_lit(event: CampfireLit) -> None:
            if self.failures:
                self.failures -= 1
                raise ConnectionError("asleep")
            self.heard.append((group, event.name))
            if self.is_stuck:
                await asyncio.Event().wait()

        self.bus.on(CampfireLit, on_lit, group)


Processes = Callable[..., AbstractAsyncContextManager[Consumer]]


@pytest.fixture
def process(redis_server: RedisServer) -> Processes:
    @asynccontextmanager
    async def start(*groups: str, **options: float) -> AsyncGenerator[Consumer]:
        commands = open_client(redis_server.url)
        listening = open_client(redis_server.url, silence_seconds=LISTEN_SECONDS)
        bus = Bus()
        times: dict[str, Any] = {"abandoned_seconds": 0.3, "first_pause_seconds": 0.01, **options}
        consumer = Consumer(bus, EventStream(commands, listening, bus, **times))
        for group in groups:
            consumer.react(group)
        task = asyncio.create_task(consumer.stream.run())
        yield consumer
        task.cancel()
        await asyncio.wait([task])
        await commands.aclose()
        await listening.aclose()

    return start


async def light(consumer: Consumer, *names: str) -> None:
    for name in names:
        event = CampfireLit(name=name)
        await consumer.stream.dispatch("CampfireLit", msgspec.json.encode(event))


async def pending(client: Redis, group: str) -> int:
    found: Any = await client.xpending("sosa:0:events", group)
    return found["pending"]


async def test_every_service_hears_an_event_and_one_process_of_each(process: Processes) -> None:
    async with (
        process("profiles", "community") as first,
        process("profiles") as second,
        process() as teller,
    ):
        names = [f"fire {number}" for number in range(30)]
        await light(teller, *names)
        await until(lambda: len(first.heard) + len(second.heard) >= 60)
        heard = first.heard + second.heard
        assert sorted(name for group, name in heard if group == "profiles") == sorted(names)
        assert sorted(name for group, name in heard if group == "community") == sorted(names)


async def test_a_service_that_starts_later_learns_what_was_said(process: Processes) -> None:
    async with process() as teller:
        await light(teller, "early")
    async with process("profiles") as late:
        await until(lambda: late.heard == [("profiles", "early")])


async def test_what_is_handled_is_acknowledged(process: Processes, client: Redis) -> None:
    async with process("profiles") as consumer:
        await light(consumer, "one")
        await until(lambda: bool(consumer.heard))

        async def is_done() -> bool:
            return await pending(client, "profiles") == 0

        await until(is_done)


async def test_a_handler_that_fails_is_called_again(process: Processes) -> None:
    async with process("profiles") as consumer:
        consumer.failures = 2
        await light(consumer, "again")
        await until(lambda: consumer.heard == [("profiles", "again")])


async def test_what_a_dead_process_left_is_done_by_another(
    process: Processes, client: Redis
) -> None:
    async with process("profiles") as dying:
        dying.is_stuck = True
        await light(dying, "orphan")
        await until(lambda: bool(dying.heard))
    assert await pending(client, "profiles") == 1
    async with process("profiles") as other:
        await until(lambda: other.heard == [("profiles", "orphan")])

        async def is_done() -> bool:
            return await pending(client, "profiles") == 0

        await until(is_done)


async def test_what_is_being_handled_is_left_alone(process: Processes) -> None:
    async with (
        process("profiles", abandoned_seconds=60) as busy,
        process() as teller,
    ):
        busy.is_stuck = True
        await light(teller, "slow")
        await until(lambda: bool(busy.heard))
        async with process("profiles", abandoned_seconds=60) as idle:
            await light(teller, "next")
            await until(lambda: idle.heard == [("profiles", "next")])
            await idle.stream.retry("profiles")
            assert idle.heard == [("profiles", "next")]


async def test_an_event_that_never_gets_through_is_a_dead_letter(
    process: Processes, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.kit.redis.streams.MAX_ATTEMPTS", 3)
    monkeypatch.setattr("backend.kit.redis.streams.BLOCK_SECONDS", 0.02)
    async with process("profiles") as consumer:
        consumer.failures = MAX_ATTEMPTS
        await light(consumer, "lost")

        async def is_dead() -> bool:
            return bool(await consumer.stream.list_dead())

        await until(is_dead)
        (letter,) = await consumer.stream.list_dead()
        assert (letter["group"], letter["name"]) == ("profiles", "CampfireLit")
        assert letter["payload"] == '{"name":"lost"}'
        assert letter["attempts"] == "3"
        assert await pending(client, "profiles") == 0
        consumer.failures = 0
        await light(consumer, "next")
        await until(lambda: consumer.heard == [("profiles", "next")])


async def test_the_stream_does_not_grow_for_ever(
    process: Processes, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.kit.redis.streams.MAX_EVENTS", 100)
    async with process() as teller:
        await light(teller, *("fire" for _ in range(500)))
    assert await client.xlen("sosa:0:events") < 300


async def test_consumers_of_yesterday_leave(
    process: Processes, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process("profiles") as old:
        await light(old, "one")
        await until(lambda: bool(old.heard))
    monkeypatch.setattr("backend.kit.redis.streams.DAY_MS", 1)
    await asyncio.sleep(0.01)
    async with process("profiles") as new:
        await light(new, "two")
        await until(lambda: bool(new.heard))
        consumers: Any = await client.xinfo_consumers("sosa:0:events", "profiles")
        assert len(consumers) == 1


@pytest.mark.faults
@pytest.mark.parametrize("empty", [False, True])
async def test_consuming_goes_on_after_redis_was_killed(
    process: Processes, redis_server: RedisServer, empty: bool
) -> None:
    async with process("profiles") as consumer:
        await light(consumer, "before")
        await until(lambda: bool(consumer.heard))
        redis_server.kill()
        with pytest.raises(CarrierAwayError):
            await light(consumer, "lost")
        redis_server.start(empty=empty)
        await redis_server.ready()
        await light(consumer, "after")
        await until(lambda: ("profiles", "after") in consumer.heard)


@pytest.mark.faults
async def test_an_outbox_keeps_what_cannot_be_carried(
    process: Processes, redis_server: RedisServer, tmp_path: Path
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'outbox.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(outbox_table("kittest").create)
    async with process("profiles") as consumer:
        outbox = Outbox("kittest", database, consumer.stream, SystemClock())
        redis_server.kill()
        async with database.transaction() as session:
            await outbox.add(session, CampfireLit(name="patient"))
        for _ in range(MAX_ATTEMPTS + 1):
            with pytest.raises(CarrierAwayError):
                await outbox.deliver()
        redis_server.start()
        await redis_server.ready()
        assert await outbox.deliver() == 1
        await until(lambda: consumer.heard == [("profiles", "patient")])
        assert await outbox.deliver() == 0
    await database.close()
