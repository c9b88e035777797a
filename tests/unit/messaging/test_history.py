"""History by seq, and the rings that must say the same as the rows."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import event

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import InvalidRequestError, NotFoundError
from backend.kit.ids import RoomId
from backend.messaging.contract import ListMessages, ListOnline, ListRooms, Position, RoomEvent
from backend.messaging.live.ports import Standing
from backend.messaging.service import MessagingService, ring
from backend.messaging.service.log import RoomLog
from backend.messaging.service.ring import Ring, Rings
from tests.unit.messaging.neighbours import (
    ADA,
    BEN,
    CAVE,
    MEADOW,
    POND,
    Neighbours,
    make_service,
    saying,
    texts_of,
)
from tests.unit.messaging.talk import Talk


async def _say(messaging: MessagingService, count: int, room: RoomId = MEADOW) -> None:
    for start in range(0, count, 20):
        texts = [f"{number}" for number in range(start, min(start + 20, count))]
        await messaging.send(ADA, saying(room, *texts, prefix=room))


async def _standing(messaging: MessagingService, at: Position | None = None) -> Standing:
    seen: list[Standing] = []
    await messaging.enter(
        ADA, MEADOW, at, "connection", lambda standing, _online: seen.append(standing)
    )
    return seen[0]


async def _pages(messaging: MessagingService, **ask: Any) -> tuple[list[str], bool]:
    page = await messaging.list_messages(ADA, ListMessages(room_id=MEADOW, **ask))
    return texts_of(page.messages), page.more


async def test_pages_are_oldest_first_and_know_whether_there_are_more(
    messaging: MessagingService,
) -> None:
    await _say(messaging, 10)
    assert await _pages(messaging, limit=3) == (["7", "8", "9"], True)
    assert await _pages(messaging, limit=3, before=8) == (["4", "5", "6"], True)
    assert await _pages(messaging, limit=3, before=4) == (["0", "1", "2"], False)
    assert await _pages(messaging, limit=3, before=1) == ([], False)
    assert await _pages(messaging, limit=3, after=0) == (["0", "1", "2"], True)
    assert await _pages(messaging, limit=3, after=7) == (["7", "8", "9"], False)
    assert await _pages(messaging, limit=3, after=10) == ([], False)
    assert await _pages(messaging, limit=10) == ([str(number) for number in range(10)], False)


async def test_both_ends_at_once_make_no_sense(messaging: MessagingService) -> None:
    with pytest.raises(InvalidRequestError):
        await messaging.list_messages(ADA, ListMessages(room_id=MEADOW, before=3, after=1))


async def test_an_empty_room_has_an_empty_page_and_an_epoch(messaging: MessagingService) -> None:
    page = await messaging.list_messages(ADA, ListMessages(room_id=MEADOW))
    assert page.messages == ()
    assert page.epoch == (await messaging.list_messages(ADA, ListMessages(room_id=MEADOW))).epoch


async def test_the_rooms_are_those_one_may_read(
    messaging: MessagingService, peers: Neighbours
) -> None:
    peers.community.admit(ADA, CAVE)
    await _say(messaging, 3, CAVE)
    heads = {
        item.room_id: item.seq for item in (await messaging.list_rooms(ADA, ListRooms())).rooms
    }
    assert heads == {CAVE: 3, MEADOW: 0, POND: 0}
    others = await messaging.list_rooms(BEN, ListRooms())
    assert {item.room_id for item in others.rooms} == {MEADOW, POND}


async def test_who_may_read_no_room_gets_none(
    messaging: MessagingService, peers: Neighbours
) -> None:
    for room in (MEADOW, POND):
        peers.community.expel(BEN, room)
    assert (await messaging.list_rooms(BEN, ListRooms())).rooms == ()
    with pytest.raises(NotFoundError):
        await messaging.list_online(BEN, ListOnline(room_id=MEADOW))


async def test_a_join_after_the_first_does_not_touch_the_database(
    messaging: MessagingService, database: Database
) -> None:
    await _say(messaging, 60)
    first = await _standing(messaging)
    read: list[str] = []
    await _say_directly(messaging, 5)
    _note_statements(database, read)
    again = await _standing(messaging)
    resumed = await _standing(messaging, Position(epoch=first.epoch, seq=62))
    assert read == []
    assert (again.seq, len(again.messages), again.more) == (65, 50, True)
    assert [item.seq for item in resumed.missed or ()] == [63, 64, 65]


def _note_statements(database: Database, noted: list[str]) -> None:
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        noted.append(statement)

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", note)


async def _say_directly(messaging: MessagingService, count: int) -> None:
    for number in range(count):
        await messaging.send(BEN, saying(MEADOW, f"{number}"))


async def test_ring_and_rows_agree(each_database: Database, clock: ManualClock) -> None:
    messaging = make_service(each_database, clock)
    await _standing(messaging)
    await asyncio.gather(*(messaging.send(ADA, saying(MEADOW, f"{n}")) for n in range(600)))
    kept = await messaging._log.ring(MEADOW)
    fresh = await RoomLog(each_database, Rings()).ring(MEADOW)
    assert (kept.epoch, kept.head, kept.after(0)) == (fresh.epoch, fresh.head, fresh.after(0))
    assert len(kept.after(0)) == ring.RING_EVENTS


async def test_ring_and_rows_agree_on_what_was_changed(
    each_database: Database, clock: ManualClock
) -> None:
    messaging = make_service(each_database, clock)
    chance = random.Random(7)  # noqa: S311 - a test repeats its chances
    talk = Talk(messaging, MEADOW, chance)
    await talk.say(100)
    await _standing(messaging)
    for _ in range(8):
        await talk.say(20)
        await talk.change(20)
        kept = messaging._log._rings.find(MEADOW)
        fresh = await messaging._log.read_ring(MEADOW)
        assert kept is not None
        assert kept.standing(None) == fresh.standing(None)
        assert kept.after(0) == fresh.after(0)


async def test_a_snapshot_is_full_however_much_was_deleted(
    messaging: MessagingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "RING_MESSAGES", 60)
    talk = Talk(messaging, MEADOW, random.Random(7))  # noqa: S311
    await talk.say(150)
    assert len((await _standing(messaging)).messages) == 50
    await talk.erase()
    standing = await _standing(messaging)
    assert (len(standing.messages), standing.more) == (50, True)
    assert [item.text for item in standing.messages] == [str(n) for n in range(20, 70)]


async def test_a_process_that_missed_events_reads_them_before_it_answers(
    database: Database, clock: ManualClock
) -> None:
    here, there = make_service(database, clock), make_service(database, clock)
    await _standing(here)
    await there.send(BEN, saying(MEADOW, "there"))
    await here.send(ADA, saying(MEADOW, "here"))
    assert texts_of((await _standing(here)).messages) == ["there", "here"]


async def test_many_joins_at_once_read_once(
    messaging: MessagingService, database: Database
) -> None:
    await _say(messaging, 5)
    reads: list[str] = []
    _note_statements(database, reads)
    await asyncio.gather(*(_standing(messaging) for _ in range(50)))
    assert len([read for read in reads if "messaging_event" in read]) == 1


def _events(first: int, last: int) -> list[RoomEvent]:
    message: Any = None
    return [RoomEvent(seq=seq, kind="posted", message=message) for seq in range(first, last + 1)]


def test_what_is_appended_while_the_rows_are_read_is_not_lost() -> None:
    rings = Rings()
    with rings.expecting(MEADOW):
        rings.append(MEADOW, "e", _events(3, 4))
        rings.append(MEADOW, "e", _events(5, 5))
        assert rings.keep(MEADOW, Ring("e", 3, _events(1, 3)))
    kept = rings.find(MEADOW)
    assert kept is not None
    assert [item.seq for item in kept.after(0)] == [1, 2, 3, 4, 5]


def test_a_reading_that_missed_something_is_thrown_away() -> None:
    rings = Rings()
    with rings.expecting(MEADOW):
        rings.append(MEADOW, "e", _events(5, 5))
        assert not rings.keep(MEADOW, Ring("e", 3, _events(1, 3)))
    assert rings.find(MEADOW) is None


def test_a_reading_while_a_write_fails_is_thrown_away() -> None:
    rings = Rings()
    with rings.expecting(MEADOW):
        rings.drop(MEADOW)
        assert not rings.keep(MEADOW, Ring("e", 3, _events(1, 3)))
    assert rings.find(MEADOW) is None


def test_a_ring_of_another_epoch_is_dropped() -> None:
    rings = Rings()
    _keep(rings, MEADOW, Ring("old", 3, _events(1, 3)))
    rings.append(MEADOW, "new", _events(4, 4))
    assert rings.find(MEADOW) is None


def test_the_room_unused_for_longest_leaves_first() -> None:
    rings = Rings(max_rooms=2)
    _keep(rings, MEADOW, Ring("e", 0, []))
    _keep(rings, POND, Ring("e", 0, []))
    rings.find(MEADOW)
    _keep(rings, CAVE, Ring("e", 0, []))
    assert rings.find(MEADOW) is not None
    assert rings.find(POND) is None


def _keep(rings: Rings, room: RoomId, kept: Ring) -> None:
    with rings.expecting(room):
        assert rings.keep(room, kept)
