"""Parts of a split house die during a conversation; everybody hears everything, once, in order."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.conftest import Postgres, postgres_server
from tests.faults.conversation import converse
from tests.shapes.processes import Process
from tests.shapes.split import Split

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

AWAY_SECONDS = 1.0
VICTIMS = (
    "messaging-1",
    "messaging-2",
    "gateway-1",
    "redis",
    "postgres",
    "community-1",
    "edge",
)


@pytest.fixture(scope="module")
def durable() -> Iterator[Postgres]:
    with postgres_server(is_durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, durable: Postgres) -> Iterator[Split]:
    house = Split(tmp_path_factory.mktemp("split"), durable)
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.mark.parametrize("name", VICTIMS)
async def test_kill_9_of_a_part_during_a_conversation(split: Split, durable: Postgres, name: str):
    victim: Process | Postgres = durable if name == "postgres" else split.processes[name]

    async def kill_and_start_again() -> None:
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(victim.start)

    senders, readers = await converse(split.url, name, kill_and_start_again)
    if name == "postgres":
        assert all(sender.retries for sender in senders), "nothing is acknowledged without rows"
    if name == "gateway-1":
        returned = [client for client in (*readers, *senders) if client.returns > 0]
        assert returned, "somebody's socket was there"
