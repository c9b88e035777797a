"""The rooms' logs as they are kept. Nobody else reads these tables."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from backend.kit.database import UtcDateTime


class RoomRow(SQLModel, table=True):
    """The end of a room's log. Whoever appends holds this row's lock, so that seqs have no gaps."""

    __tablename__ = "messaging_room"  # pyright: ignore[reportAssignmentType]

    room_id: str = Field(sa_column=Column(String(64), primary_key=True))
    epoch: str = Field(sa_column=Column(String(36), nullable=False))
    head_seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class EventRow(SQLModel, table=True):
    """That a message of a room changed, at its place in the log. Never changed afterwards.

    What it looks like since then is in the message's row, so that what was deleted is nowhere.
    """

    __tablename__ = "messaging_event"  # pyright: ignore[reportAssignmentType]

    room_id: str = Field(sa_column=Column(String(64), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True))
    kind: str = Field(sa_column=Column(String(16), nullable=False))
    message_id: str = Field(sa_column=Column(String(36), nullable=False))


class MessageRow(SQLModel, table=True):
    """A message. What its device called it is unique: a retry finds the first one.

    So the row stays when the message is deleted; what it said does not.
    """

    __tablename__ = "messaging_message"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("device_id", "client_id", name="messaging_message_sent_once"),
        # Pages of history follow the seq.
        Index("messaging_message_by_seq", "room_id", "seq", unique=True),
        Index(
            "messaging_message_by_thread",
            "thread_id",
            "seq",
            sqlite_where=text("thread_id IS NOT NULL"),
            postgresql_where=text("thread_id IS NOT NULL"),
        ),
        Index(
            "messaging_message_by_pin",
            "room_id",
            "pinned_at",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    room_id: str = Field(sa_column=Column(String(64), nullable=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    author_id: str = Field(sa_column=Column(String(36), nullable=False))
    device_id: str = Field(sa_column=Column(String(64), nullable=False))
    client_id: str = Field(sa_column=Column(String(64), nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes | None = Field(sa_column=Column(LargeBinary))
    """What the text says, read, as JSON; null where the text is all there is to it."""
    sent_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    file_count: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    """How many files it was sent with, so that nobody looks for those of a message without any."""
    rev: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
    edited_at: datetime | None = Field(sa_column=Column(UtcDateTime))
    deleted_at: datetime | None = Field(sa_column=Column(UtcDateTime))
    pinned_at: datetime | None = Field(sa_column=Column(UtcDateTime))
    reply_to: str | None = Field(sa_column=Column(String(36)))
    thread_id: str | None = Field(sa_column=Column(String(36)))
    """The message that the thread began with, in every message of it but that one."""


class RevisionRow(SQLModel, table=True):
    """What a message said until an edit."""

    __tablename__ = "messaging_revision"  # pyright: ignore[reportAssignmentType]

    message_id: str = Field(sa_column=Column(String(36), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ReactionRow(SQLModel, table=True):
    """Somebody's emoji under a message."""

    __tablename__ = "messaging_reaction"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("messaging_reaction_by_user", "user_id"),)

    message_id: str = Field(sa_column=Column(String(36), primary_key=True))
    emoji: str = Field(sa_column=Column(String(32), primary_key=True))
    user_id: str = Field(sa_column=Column(String(36), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class DeedRow(SQLModel, table=True):
    """That a device changed a message, by what the device called it: a retry finds the first."""

    __tablename__ = "messaging_deed"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("messaging_deed_by_user", "user_id"),)

    device_id: str = Field(sa_column=Column(String(64), primary_key=True))
    client_id: str = Field(sa_column=Column(String(64), primary_key=True))
    user_id: str = Field(sa_column=Column(String(36), nullable=False))
    room_id: str = Field(sa_column=Column(String(64), nullable=False))
    message_id: str = Field(sa_column=Column(String(36), nullable=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    done_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ConnectionRow(SQLModel, table=True):
    """A socket that another machine holds, and what must be remembered between two frames of it."""

    __tablename__ = "messaging_connection"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("messaging_connection_by_end", "ends_at"),)

    id: str = Field(sa_column=Column(String(128), primary_key=True))
    network: str = Field(sa_column=Column(String(64), nullable=False, index=True))
    user_id: str | None = Field(sa_column=Column(String(36), index=True))
    session_id: str | None = Field(sa_column=Column(String(36), index=True))
    member: bytes | None = Field(sa_column=Column(LargeBinary))
    memory: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PresenceRow(SQLModel, table=True):
    """Such a socket is in a room."""

    __tablename__ = "messaging_presence"  # pyright: ignore[reportAssignmentType]

    room_id: str = Field(sa_column=Column(String(64), primary_key=True))
    connection_id: str = Field(sa_column=Column(String(128), primary_key=True, index=True))
    user_id: str = Field(sa_column=Column(String(36), nullable=False))


class FileRow(SQLModel, table=True):
    """A picture or file, from the moment its bytes are expected.

    `collect_at` is when it goes unless something happens before; None while a message holds it.
    """

    __tablename__ = "messaging_file"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("device_id", "client_id", name="messaging_file_begun_once"),
        Index("messaging_file_by_message", "message_id", "place"),
        Index("messaging_file_by_owner", "user_id", "begun_at"),
        Index("messaging_file_by_end", "collect_at"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    user_id: str = Field(sa_column=Column(String(36), nullable=False))
    device_id: str = Field(sa_column=Column(String(64), nullable=False))
    client_id: str = Field(sa_column=Column(String(64), nullable=False))
    state: str = Field(sa_column=Column(String(8), nullable=False))
    name: str = Field(sa_column=Column(String(128), nullable=False))
    claimed_type: str = Field(sa_column=Column(String(128), nullable=False))
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    begun_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    collect_at: datetime | None = Field(sa_column=Column(UtcDateTime))
    room_id: str | None = Field(sa_column=Column(String(64)))
    message_id: str | None = Field(sa_column=Column(String(36)))
    place: int = Field(sa_column=Column(Integer, nullable=False))
    kind: str = Field(sa_column=Column(String(8), nullable=False))
    media_type: str = Field(sa_column=Column(String(64), nullable=False))
    alt: str = Field(sa_column=Column(String(500), nullable=False))
    width: int | None = Field(sa_column=Column(Integer))
    height: int | None = Field(sa_column=Column(Integer))
    is_moving: bool = Field(sa_column=Column(Boolean, nullable=False))
    placeholder: str = Field(sa_column=Column(String(1024), nullable=False))
    variants: str = Field(sa_column=Column(String(64), nullable=False))
