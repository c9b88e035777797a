"""A power cut in the middle of a burst: nothing acknowledged is lost, nothing is stored twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.kit.ids import new_id
from tests.faithful import Sender
from tests.members import arriving
from tests.shapes.monolith import Monolith

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

SENDERS = 4
EACH = 100
KILLS = 3
PATIENCE_SECONDS = 200


@pytest.fixture
def monolith(tmp_path: Path) -> Iterator[Monolith]:
    product = Monolith(tmp_path)
    product.start()
    yield product
    product.stop()


async def test_kill_9_in_a_burst_loses_nothing_acknowledged_and_doubles_nothing(
    monolith: Monolith,
):
    async with arriving(monolith.url) as arrive:
        senders = [
            Sender(await arrive(name), "general", [f"{name}-{number}" for number in range(EACH)])
            for name in (f"s{number}" for number in range(SENDERS))
        ]
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            for sender in senders:
                tasks.create_task(sender.run())
            for kill in range(1, KILLS + 1):
                await until(senders, kill * SENDERS * EACH // (KILLS + 1))
                await asyncio.to_thread(monolith.kill)
                await asyncio.to_thread(monolith.start)
        assert sum(sender.retries for sender in senders) >= KILLS, "the cuts were felt"
        stored = await (await arrive("reader")).texts("general")
        assert sorted(stored) == sorted(text for sender in senders for text in sender.texts)
        for sender in senders:
            own = [text for text in stored if text in sender.seqs]
            assert own == sender.texts, "in the order in which they were sent"


async def until(senders: list[Sender], count: int) -> None:
    """Wait until so many messages were acknowledged in all."""
    while sum(len(sender.seqs) for sender in senders) < count:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)


async def test_a_socket_that_lost_its_server_resumes_where_it_was(monolith: Monolith):
    async with arriving(monolith.url) as arrive:
        ada, ben = await arrive("ada"), await arrive("ben")
        room = ada.rooms["general"]
        his = await ben.connect()
        joined = await his.join(room)
        await ada.send("general", (new_id(), "before the cut"))
        assert (await his.expect_message(room))["text"] == "before the cut"
        await asyncio.to_thread(monolith.kill)
        await asyncio.to_thread(monolith.start)
        await ada.send("general", (new_id(), "after the cut"))
        back = await ben.connect()
        at = {"epoch": joined["epoch"], "seq": joined["seq"] + 1}
        again = await back.join(room, at)
        assert not again["reset"]
        assert [event["message"]["text"] for event in again["events"]] == ["after the cut"]
