"""What messaging is asked."""

from typing import Annotated

import msgspec

from backend.kit.ids import FileId, MessageId, RoomId
from backend.kit.values import Request
from backend.messaging.contract.files import MAX_AT_ONCE
from backend.messaging.contract.limits import MAX_BATCH, MAX_PAGE

ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}(?!\n)$")]
"""Chosen by the client, unique among what its device ever sent. It makes sending idempotent."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Position(Request):
    """Where a reader stands in a room's log. In a new epoch, what was known is forgotten."""

    epoch: str
    seq: Seq


class Draft(Request):
    """A message about to be sent."""

    id: ClientId
    text: str
    reply_to: MessageId | None = None
    """A message of the same room. It may be gone by now."""
    files: Annotated[tuple[FileId, ...], msgspec.Meta(max_length=MAX_AT_ONCE)] = ()
    """The sender's own finished files, in their order. With any, the text may be empty."""


class ListRooms(Request):
    """Takes nothing."""


class Send(Request):
    """Between 1 and 20 drafts. An id that repeats an earlier one of the same device is a retry."""

    room_id: RoomId
    messages: Annotated[tuple[Draft, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class ListMessages(Request):
    """One of these, or none for the newest page."""

    room_id: RoomId
    before: Seq | None = None
    """Older than this seq."""
    after: Seq | None = None
    """Newer than this seq."""
    around: Seq | None = None
    """As many on both sides of this seq, its own message among the newer."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 50


class ListReplies(Request):
    """Newer than the seq `after`, which is how to ask for the next page."""

    room_id: RoomId
    message_id: MessageId
    after: Seq = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 50


class ListPins(Request):
    """One room."""

    room_id: RoomId


class ListRevisions(Request):
    """One message."""

    room_id: RoomId
    message_id: MessageId


class ListOnline(Request):
    """One room."""

    room_id: RoomId
