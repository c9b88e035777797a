"""The tables as statements see them."""

import sqlalchemy as sa
from sqlmodel import SQLModel

from backend.messaging.models import (
    ConnectionRow,
    DeedRow,
    EventRow,
    FileRow,
    MessageRow,
    PresenceRow,
    ReactionRow,
    RevisionRow,
    RoomRow,
)


def _table(model: type[SQLModel]) -> sa.Table:
    return model.__table__  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - made by the metaclass


# Rows are read and written as Core statements: an ORM object for each row of a batch costs more
# than the batch.
ROOMS = _table(RoomRow)
EVENTS = _table(EventRow)
MESSAGES = _table(MessageRow)
REVISIONS = _table(RevisionRow)
REACTIONS = _table(ReactionRow)
DEEDS = _table(DeedRow)
CONNECTIONS = _table(ConnectionRow)
PRESENCE = _table(PresenceRow)
FILES = _table(FileRow)
