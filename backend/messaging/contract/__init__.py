"""What is said: the promise of the messaging service. The live door is in docs/protocol.md."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.kit.callers import Member
from backend.kit.errors import ConflictError, ErrorItem, InvalidRequestError
from backend.kit.ids import MessageId, RoomId, UserId
from backend.kit.op import op
from backend.kit.values import Request, Value
from backend.messaging.contract.files import Files

MAX_TEXT = 1_000
"""Characters in a message, counted as Unicode code points after trimming its ends."""
MAX_BATCH = 20
"""Messages in one send."""
MAX_PAGE = 100
"""Messages in one page of history."""

ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}(?!\n)$")]
"""Chosen by the client, unique among what its device ever sent. It makes sending idempotent."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


@dataclass(eq=False)
class EmptyMessageError(InvalidRequestError):
    """Nothing one could see is left of the draft after trimming."""

    code = "empty_message"


@dataclass(eq=False)
class MessageTooLongError(InvalidRequestError):
    """The draft is longer than MAX_TEXT after trimming."""

    code = "message_too_long"


@dataclass(eq=False)
class DraftIdTakenError(ConflictError):
    """The device used this id before, in another room or as another member. Choose a new one."""

    code = "draft_id_taken"


class Message(Value):
    """Something said in a room."""

    id: MessageId
    client_id: str
    author_id: UserId
    text: str
    sent_at: datetime
    seq: int
    """Place in the room's log. Order by it, not by time."""


class RoomEvent(Value):
    """One change that the members of a room may see; the room's log is made of these."""

    seq: int
    kind: Literal["posted"]
    message: Message


class Position(Request):
    """Where a reader stands in a room's log. In a new epoch, what was known is forgotten."""

    epoch: str
    seq: Seq


class RoomHead(Value):
    """The end of a room's log."""

    room_id: RoomId
    epoch: str
    seq: int


class RoomHeads(Value):
    """The rooms the caller may read, in no order."""

    rooms: tuple[RoomHead, ...]


class Draft(Request):
    """A message about to be sent."""

    id: ClientId
    text: str


class Receipt(Value, omit_defaults=True):
    """What became of one draft: the message's place in the log, or the error that kept it out."""

    id: str
    message_id: MessageId | None = None
    seq: int | None = None
    sent_at: datetime | None = None
    error: ErrorItem | None = None


class Receipts(Value):
    """One receipt for each draft, in the same order."""

    receipts: tuple[Receipt, ...]


class MessagePage(Value):
    """A run of messages, oldest first."""

    epoch: str
    messages: tuple[Message, ...]
    more: bool
    """Whether there are more beyond, in the direction that was asked."""


class Online(Value):
    """Who is in the room now, in no order; at most 1,000."""

    users: tuple[UserId, ...]


class ListRooms(Request):
    """Takes nothing."""


class Send(Request):
    """Between 1 and 20 drafts. An id that repeats an earlier one of the same device is a retry."""

    room_id: RoomId
    messages: Annotated[tuple[Draft, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class ListMessages(Request):
    """`before` and `after` are seqs and exclude themselves; without either, the newest page."""

    room_id: RoomId
    before: Seq | None = None
    after: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 50


class ListOnline(Request):
    """One room."""

    room_id: RoomId


class Messaging(Files, Protocol):
    """Rooms' logs: sending, history, presence. A room the caller may not read is not found."""

    @op("GET", "/messaging/v1/rooms")
    async def list_rooms(self, caller: Member, request: ListRooms) -> RoomHeads:
        """The end of the log of every room the caller may read."""
        ...

    @op("POST", "/messaging/v1/rooms/{room_id}/messages")
    async def send(self, caller: Member, request: Send) -> Receipts:
        """Append messages to the room's log, in the order given.

        Texts are trimmed, and control characters other than newline and tab are taken out; line
        ends become newlines. A receipt without an error means durably committed. Sent again, an id
        gets its first receipt, whatever the text is now, on any node and after any time. A draft
        that is empty or too long gets an error of its own and keeps none of the others out.

        Raises NotFoundError, and ForbiddenError where the caller may read but not post.
        """
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/messages")
    async def list_messages(self, caller: Member, request: ListMessages) -> MessagePage:
        """A page of history, by seq.

        Raises NotFoundError, and InvalidRequestError for both ends at once.
        """
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/online")
    async def list_online(self, caller: Member, request: ListOnline) -> Online: ...
