"""A room whose members are in two processes: everyone hears everything once, in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from backend.kit.clock import SystemClock
from backend.kit.database import Database
from backend.kit.migrations import migrate
from backend.messaging.service import shared_rooms
from tests.redis.conftest import RedisServer
from tests.redis.houses import Client, Process, open_process
from tests.redis.waiting import until
from tests.unit.messaging.neighbours import ADA, BEN, CLEO, MEADOW, Neighbours

Processes = tuple[Process, Process]


@pytest.fixture
async def rows(database_url: str) -> str:
    database = Database(database_url)
    await migrate(database, "messaging")
    await database.close()
    return database_url


@pytest.fixture
def peers() -> Neighbours:
    return Neighbours(SystemClock())


@pytest.fixture
async def processes(
    rows: str, redis_server: RedisServer, peers: Neighbours
) -> AsyncIterator[Processes]:
    async with (
        open_process(redis_server.url, rows, peers) as first,
        open_process(redis_server.url, rows, peers) as second,
    ):
        yield first, second


async def clients(processes: Processes) -> tuple[Client, Client]:
    ada, ben = Client(processes[0], ADA, MEADOW), Client(processes[1], BEN, MEADOW)
    await ada.join()
    await ben.join()
    return ada, ben


async def test_what_is_said_in_one_process_is_heard_in_the_other(processes: Processes) -> None:
    ada, ben = await clients(processes)
    await processes[0].say(ADA, MEADOW, "hello")
    await processes[1].say(BEN, MEADOW, "hi")
    for client in (ada, ben):
        await until(lambda client=client: client.texts == ["hello", "hi"])
        assert (client.doubles, client.gaps) == (0, 0)


async def test_a_conversation_across_processes_is_in_order_and_without_doubles(
    processes: Processes,
) -> None:
    ada, ben = await clients(processes)

    async def talk(process: Process, who: Client) -> None:
        for number in range(60):
            await process.say(who.who, MEADOW, f"{who.who.user_id}{number}")

    await asyncio.gather(talk(processes[0], ada), talk(processes[1], ben))
    await until(lambda: ada.seq == ben.seq == 120)
    assert ada.texts == ben.texts
    assert [text for text in ada.texts if text.startswith("ada")] == [f"ada{n}" for n in range(60)]
    assert (ada.doubles, ada.gaps, ben.doubles, ben.gaps) == (0, 0, 0, 0)


async def test_a_ring_is_fed_by_what_others_say(processes: Processes) -> None:
    _, ben = await clients(processes)
    await processes[0].say(ADA, MEADOW, "one", "two")
    await until(lambda: ben.seq == 2)
    ring = processes[1].rooms._rings.find(MEADOW)
    assert ring
    assert ring.head == 2
    cleo = Client(processes[1], CLEO, MEADOW)
    await cleo.join()
    assert cleo.texts == ["one", "two"]


async def test_a_ring_does_not_outlive_its_feeding(processes: Processes) -> None:
    ada, ben = await clients(processes)
    await processes[0].say(ADA, MEADOW, "one")
    await until(lambda: ben.seq == 1)
    await ben.leave()
    await processes[0].say(ADA, MEADOW, "two")
    await ben.join()
    assert ben.texts == ["one", "two"]
    assert ada.gaps == ben.gaps == 0


async def test_a_reader_who_comes_from_elsewhere_is_never_set_back(processes: Processes) -> None:
    ada, ben = await clients(processes)
    # The second process hears nothing, and its ring knows nothing of what is said.
    processes[1].deafen()
    await processes[0].say(ADA, MEADOW, "one", "two")
    await until(lambda: ada.seq == 2)
    assert ben.seq == 0
    await ada.leave()
    ada.process = processes[1]
    await ada.join()
    assert (ada.texts, ada.seq) == (["one", "two"], 2)
    assert ben.texts == ["one", "two"], "those who were there learn of it, too"


async def test_what_was_committed_and_never_told_is_found_in_the_rows(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_rooms, "SWEEP_SECONDS", 0.05)
    ada, ben = await clients(processes)
    # A process that died between a commit and its telling.
    processes[0].messaging._commits._committed = _say_nothing
    await processes[0].say(ADA, MEADOW, "last words")
    await until(lambda: ada.texts == ben.texts == ["last words"])


async def test_background_work_ends_although_a_cancellation_got_lost(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun = asyncio.Event()

    async def beat() -> None:
        has_begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    monkeypatch.setattr(shared_rooms, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(processes[0].rooms.presence, "beat", beat)
    work = asyncio.create_task(processes[0].rooms.run())
    await has_begun.wait()
    work.cancel()
    done, _ = await asyncio.wait([work], timeout=2)
    assert done


async def _say_nothing(_appended: object) -> None:
    return


@pytest.mark.faults
async def test_nothing_is_lost_when_redis_is_killed_in_a_conversation(
    processes: Processes, redis_server: RedisServer
) -> None:
    ada, ben = await clients(processes)
    acknowledged: list[str] = []
    is_over = asyncio.Event()

    async def talk(process: Process, client: Client) -> None:
        number = 0
        while not is_over.is_set():
            text = f"{client.who.user_id}{number}"
            await process.say(client.who, MEADOW, text)
            acknowledged.append(text)
            number += 1
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk(processes[0], ada))
        tasks.create_task(talk(processes[1], ben))
        await until(lambda: len(acknowledged) > 20)
        redis_server.kill()
        await until(lambda: not any(process.is_connected for process in processes))
        count = len(acknowledged)
        await until(lambda: len(acknowledged) > count + 40)
        redis_server.start()
        await until(lambda: all(process.is_connected for process in processes))
        count = len(acknowledged)
        await until(lambda: len(acknowledged) > count + 20)
        is_over.set()
    await until(lambda: ada.seq == ben.seq == len(acknowledged), 10)
    assert ada.texts == ben.texts
    assert sorted(ada.texts) == sorted(acknowledged)
    assert (ada.doubles, ada.gaps, ben.doubles, ben.gaps) == (0, 0, 0, 0)


@pytest.mark.faults
async def test_sending_does_not_wait_for_a_redis_that_hangs(
    processes: Processes, redis_server: RedisServer
) -> None:
    ada, ben = await clients(processes)
    redis_server.freeze()
    try:
        async with asyncio.timeout(1):
            for number in range(20):
                await processes[0].say(ADA, MEADOW, f"n{number}")
        await until(lambda: ada.seq == 20)
    finally:
        redis_server.thaw()
    await until(lambda: ben.seq == 20)
    assert ada.texts == ben.texts == [f"n{number}" for number in range(20)]


@pytest.mark.faults
async def test_joining_works_while_redis_is_away(
    processes: Processes, redis_server: RedisServer
) -> None:
    redis_server.kill()
    await until(lambda: not any(process.is_connected for process in processes))
    await processes[1].say(BEN, MEADOW, "anyone?")
    ada, _ = await clients(processes)
    assert ada.texts == ["anyone?"]
    await processes[1].say(BEN, MEADOW, "still here")
    cleo = Client(processes[0], CLEO, MEADOW)
    await cleo.join()
    assert cleo.texts == ["anyone?", "still here"], "no ring is trusted"
    redis_server.start()
    await until(lambda: ada.texts == ["anyone?", "still here"])


@pytest.mark.faults
async def test_who_missed_more_than_a_resume_brings_is_made_to_join_again(
    processes: Processes, redis_server: RedisServer
) -> None:
    ada, ben = await clients(processes)
    redis_server.kill()
    await until(lambda: not any(process.is_connected for process in processes))
    for start in range(0, 520, 20):
        await processes[0].say(ADA, MEADOW, *(f"n{n}" for n in range(start, start + 20)))
    assert ada.seq == 520
    redis_server.start()
    await until(lambda: ben.gaps == 1 or ben.seq == 520)
    await ben.leave()
    await ben.join()
    assert ben.texts[-1] == "n519"
