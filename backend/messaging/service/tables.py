"""The tables as statements see them, and what their rows become."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from backend.kit.ids import MessageId, UserId
from backend.messaging.contract import Message, RoomEvent
from backend.messaging.models import (
    ConnectionRow,
    EventRow,
    FileRow,
    MessageRow,
    PresenceRow,
    RoomRow,
)

Row = sa.RowMapping | Mapping[str, Any]


def _table(model: type[SQLModel]) -> sa.Table:
    return model.__table__  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - made by the metaclass


# Rows are read and written as Core statements: an ORM object for each row of a batch costs more
# than the batch.
ROOMS = _table(RoomRow)
EVENTS = _table(EventRow)
MESSAGES = _table(MessageRow)
CONNECTIONS = _table(ConnectionRow)
PRESENCE = _table(PresenceRow)
FILES = _table(FileRow)


def to_message(row: Row) -> Message:
    """The message that a row of MESSAGES holds."""
    return Message(
        id=MessageId(row["id"]),
        client_id=row["client_id"],
        author_id=UserId(row["author_id"]),
        text=row["text"],
        sent_at=row["sent_at"],
        seq=row["seq"],
    )


def to_event(row: Row) -> RoomEvent:
    """The event that a row of EVENTS, joined with its message, holds."""
    return RoomEvent(seq=row["seq"], kind=row["kind"], message=to_message(row))
