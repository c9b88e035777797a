"""What messaging tells."""

from datetime import datetime
from typing import Literal

from backend.kit.errors import ErrorItem
from backend.kit.ids import MessageId, RoomId, UserId
from backend.kit.values import Value
from backend.messaging.contract.body import Body
from backend.messaging.contract.files import File


class Quote(Value, omit_defaults=True):
    """What a message answers to, as it is now. Only the id is left of one that was deleted."""

    id: MessageId
    seq: int = 0
    author_id: UserId | None = None
    text: str = ""
    """Its beginning, at most MAX_QUOTE characters."""


class Reaction(Value):
    """One emoji under a message."""

    emoji: str
    count: int
    users: tuple[UserId, ...]
    """Who gave it, the first first; at most MAX_NAMED."""


class Message(Value, omit_defaults=True):
    """Something said in a room, as it is now."""

    id: MessageId
    client_id: str
    author_id: UserId
    text: str
    sent_at: datetime
    seq: int
    """Place in the room's log. Order by it, not by time."""
    body: Body | None = None
    """What the text says, read; None where it is all there is to it."""
    rev: int = 0
    """The seq of its last change, 0 while nothing has changed. Of two states the one with the
    greater rev is newer."""
    edited_at: datetime | None = None
    reply_to: Quote | None = None
    reactions: tuple[Reaction, ...] = ()
    """In the order in which the emoji were first given."""
    pinned_at: datetime | None = None
    files: tuple[File, ...] = ()


EventKind = Literal["posted", "edited", "deleted", "reacted", "pinned", "unpinned"]


class RoomEvent(Value, omit_defaults=True):
    """One change that the members of a room may see; the room's log is made of these.

    It holds the message as it is by now, which may be later than the event; a message that was
    deleted meanwhile is not in it. So a reader who puts it in its place, or takes it out, need not
    ask what kind of event it was.
    """

    seq: int
    kind: EventKind
    message: Message | None = None
    gone: MessageId | None = None
    """The id of a message that is not there any more, instead of the message."""


class RoomHead(Value):
    """The end of a room's log."""

    room_id: RoomId
    epoch: str
    seq: int


class RoomHeads(Value):
    """The rooms the caller may read, in no order."""

    rooms: tuple[RoomHead, ...]


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
    """Whether there are more beyond, in the direction that was asked; of two, the older."""


class Revision(Value):
    """What a message said before it was edited."""

    text: str
    until: datetime
    """When it was said differently."""


class Revisions(Value):
    """The earlier words of a message, oldest first; at most 100."""

    revisions: tuple[Revision, ...]


class Online(Value):
    """Who is in the room now, in no order; at most 1,000."""

    users: tuple[UserId, ...]
