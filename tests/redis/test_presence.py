"""Who is online across processes; and nobody stays as a ghost."""

from collections.abc import AsyncIterator

import pytest

from backend.kit.clock import SystemClock
from backend.kit.database import Database
from backend.kit.migrations import migrate
from backend.messaging.contract import ListOnline
from backend.messaging.service import shared_presence, shared_rooms
from tests.redis.conftest import RedisServer
from tests.redis.houses import Client, Process, open_process
from tests.redis.waiting import until
from tests.unit.messaging.neighbours import ADA, BEN, CLEO, MEADOW, POND, Neighbours, member

Processes = tuple[Process, Process]


@pytest.fixture
async def processes(
    tmp_path_factory: pytest.TempPathFactory,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Processes]:
    monkeypatch.setattr(shared_rooms, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr("backend.kit.redis.parts.TTL_SECONDS", 0.4)
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('rows') / 'rows.db'}"
    database = Database(url)
    await migrate(database, "messaging")
    await database.close()
    peers = Neighbours(SystemClock())
    async with (
        open_process(redis_server.url, url, peers) as first,
        open_process(redis_server.url, url, peers) as second,
    ):
        yield first, second


async def together(processes: Processes) -> tuple[Client, Client]:
    ada, ben = Client(processes[0], ADA, MEADOW), Client(processes[1], BEN, MEADOW)
    await ada.join()
    await ben.join()
    await until(lambda: ada.online == ben.online == {"ada", "ben"})
    return ada, ben


async def test_who_comes_and_goes_in_one_process_is_seen_in_the_other(
    processes: Processes,
) -> None:
    ada, ben = await together(processes)
    await ben.leave()
    await until(lambda: ada.online == {"ada"})


async def test_joining_shows_who_is_there_by_other_processes(processes: Processes) -> None:
    await together(processes)
    cleo = Client(processes[1], CLEO, MEADOW)
    await cleo.join()
    assert cleo.online == {"ada", "ben", "cleo"}


async def test_somebody_who_is_there_twice_leaves_once(processes: Processes) -> None:
    ada, ben = await together(processes)
    phone = Client(processes[0], member("ben", "phone"), MEADOW)
    await phone.join()
    await ben.leave()
    cleo = Client(processes[1], CLEO, MEADOW)
    await cleo.join()
    await until(lambda: "cleo" in ada.online)
    assert ada.online == {"ada", "ben", "cleo"}, "ben is still there by the phone"
    await phone.leave()
    await until(lambda: ada.online == {"ada", "cleo"})


async def test_a_list_is_the_same_in_a_process_without_members(processes: Processes) -> None:
    ada = Client(processes[0], ADA, MEADOW)
    await ada.join()

    async def is_seen() -> bool:
        answer = await processes[1].messaging.list_online(CLEO, ListOnline(room_id=MEADOW))
        return set(answer.users) == {"ada"}

    await until(is_seen)
    nobody = await processes[1].messaging.list_online(CLEO, ListOnline(room_id=POND))
    assert nobody.users == ()


async def test_the_members_of_a_process_that_dies_leave_in_time(processes: Processes) -> None:
    ada, _ben = await together(processes)
    await processes[1].die()
    await until(lambda: ada.online == {"ada"}, 3)


async def test_an_idle_member_stays(processes: Processes) -> None:
    ada, ben = await together(processes)
    heard = len(ada.told)
    beats = 0

    async def beat() -> bool:
        nonlocal beats
        beats += 1
        await processes[0].rooms.presence.beat()
        return beats > 60

    await until(beat)
    assert ada.online == ben.online == {"ada", "ben"}
    assert len(ada.told) == heard, "nothing happened, and nothing was told"


async def test_a_process_that_ends_says_goodbye(
    processes: Processes, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.kit.redis.parts.TTL_SECONDS", 60)
    ada = Client(processes[0], ADA, MEADOW)
    await ada.join()
    peers = Neighbours(SystemClock())
    async with open_process(redis_server.url, processes[0].database.url, peers) as third:
        cleo = Client(third, CLEO, MEADOW)
        await cleo.join()
        await until(lambda: "cleo" in ada.online)
        await cleo.leave()
    await until(lambda: ada.online == {"ada"})


@pytest.mark.faults
@pytest.mark.parametrize("empty", [False, True])
async def test_everybody_is_still_there_after_redis_was_killed(
    processes: Processes, redis_server: RedisServer, empty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As long, beside the time it takes to find Redis again, as it is in a real house.
    monkeypatch.setattr(shared_presence, "BEATS_TO_TRUST", 20)
    ada, ben = await together(processes)
    redis_server.kill()
    await until(lambda: not any(process.is_connected for process in processes))
    cleo = Client(processes[0], CLEO, MEADOW)
    await cleo.join()
    await until(lambda: "cleo" in ada.online)
    redis_server.start(empty=empty)
    await until(lambda: "cleo" in ben.online)
    assert ada.online == ben.online == {"ada", "ben", "cleo"}
    went = [user for told in (*ada.told, *ben.told) for user in told.get("went", ())]
    assert went == [], "and nobody flickered"
    await ben.leave()
    await until(lambda: ada.online == {"ada", "cleo"})


@pytest.mark.faults
async def test_leaving_while_redis_is_away_is_noticed(
    processes: Processes, redis_server: RedisServer
) -> None:
    ada, ben = await together(processes)
    redis_server.kill()
    await until(lambda: not any(process.is_connected for process in processes))
    await ben.leave()
    redis_server.start()
    await until(lambda: ada.online == {"ada"})
