"""One transaction of the group commit: what many members do in many rooms, in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.kit.database import Database
from backend.kit.errors import SosaError
from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import EventKind, Receipt, RoomEvent
from backend.messaging.service.changes import Changed, Changing
from backend.messaging.service.drafts import Drafted, Drafting
from backend.messaging.service.log import new_room
from backend.messaging.service.reading import read_messages, to_event, to_message
from backend.messaging.service.tables import EVENTS, ROOMS

MAX_TRIES = 4

Work = Drafted | Changed
Result = list[Receipt] | SosaError
"""Receipts in the order of the drafts; one for a change."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What a transaction added to one room's log."""

    room_id: RoomId
    epoch: str
    events: Sequence[RoomEvent]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: a result for each piece of work, and what each room gained."""

    results: list[Result]
    appended: list[Appended]


@dataclass(slots=True)
class Room:
    """The end of a room's log while a transaction holds it."""

    epoch: str
    head: int
    events: list[tuple[int, EventKind, MessageId]] = field(
        default_factory=list[tuple[int, EventKind, MessageId]]
    )

    def append(self, kind: EventKind, message_id: str) -> int:
        """Give an event its place."""
        self.head += 1
        self.events.append((self.head, kind, MessageId(message_id)))
        return self.head


async def write(database: Database, work: Sequence[Work], now: datetime) -> Outcome:
    """Write it all in one transaction; when this returns, it is durable.

    A device's id that is known already, or that comes twice, gets the receipt of the first.
    """
    once = partial(_write_once, database, work, now)
    for _ in range(MAX_TRIES - 1):
        try:
            return await database.transact(once)
        except IntegrityError:
            # Another process wrote one of the ids between our look and our insert. The next look
            # finds it.
            continue
    return await database.transact(once)


def _write_once(
    database: Database, work: Sequence[Work], now: datetime, connection: Connection
) -> Outcome:
    rooms = _lock_rooms(database, connection, {item.room_id for item in work})
    drafting = Drafting(connection, [item for item in work if isinstance(item, Drafted)], now)
    changing = Changing(connection, [item for item in work if isinstance(item, Changed)], now)
    results: list[Result] = []
    for item in work:
        room = rooms[item.room_id]
        if isinstance(item, Drafted):
            results.append(drafting.place(item, room))
        else:
            results.append(changing.place(item, room))
    drafting.store()
    changing.store()
    _store(connection, rooms)
    return Outcome(results, _appended(connection, rooms, drafting, changing))


def _lock_rooms(
    database: Database, connection: Connection, room_ids: set[RoomId]
) -> dict[RoomId, Room]:
    # Always in the same order, so that two processes never wait for each other. SQLite ignores FOR
    # UPDATE: its transaction is the only one that writes anyway.
    ordered = sorted(room_ids)
    query = (
        sa.select(ROOMS)
        .where(ROOMS.c.room_id.in_(ordered))
        .order_by(ROOMS.c.room_id)
        .with_for_update()
    )
    rows = connection.execute(query).all()
    if len(rows) < len(ordered):
        connection.execute(database.insert_ignore(ROOMS), [new_room(item) for item in ordered])
        rows = connection.execute(query).all()
    return {row.room_id: Room(row.epoch, row.head_seq) for row in rows}


def _store(connection: Connection, rooms: dict[RoomId, Room]) -> None:
    grown = {room_id: room for room_id, room in rooms.items() if room.events}
    if not grown:
        return
    connection.execute(
        sa.insert(EVENTS),
        [
            {"room_id": room_id, "seq": seq, "kind": kind, "message_id": message_id}
            for room_id, room in grown.items()
            for seq, kind, message_id in room.events
        ],
    )
    connection.execute(
        sa.update(ROOMS)
        .where(ROOMS.c.room_id == sa.bindparam("room"))
        .values(head_seq=sa.bindparam("head")),
        [{"room": room_id, "head": room.head} for room_id, room in grown.items()],
    )


def _appended(
    connection: Connection, rooms: dict[RoomId, Room], drafting: Drafting, changing: Changing
) -> list[Appended]:
    # Most messages are new and answer nothing: they are what was just written, and need no look.
    plain = {
        MessageId(row["id"]): to_message(row, files=drafting.files.get(row["id"], ()))
        for row in drafting.rows
        if not row["reply_to"]
    }
    looked_at = {row["id"] for row in drafting.rows if row["reply_to"]} | changing.message_ids
    messages = plain | read_messages(connection, looked_at)
    return [
        Appended(room_id, room.epoch, [to_event(*event, messages) for event in room.events])
        for room_id, room in rooms.items()
        if room.events
    ]
