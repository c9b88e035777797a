import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.events import MAX_ATTEMPTS, Bus, Outbox, outbox_table
from backend.kit.values import Event


class CampfireLit(Event):
    name: str


class Listener:
    def __init__(self, failures: int = 0) -> None:
        self.heard: list[str] = []
        self.failures = failures

    async def on_lit(self, event: CampfireLit) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("asleep")
        self.heard.append(event.name)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def outbox(database: Database, clock: ManualClock, listener: Listener) -> Outbox:
    async with database.engine.begin() as connection:
        await connection.run_sync(outbox_table("kittest").create)
    bus = Bus()
    bus.on(CampfireLit, listener.on_lit)
    return Outbox("kittest", database, bus, clock)


async def say(outbox: Outbox, database: Database, *names: str) -> None:
    async with database.transaction() as session:
        for name in names:
            await outbox.add(session, CampfireLit(name=name))


async def dead(database: Database) -> list[bool]:
    async with database.reading() as session:
        return list((await session.scalars(sa.select(outbox_table("kittest").c.dead))).all())


async def test_an_event_is_delivered_once_and_in_order(
    outbox: Outbox, database: Database, listener: Listener
):
    await say(outbox, database, "first", "second")
    assert await outbox.deliver() == 2
    assert await outbox.deliver() == 0
    assert listener.heard == ["first", "second"]


async def test_an_event_of_a_failed_transaction_is_never_told(
    outbox: Outbox, database: Database, listener: Listener
):
    async def fail_halfway() -> None:
        async with database.transaction() as session:
            await outbox.add(session, CampfireLit(name="ghost"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fail_halfway()
    assert await outbox.deliver() == 0
    assert listener.heard == []


async def test_an_event_whose_handler_failed_is_tried_again_later(
    outbox: Outbox, database: Database, listener: Listener, clock: ManualClock
):
    listener.failures = 1
    await say(outbox, database, "again")
    await outbox.deliver()
    assert await outbox.deliver() == 0, "not before its time"
    clock.advance(3)
    await outbox.deliver()
    assert listener.heard == ["again"]


async def test_an_event_that_never_gets_through_is_kept_as_dead(
    outbox: Outbox, database: Database, listener: Listener, clock: ManualClock
):
    listener.failures = MAX_ATTEMPTS
    await say(outbox, database, "lost")
    for _ in range(MAX_ATTEMPTS):
        assert await outbox.deliver() == 1
        clock.advance(400)
    assert await outbox.deliver() == 0
    assert await dead(database) == [True]


async def test_an_event_nobody_reacts_to_is_done(
    database: Database, clock: ManualClock, outbox: Outbox
):
    quiet = Outbox("kittest", database, Bus(), clock)
    await say(quiet, database, "alone")
    assert await quiet.deliver() == 1
    assert await quiet.deliver() == 0


async def test_the_relay_wakes_when_something_was_said(tmp_path: Path, clock: ManualClock):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'relay.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(outbox_table("kittest").create)
    heard = asyncio.Event()

    async def on_lit(_event: CampfireLit) -> None:
        heard.set()

    bus = Bus()
    bus.on(CampfireLit, on_lit)
    outbox = Outbox("kittest", database, bus, clock)
    async with asyncio.TaskGroup() as tasks:
        relay = tasks.create_task(outbox.run())
        await asyncio.sleep(0)
        await say(outbox, database, "hello")
        async with asyncio.timeout(3):
            await heard.wait()
        relay.cancel()
    await database.close()
