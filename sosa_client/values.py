"""What a program sees of the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class Position(NamedTuple):
    """How far into a room's log a client has come. Keep it to go on there after a restart."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    id: str
    username: str


@dataclass(frozen=True, slots=True)
class Room:
    """A place to talk."""

    id: str
    name: str
    topic: str
    community: str
    """The name of the community it belongs to."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message."""

    emoji: str
    count: int
    users: tuple[str, ...]
    """User ids of the first fifty who gave it."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said."""

    id: str
    client_id: str
    """Chosen by the author's device. An own message is known by it."""
    author_id: str
    text: str
    sent_at: datetime
    seq: int
    rev: int = 0
    """The `seq` of its last change; 0 while nothing has changed."""
    is_edited: bool = False
    is_pinned: bool = False
    reply_to: str = ""
    """The id of the message it answers to, or nothing."""
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message of ours is in the room's log, for good."""

    id: str
    """The one that was sent along, or made for it."""
    message_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody said something; ourselves too."""

    room: str
    message: Message
    position: Position


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was edited, pinned or given an emoji: this is what it is by now."""

    room: str
    message: Message
    position: Position


@dataclass(frozen=True, slots=True)
class MessageGone:
    """A message was deleted. It need not be one that you know."""

    room: str
    message_id: str
    position: Position


@dataclass(frozen=True, slots=True)
class RoomRestarted:
    """Forget what you have of this room: these are its newest messages, oldest first.

    The first thing a room without a position says; later only if it cannot be told exactly what was
    missed.
    """

    room: str
    messages: tuple[Message, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """Who came to a room and who went; user ids."""

    room: str
    came: frozenset[str]
    went: frozenset[str]


@dataclass(frozen=True, slots=True)
class RoomLeft:
    """The room is not ours to read any more."""

    room: str


LogEvent = MessagePosted | MessageChanged | MessageGone
"""What happens in a room's log."""
Event = LogEvent | RoomRestarted | PeopleChanged | RoomLeft


def message_of(raw: dict[str, Any]) -> Message:
    """A message as it came over the wire (docs/protocol.md)."""
    return Message(
        id=raw["id"],
        client_id=raw["client_id"],
        author_id=raw["author_id"],
        text=raw["text"],
        sent_at=datetime.fromisoformat(raw["sent_at"]),
        seq=raw["seq"],
        rev=raw.get("rev", 0),
        is_edited="edited_at" in raw,
        is_pinned="pinned_at" in raw,
        reply_to=raw.get("reply_to", {}).get("id", ""),
        reactions=tuple(
            Reaction(each["emoji"], each["count"], tuple(each["users"]))
            for each in raw.get("reactions", ())
        ),
    )


def event_of(room: str, raw: dict[str, Any], position: Position) -> LogEvent | None:
    """An event as it came over the wire; None for what has nothing to tell (any more)."""
    if "message" in raw:
        kind = MessagePosted if raw["kind"] == "posted" else MessageChanged
        return kind(room, message_of(raw["message"]), position)
    # What was posted and deleted since then never was, for somebody who comes back.
    if "gone" in raw and raw["kind"] != "posted":
        return MessageGone(room, raw["gone"], position)
    return None
