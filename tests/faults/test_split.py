"""Parts of a split house die during a conversation; everybody hears everything, once, in order."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Postgres
from tests.faithful import Reader, Sender
from tests.faults.test_kill import until
from tests.members import arriving
from tests.shapes.split import Split

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

SENDERS = 2
READERS = 3
EACH = 60
PATIENCE_SECONDS = 120
AWAY_SECONDS = 1.0


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Split]:
    house = Split(tmp_path_factory.mktemp("split"), postgres)
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.mark.parametrize("victim", ["messaging-1", "messaging-2", "redis", "community-1", "edge"])
async def test_kill_9_of_a_part_during_a_conversation(split: Split, victim: str, tmp_path: Path):
    async with arriving(split.url) as arrive:
        room = "games"
        readers = [Reader(await arrive(f"r{number}"), room) for number in range(READERS)]
        senders = [
            Sender(await arrive(name), room, [f"{victim}-{name}-{n}" for n in range(EACH)])
            for name in (f"s{number}" for number in range(SENDERS))
        ]
        expected = sorted(text for sender in senders for text in sender.texts)
        listening = [asyncio.create_task(reader.run()) for reader in readers]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await joined(readers)
                async with asyncio.TaskGroup() as tasks:
                    for sender in senders:
                        tasks.create_task(sender.run())
                    await until(senders, SENDERS * EACH // 3)
                    await asyncio.to_thread(split.processes[victim].kill)
                    await asyncio.sleep(AWAY_SECONDS)
                    await asyncio.to_thread(split.processes[victim].start)
                await heard(readers, len(expected))
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        in_order = await senders[0].member.texts(room)
        told = [text for text in in_order if text.startswith(victim)]
        assert sorted(told) == expected
        for reader in readers:
            assert reader.texts == told


async def joined(readers: list[Reader]) -> None:
    """Wait until every reader has been let in."""
    while any(reader.returns < 0 for reader in readers):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.02)


async def heard(readers: list[Reader], count: int) -> None:
    """Wait until every reader has so many messages."""
    while any(len(reader.texts) < count for reader in readers):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.02)
