"""What a conversation leads to. The host performs it, in order."""

from dataclasses import dataclass

from backend.kit.ids import RoomId
from backend.messaging.contract import Change, ListMessages, Position, Send
from backend.messaging.live import frames


@dataclass(frozen=True, slots=True)
class Say:
    """Write a frame."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection. Nothing follows."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Redeem a ticket; then report by `authenticated` or `failed`."""

    ticket: str
    proof: str
    re: str | None


@dataclass(frozen=True, slots=True)
class Enter:
    """Bring the connection into a room; then report by `entered` or `failed`."""

    room_id: RoomId
    at: Position | None
    re: str | None


@dataclass(frozen=True, slots=True)
class Exit:
    """Take the connection out of a room, where it is in it; then report by `left`."""

    room_id: RoomId
    re: str | None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send messages, and write the receipts or report by `failed`."""

    request: Send
    re: str | None


@dataclass(frozen=True, slots=True)
class Alter:
    """Change a message, and write the receipt or report by `failed`."""

    request: Change
    re: str | None


@dataclass(frozen=True, slots=True)
class Recall:
    """Read a page of history, and write it or report by `failed`."""

    request: ListMessages
    re: str | None


Command = Authenticate | Enter | Exit | Deliver | Alter | Recall
Effect = Say | Close | Command


def effect_of(frame: frames.AnyClientFrame) -> Effect:  # noqa: PLR0911 - one for each frame
    """What a frame that may be said leads to."""
    match frame:
        case frames.Auth():
            return Authenticate(frame.ticket, frame.proof, frame.re)
        case frames.Join():
            return Enter(frame.room, frame.at, frame.re)
        case frames.Leave():
            return Exit(frame.room, frame.re)
        case frames.SendFrame():
            return Deliver(Send(room_id=frame.room, messages=frame.messages), frame.re)
        case frames.ChangeFrame():
            change = Change(room_id=frame.room, message_id=frame.message, id=frame.id, do=frame.do)
            return Alter(change, frame.re)
        case frames.History():
            page = ListMessages(
                room_id=frame.room,
                before=frame.before,
                after=frame.after,
                around=frame.around,
                limit=frame.limit,
            )
            return Recall(page, frame.re)
        case _:
            return Say(frames.pong(frame.re))
