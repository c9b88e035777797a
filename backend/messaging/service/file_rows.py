"""Files as rows: what a message takes, what readers get, and what is let go.

A file goes through states: `begun` (bytes are expected), `ready` (it may be shown), `refused`
(looked at, and not taken), `dropped` (its bytes are to go), `gone` (they went; the row counts
towards what its owner brought that day).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.ids import GONE, FileId, MessageId, RoomId, UserId
from backend.messaging.contract.files import File, FileGoneError
from backend.messaging.service.tables import FILES

Row = sa.RowMapping | Mapping[str, Any]

BEGUN, READY, REFUSED, DROPPED, GONE_STATE = "begun", "ready", "refused", "dropped", "gone"


def to_file(row: Row) -> File:
    """The file that a row of FILES holds."""
    return File(
        id=FileId(row["id"]),
        kind=row["kind"],
        name=row["name"],
        size=row["size"],
        media_type=row["media_type"],
        alt=row["alt"],
        width=row["width"],
        height=row["height"],
        is_moving=row["is_moving"],
        placeholder=row["placeholder"],
    )


def claim(
    connection: Connection,
    file_ids: Sequence[FileId],
    room_id: RoomId,
    message_id: MessageId,
    user_id: UserId,
) -> list[File]:
    """Give the user's files to a message, in this order; from then on they are the room's.

    For the transaction that writes the message. All or none: raises FileGoneError before anything
    is changed, when one is not theirs, not finished, collected, or in a message already.
    """
    if not file_ids:
        return []
    # Locked, so that neither the collector nor another message gets them meanwhile. Always in one
    # order, so that two messages with the same files do not wait for each other.
    query = (
        sa.select(FILES)
        .where(FILES.c.id.in_(file_ids))
        .where(FILES.c.user_id == user_id, FILES.c.state == READY, FILES.c.message_id.is_(None))
        .order_by(FILES.c.id)
        .with_for_update()
    )
    rows = {row["id"]: row for row in connection.execute(query).mappings()}
    if len(rows) < len(file_ids):
        raise FileGoneError(
            "One of the files is not there any more. Please attach it again.", "files"
        )
    taken = (
        sa.update(FILES)
        .where(FILES.c.id == sa.bindparam("taken"))
        .values(
            room_id=room_id,
            message_id=message_id,
            place=sa.bindparam("at"),
            collect_at=None,
        )
    )
    connection.execute(taken, [{"taken": item, "at": at} for at, item in enumerate(file_ids)])
    return [to_file(rows[item]) for item in file_ids]


def files_of(
    connection: Connection, message_ids: Collection[MessageId]
) -> dict[MessageId, tuple[File, ...]]:
    """The files of many messages, by message, in their order. Those without any are not in it."""
    if not message_ids:
        return {}
    query = (
        sa.select(FILES)
        .where(FILES.c.message_id.in_(message_ids), FILES.c.state == READY)
        .order_by(FILES.c.message_id, FILES.c.place)
    )
    found: dict[MessageId, tuple[File, ...]] = {}
    for row in connection.execute(query).mappings():
        holder = MessageId(row["message_id"])
        found[holder] = (*found.get(holder, ()), to_file(row))
    return found


def discard_of_messages(
    connection: Connection, message_ids: Collection[MessageId], now: datetime
) -> None:
    """Let go of the files of messages that are deleted. From this commit on no link opens them."""
    if message_ids:
        connection.execute(_discard(FILES.c.message_id.in_(message_ids), now))


def discard_of_room(connection: Connection, room_id: RoomId, now: datetime) -> None:
    """Let go of all files of a room that is no more."""
    connection.execute(_discard(FILES.c.room_id == room_id, now))


def discard_of_member(connection: Connection, user_id: UserId, now: datetime) -> None:
    """Let go of everything that somebody brought who leaves for good, and forget who they were.

    Words stay without their author, since others answered to them. Pictures go: they show faces
    and homes, and taking a name off does not take those away.
    """
    connection.execute(_discard(FILES.c.user_id == user_id, now))
    connection.execute(
        sa.update(FILES)
        .where(FILES.c.user_id == user_id)
        # The device must differ for each: together with what it called the file it is unique.
        .values(user_id=GONE, device_id=sa.literal("gone-").concat(FILES.c.id))
    )


def list_of_member(
    connection: Connection, user_id: UserId, after: str, limit: int
) -> list[dict[str, Any]]:
    """What a member brought that is still here, as they are told of it, by id after `after`."""
    query = (
        sa.select(FILES)
        .where(FILES.c.user_id == user_id, FILES.c.state == READY, FILES.c.id > after)
        .order_by(FILES.c.id)
        .limit(limit)
    )
    return [
        {name: row[name] for name in _EXPORTED} | {"brought_at": row["begun_at"].isoformat()}
        for row in connection.execute(query).mappings()
    ]


_EXPORTED = ("id", "room_id", "message_id", "kind", "name", "media_type", "size", "alt")


def _discard(which: sa.ColumnElement[bool], now: datetime) -> sa.Update:
    return (
        sa.update(FILES)
        .where(which, FILES.c.state.in_((BEGUN, READY, REFUSED)))
        # What the row says of it goes now; its bytes follow within a minute (collecting.py).
        .values(
            state=DROPPED,
            message_id=None,
            room_id=None,
            collect_at=now,
            name="",
            alt="",
            placeholder="",
        )
    )
