"""A power cut in the middle of a burst: nothing acknowledged is lost, nothing is stored twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from backend.kit.ids import new_id
from tests.members import Member, arriving
from tests.shapes.monolith import Monolith

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

SENDERS = 4
EACH = 100
KILLS = 3
TRY_AGAIN_SECONDS = 0.1
PATIENCE_SECONDS = 200


@pytest.fixture
def monolith(tmp_path: Path) -> Iterator[Monolith]:
    product = Monolith(tmp_path)
    product.start()
    yield product
    product.stop()


class Sender:
    """Sends numbered messages one after the other, each until it is acknowledged."""

    def __init__(self, member: Member, name: str) -> None:
        self.member = member
        self.texts = [f"{name}-{number}" for number in range(EACH)]
        self.seqs: dict[str, int] = {}
        """What was acknowledged, and with which place in the log."""
        self.retries = 0

    async def run(self) -> None:
        for text in self.texts:
            client_id = f"kill-{text}-{new_id()}"
            while not await self._try(client_id, text):
                self.retries += 1
                await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _try(self, client_id: str, text: str) -> bool:
        try:
            async with asyncio.timeout(5):
                answer = await self.member.send("general", (client_id, text))
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
        self.seqs[text] = answer["response"]["receipts"][0]["seq"]
        return True


async def test_kill_9_in_a_burst_loses_nothing_acknowledged_and_doubles_nothing(
    monolith: Monolith,
):
    async with arriving(monolith.url) as arrive:
        senders = [Sender(await arrive(f"s{n}"), f"s{n}") for n in range(SENDERS)]
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
            for sender in senders:
                tasks.create_task(sender.run())
            for kill in range(1, KILLS + 1):
                await until(senders, kill * SENDERS * EACH // (KILLS + 1))
                await asyncio.to_thread(monolith.kill)
                await asyncio.to_thread(monolith.start)
        assert sum(sender.retries for sender in senders) >= KILLS, "the cuts were felt"
        reader = await arrive("reader")
        stored = await reader.texts("general")
        assert sorted(stored) == sorted(text for sender in senders for text in sender.texts)
        for sender in senders:
            own = [text for text in stored if text in sender.seqs]
            assert own == sender.texts, "in the order in which they were sent"
            assert len(sender.seqs) == EACH


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
