"""Changes of messages, as one transaction writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.errors import NotFoundError, SosaError
from backend.kit.ids import DeviceId, MessageId, RoomId, UserId
from backend.messaging.contract import (
    MAX_EMOJI,
    Deed,
    Delete,
    DraftIdTakenError,
    Edit,
    NotYoursError,
    Pin,
    React,
    Receipt,
    TooManyEmojiError,
)
from backend.messaging.service.drafts import Log
from backend.messaging.service.file_rows import discard_of_messages
from backend.messaging.service.tables import DEEDS, MESSAGES, REACTIONS, REVISIONS

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """What one member wants to do with one message. The text of an edit is tidy already."""

    room_id: RoomId
    message_id: MessageId
    user_id: UserId
    device_id: DeviceId
    id: str
    do: Deed
    body: bytes | None = None
    """What was read of the text of an edit, as JSON."""

    @property
    def weight(self) -> int:
        """How much of a transaction it takes."""
        return 1


class Changing:
    """What the changes of one transaction become.

    Rows are read once for all and written as they are changed, one after the other: a later change
    of the same message finds what an earlier one left.
    """

    def __init__(self, connection: Connection, changed: Sequence[Changed], now: datetime) -> None:
        self.message_ids: set[str] = set()
        """The messages that have changed."""
        self._connection = connection
        self._now = now
        self._done = _find_done(connection, changed)
        self._messages = _find_messages(connection, changed)
        self._deeds: list[Row] = []

    def place(self, item: Changed, log: Log) -> list[Receipt] | SosaError:
        """Do it and give it its place in the log, or say what was said the first time."""
        done = self._done.get((item.device_id, item.id))
        if done is None:
            try:
                done = self._do(item, log)
            except SosaError as error:
                return error
        elif (done["message_id"], done["user_id"]) != (item.message_id, item.user_id):
            return DraftIdTakenError("This id was used for another change. Choose a new one.", "id")
        return [
            Receipt(
                id=item.id,
                message_id=item.message_id,
                seq=done["seq"],
                sent_at=done["done_at"],
            )
        ]

    def store(self) -> None:
        """Write what was done, so that it is not done again."""
        if self._deeds:
            self._connection.execute(sa.insert(DEEDS), self._deeds)

    def _do(self, item: Changed, log: Log) -> Row:
        message = self._messages.get(item.message_id)
        if message is None or message["room_id"] != item.room_id or message["deleted_at"]:
            raise NotFoundError("That message is not there (any more).", "message_id")
        match item.do:
            case Edit():
                seq = self._edit(item, message, item.do.text, log)
            case Delete():
                seq = self._delete(item, message, log)
            case React():
                seq = self._react(item, message, item.do, log)
            case Pin():
                seq = self._pin(item, message, log, on=item.do.on)
        self.message_ids.add(item.message_id)
        return self._note(item, seq)

    def _edit(self, item: Changed, message: Row, words: str, log: Log) -> int:
        _check_author(item, message)
        seq = log.append("edited", item.message_id)
        earlier = {"seq": seq, "text": message["text"], "until": self._now}
        self._connection.execute(sa.insert(REVISIONS).values(message_id=item.message_id, **earlier))
        self._update(message, seq, text=words, body=item.body, edited_at=self._now)
        return seq

    def _delete(self, item: Changed, message: Row, log: Log) -> int:
        _check_author(item, message)
        seq = log.append("deleted", item.message_id)
        # Nothing of it stays but that there was something: its place, and what its device called
        # it, so that a late retry does not bring it back.
        for table in (REVISIONS, REACTIONS):
            self._connection.execute(sa.delete(table).where(table.c.message_id == item.message_id))
        discard_of_messages(self._connection, [item.message_id], self._now)
        self._update(message, seq, text="", body=None, deleted_at=self._now, pinned_at=None)
        return seq

    def _react(self, item: Changed, message: Row, deed: React, log: Log) -> int:
        mine = {"message_id": item.message_id, "emoji": deed.emoji, "user_id": item.user_id}
        is_mine = sa.and_(*(REACTIONS.c[name] == value for name, value in mine.items()))
        is_new = not self._connection.execute(sa.select(REACTIONS.c.seq).where(is_mine)).first()
        if deed.on and is_new:
            self._check_room_for(item.message_id, deed.emoji)
        # What changes nothing has a place in the log all the same: its late retry must not change
        # something then.
        seq = log.append("reacted", item.message_id)
        if deed.on and is_new:
            self._connection.execute(sa.insert(REACTIONS).values(seq=seq, **mine))
        elif not deed.on:
            self._connection.execute(sa.delete(REACTIONS).where(is_mine))
        self._update(message, seq)
        return seq

    def _pin(self, item: Changed, message: Row, log: Log, *, on: bool) -> int:
        seq = log.append("pinned" if on else "unpinned", item.message_id)
        self._update(message, seq, pinned_at=self._now if on else None)
        return seq

    def _check_room_for(self, message_id: MessageId, emoji: str) -> None:
        query = sa.select(REACTIONS.c.emoji).where(REACTIONS.c.message_id == message_id).distinct()
        there = set(self._connection.execute(query).scalars())
        if emoji not in there and len(there) >= MAX_EMOJI:
            raise TooManyEmojiError("That message wears all the emoji it can carry.", "emoji")

    def _update(self, message: Row, seq: int, **values: str | bytes | datetime | None) -> None:
        message.update(values, rev=seq)
        self._connection.execute(
            sa.update(MESSAGES).where(MESSAGES.c.id == message["id"]).values(rev=seq, **values)
        )

    def _note(self, item: Changed, seq: int) -> Row:
        row: Row = {
            "device_id": item.device_id,
            "client_id": item.id,
            "user_id": item.user_id,
            "room_id": item.room_id,
            "message_id": item.message_id,
            "seq": seq,
            "done_at": self._now,
        }
        self._deeds.append(row)
        self._done[item.device_id, item.id] = row
        return row


def _check_author(item: Changed, message: Row) -> None:
    # Authors, and nobody else: what somebody said is not put into their mouth by another.
    if message["author_id"] != item.user_id:
        raise NotYoursError("Only who wrote it can do that.", "message_id")


def _find_done(
    connection: Connection, changed: Iterable[Changed]
) -> dict[tuple[DeviceId, str], Row]:
    keys = [(item.device_id, item.id) for item in changed]
    if not keys:
        return {}
    query = sa.select(DEEDS).where(sa.tuple_(DEEDS.c.device_id, DEEDS.c.client_id).in_(keys))
    rows = connection.execute(query).mappings()
    return {(row["device_id"], row["client_id"]): dict(row) for row in rows}


def _find_messages(connection: Connection, changed: Iterable[Changed]) -> dict[MessageId, Row]:
    ids = sorted({item.message_id for item in changed})
    if not ids:
        return {}
    query = sa.select(MESSAGES).where(MESSAGES.c.id.in_(ids))
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}
