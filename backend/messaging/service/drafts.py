"""New messages, as one transaction writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.errors import InvalidRequestError, SosaError, to_wire
from backend.kit.ids import DeviceId, MessageId, RoomId, UserId, new_id
from backend.messaging.contract import Draft, DraftIdTakenError, EventKind, Receipt
from backend.messaging.contract.files import File, FileGoneError
from backend.messaging.service.file_rows import claim
from backend.messaging.service.tables import MESSAGES

Row = dict[str, Any]
Key = tuple[DeviceId, str]


class Log(Protocol):
    """The end of a room's log."""

    def append(self, kind: EventKind, message_id: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Drafted:
    """Drafts of one member for one room, tidy already."""

    room_id: RoomId
    author_id: UserId
    device_id: DeviceId
    drafts: Sequence[Draft]
    bodies: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """What was read of them, as JSON, by the id of the draft."""

    @property
    def weight(self) -> int:
        """How much of a transaction it takes."""
        return len(self.drafts)


class Drafting:
    """What the drafts of one transaction become."""

    def __init__(self, connection: Connection, drafted: Sequence[Drafted], now: datetime) -> None:
        self.rows: list[Row] = []
        """The messages that are new."""
        self.files: dict[str, list[File]] = {}
        """What they were sent with."""
        self._connection = connection
        self._now = now
        self._known = _find_known(connection, drafted)
        self._answered = _find_answered(connection, drafted)

    def place(self, item: Drafted, log: Log) -> list[Receipt]:
        """Give each draft its place in the log, or the one it has already."""
        return [self._place(item, draft, log) for draft in item.drafts]

    def store(self) -> None:
        """Write what is new."""
        if self.rows:
            self._connection.execute(sa.insert(MESSAGES), self.rows)

    def _place(self, item: Drafted, draft: Draft, log: Log) -> Receipt:
        row = self._known.get((item.device_id, draft.id))
        if row is None:
            if self._answers_elsewhere(item, draft):
                return _refused(
                    draft.id,
                    InvalidRequestError("What this answers to is not in this room.", "reply_to"),
                )
            try:
                row = self._known[item.device_id, draft.id] = self._add(item, draft, log)
            except FileGoneError as error:
                return _refused(draft.id, error)
        if (row["room_id"], row["author_id"]) != (item.room_id, item.author_id):
            # The place of a message in another room would be an answer to another question.
            return _refused(
                draft.id,
                DraftIdTakenError("This id was used for another message. Choose a new one.", "id"),
            )
        return Receipt(
            id=draft.id,
            message_id=MessageId(row["id"]),
            seq=row["seq"],
            sent_at=row["sent_at"],
        )

    def _answers_elsewhere(self, item: Drafted, draft: Draft) -> bool:
        if draft.reply_to is None:
            return False
        answered = self._answered.get(draft.reply_to)
        return answered is None or answered.room_id != item.room_id

    def _add(self, item: Drafted, draft: Draft, log: Log) -> Row:
        answered = self._answered[draft.reply_to] if draft.reply_to else None
        message_id = MessageId(new_id())
        files = claim(self._connection, draft.files, item.room_id, message_id, item.author_id)
        if files:
            self.files[message_id] = files
        row = {
            "id": message_id,
            "room_id": item.room_id,
            "seq": log.append("posted", message_id),
            "author_id": item.author_id,
            "device_id": item.device_id,
            "client_id": draft.id,
            "text": draft.text,
            "body": item.bodies.get(draft.id),
            "sent_at": self._now,
            "file_count": len(files),
            "rev": 0,
            "edited_at": None,
            "pinned_at": None,
            "reply_to": draft.reply_to,
            "thread_id": (answered.thread_id or answered.id) if answered else None,
        }
        self.rows.append(row)
        return row


def _refused(draft_id: str, error: SosaError) -> Receipt:
    return Receipt(id=draft_id, error=to_wire(error))


def _find_known(connection: Connection, drafted: Iterable[Drafted]) -> dict[Key, Row]:
    keys = [(item.device_id, draft.id) for item in drafted for draft in item.drafts]
    if not keys:
        return {}
    query = sa.select(
        *(MESSAGES.c[name] for name in _TOLD),
    ).where(sa.tuple_(MESSAGES.c.device_id, MESSAGES.c.client_id).in_(keys))
    rows = connection.execute(query).mappings()
    return {(row["device_id"], row["client_id"]): dict(row) for row in rows}


_TOLD = ("id", "room_id", "seq", "author_id", "device_id", "client_id", "sent_at")


def _find_answered(
    connection: Connection, drafted: Iterable[Drafted]
) -> dict[str, sa.Row[str, str, str | None]]:
    ids = {draft.reply_to for item in drafted for draft in item.drafts if draft.reply_to}
    if not ids:
        return {}
    query = sa.select(MESSAGES.c.id, MESSAGES.c.room_id, MESSAGES.c.thread_id).where(
        MESSAGES.c.id.in_(sorted(ids))
    )
    return {row.id: row for row in connection.execute(query)}
