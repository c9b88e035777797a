"""One transaction of the group commit: many drafts of many rooms in a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.kit.database import Database
from backend.kit.errors import to_wire
from backend.kit.ids import DeviceId, MessageId, RoomId, UserId, new_id
from backend.messaging.contract import Draft, DraftIdTakenError, Receipt, RoomEvent
from backend.messaging.service.log import new_room
from backend.messaging.service.tables import EVENTS, MESSAGES, ROOMS, to_message

MAX_TRIES = 4

Row = dict[str, Any]
Key = tuple[DeviceId, str]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Drafts of one member for one room, tidy already."""

    room_id: RoomId
    author_id: UserId
    device_id: DeviceId
    drafts: Sequence[Draft]


@dataclass(frozen=True, slots=True)
class Appended:
    """What a transaction added to one room's log."""

    room_id: RoomId
    epoch: str
    events: Sequence[RoomEvent]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: receipts in the order of the drafts, and what each room gained."""

    receipts: list[list[Receipt]]
    appended: list[Appended]


@dataclass(slots=True)
class _Room:
    epoch: str
    head: int
    rows: list[Row] = field(default_factory=list[Row])


async def write(database: Database, drafted: Sequence[Drafted], now: datetime) -> Outcome:
    """Write it all in one transaction; when this returns, it is durable.

    A device's id that is known already, or that comes twice, gets the receipt of the first.
    """
    work = partial(_write_once, database, drafted, now)
    for _ in range(MAX_TRIES - 1):
        try:
            return await database.transact(work)
        except IntegrityError:
            # Another process wrote one of the ids between our look and our insert. The next look
            # finds it.
            continue
    return await database.transact(work)


def _write_once(
    database: Database, drafted: Sequence[Drafted], now: datetime, connection: Connection
) -> Outcome:
    rooms = _lock_rooms(database, connection, {item.room_id for item in drafted})
    known = _find_known(connection, drafted)
    receipts = [_place(item, rooms[item.room_id], known, now) for item in drafted]
    _store(connection, rooms)
    return Outcome(
        receipts, [_appended(room_id, room) for room_id, room in rooms.items() if room.rows]
    )


def _lock_rooms(
    database: Database, connection: Connection, room_ids: set[RoomId]
) -> dict[RoomId, _Room]:
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
    return {row.room_id: _Room(row.epoch, row.head_seq) for row in rows}


def _find_known(connection: Connection, drafted: Iterable[Drafted]) -> dict[Key, Row]:
    keys = [(item.device_id, draft.id) for item in drafted for draft in item.drafts]
    query = sa.select(MESSAGES).where(
        sa.tuple_(MESSAGES.c.device_id, MESSAGES.c.client_id).in_(keys)
    )
    rows = connection.execute(query).mappings()
    return {(row["device_id"], row["client_id"]): dict(row) for row in rows}


def _place(item: Drafted, room: _Room, known: dict[Key, Row], now: datetime) -> list[Receipt]:
    return [_receipt(item, _row(item, draft, room, known, now)) for draft in item.drafts]


def _row(item: Drafted, draft: Draft, room: _Room, known: dict[Key, Row], now: datetime) -> Row:
    key = (item.device_id, draft.id)
    if key not in known:
        room.head += 1
        known[key] = {
            "id": new_id(),
            "room_id": item.room_id,
            "seq": room.head,
            "author_id": item.author_id,
            "device_id": item.device_id,
            "client_id": draft.id,
            "text": draft.text,
            "sent_at": now,
        }
        room.rows.append(known[key])
    return known[key]


def _receipt(item: Drafted, row: Row) -> Receipt:
    if (row["room_id"], row["author_id"]) != (item.room_id, item.author_id):
        # The place of a message in another room would be an answer to another question.
        error = DraftIdTakenError("This id was used for another message. Choose a new one.", "id")
        return Receipt(id=row["client_id"], error=to_wire(error))
    return Receipt(
        id=row["client_id"],
        message_id=MessageId(row["id"]),
        seq=row["seq"],
        sent_at=row["sent_at"],
    )


def _store(connection: Connection, rooms: dict[RoomId, _Room]) -> None:
    rows = [row for room in rooms.values() for row in room.rows]
    if not rows:
        return
    connection.execute(sa.insert(MESSAGES), rows)
    connection.execute(
        sa.insert(EVENTS),
        [
            {
                "room_id": row["room_id"],
                "seq": row["seq"],
                "kind": "posted",
                "message_id": row["id"],
            }
            for row in rows
        ],
    )
    connection.execute(
        sa.update(ROOMS)
        .where(ROOMS.c.room_id == sa.bindparam("room"))
        .values(head_seq=sa.bindparam("head")),
        [{"room": room_id, "head": room.head} for room_id, room in rooms.items() if room.rows],
    )


def _appended(room_id: RoomId, room: _Room) -> Appended:
    events = [
        RoomEvent(seq=row["seq"], kind="posted", message=to_message(row)) for row in room.rows
    ]
    return Appended(room_id, room.epoch, events)
