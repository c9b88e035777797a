"""What is said: the promise of the messaging service. The live door is in docs/protocol.md."""

from typing import Protocol

from backend.kit.callers import Member
from backend.kit.op import op
from backend.messaging.contract.answers import (
    EventKind as EventKind,
    Message as Message,
    MessagePage as MessagePage,
    Online as Online,
    Quote as Quote,
    Reaction as Reaction,
    Receipt as Receipt,
    Receipts as Receipts,
    Revision as Revision,
    Revisions as Revisions,
    RoomEvent as RoomEvent,
    RoomHead as RoomHead,
    RoomHeads as RoomHeads,
)
from backend.messaging.contract.changes import (
    Change as Change,
    Deed as Deed,
    Delete as Delete,
    Edit as Edit,
    Emoji as Emoji,
    Pin as Pin,
    React as React,
)
from backend.messaging.contract.errors import (
    DraftIdTakenError as DraftIdTakenError,
    EmptyMessageError as EmptyMessageError,
    MessageTooLongError as MessageTooLongError,
    NotYoursError as NotYoursError,
    TooManyEmojiError as TooManyEmojiError,
)
from backend.messaging.contract.files import Files
from backend.messaging.contract.limits import (
    MAX_BATCH as MAX_BATCH,
    MAX_EMOJI as MAX_EMOJI,
    MAX_NAMED as MAX_NAMED,
    MAX_PAGE as MAX_PAGE,
    MAX_QUOTE as MAX_QUOTE,
    MAX_TEXT as MAX_TEXT,
)
from backend.messaging.contract.requests import (
    ClientId as ClientId,
    Draft as Draft,
    ListMessages as ListMessages,
    ListOnline as ListOnline,
    ListPins as ListPins,
    ListReplies as ListReplies,
    ListRevisions as ListRevisions,
    ListRooms as ListRooms,
    Position as Position,
    Send as Send,
    Seq as Seq,
)


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

    @op("POST", "/messaging/v1/rooms/{room_id}/messages/{message_id}/changes")
    async def change(self, caller: Member, request: Change) -> Receipt:
        """Edit, delete, react to or pin a message; when it returns, that is durable.

        Sent again, an id of the same device gets its first receipt and does nothing, on any node
        and after any time. `seq` of the receipt is the event's. Authors edit and delete what is
        theirs; whoever may post reacts and pins.

        Raises NotFoundError for a message that is not there (any more), NotYoursError,
        ForbiddenError, EmptyMessageError, MessageTooLongError, DraftIdTakenError and
        TooManyEmojiError.
        """
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/messages")
    async def list_messages(self, caller: Member, request: ListMessages) -> MessagePage:
        """A page of history, by seq.

        Raises NotFoundError, and InvalidRequestError for more than one place at once.
        """
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/messages/{message_id}/replies")
    async def list_replies(self, caller: Member, request: ListReplies) -> MessagePage:
        """The thread of a message: what answers to it, and to the answers, oldest first.

        The thread has one root, whichever of its messages is asked for; the root is not in it.
        Raises NotFoundError.
        """
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/pins")
    async def list_pins(self, caller: Member, request: ListPins) -> MessagePage:
        """The pinned messages, the one pinned last first; at most 100. Raises NotFoundError."""
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/messages/{message_id}/revisions")
    async def list_revisions(self, caller: Member, request: ListRevisions) -> Revisions:
        """What a message said before, for whoever may read it. Raises NotFoundError."""
        ...

    @op("GET", "/messaging/v1/rooms/{room_id}/online")
    async def list_online(self, caller: Member, request: ListOnline) -> Online: ...
