"""The frames of `sosa.v1` (docs/protocol.md), read strictly and written once for everybody."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, cast

import msgspec

from backend.kit.errors import SosaError, to_wire
from backend.kit.http.requests import decode
from backend.kit.ids import MessageId, RoomId, UserId
from backend.messaging.contract import (
    MAX_BATCH,
    MAX_PAGE,
    ClientId,
    Deed,
    Draft,
    Message,
    MessagePage,
    Position,
    Receipt,
    Receipts,
    RoomEvent,
    Seq,
)
from backend.messaging.live.ports import Standing

VERSION = 1
MAX_FRAME_BYTES = 32_768
EVENTS_PER_FRAME = 25
MAX_EVENTS_BYTES = 120_000
"""The smallest host can push 128 KB at once; one message is never that long."""

Re = Annotated[str, msgspec.Meta(max_length=64)]
Room = Annotated[RoomId, msgspec.Meta(min_length=1, max_length=64)]
Name = Annotated[MessageId, msgspec.Meta(min_length=1, max_length=64)]
Credential = Annotated[str, msgspec.Meta(min_length=1, max_length=4_096)]


class ClientFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t"):
    """What a client sends. A field nobody knows is a mistake that should be seen."""

    re: Re | None = None


class Hello(ClientFrame, frozen=True, kw_only=True, tag="hello"):
    """The client speaks first."""

    v: int


class Auth(ClientFrame, frozen=True, kw_only=True, tag="auth"):
    """Proves who speaks, at the start and again before the authentication ends."""

    ticket: Credential
    proof: Credential


class Join(ClientFrame, frozen=True, kw_only=True, tag="join"):
    """Enters a room, from where the client stands in its log."""

    room: Room
    at: Position | None = None


class Leave(ClientFrame, frozen=True, kw_only=True, tag="leave"):
    """Leaves a room."""

    room: Room


class SendFrame(ClientFrame, frozen=True, kw_only=True, tag="send"):
    """Says something in a room."""

    room: Room
    messages: Annotated[tuple[Draft, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class ChangeFrame(ClientFrame, frozen=True, kw_only=True, tag="change"):
    """Does something with a message."""

    room: Room
    message: Name
    id: ClientId
    do: Deed


class History(ClientFrame, frozen=True, kw_only=True, tag="history"):
    """Asks for older or newer messages."""

    room: Room
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 50


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Keeps the connection alive."""


AnyClientFrame = Hello | Auth | Join | Leave | SendFrame | ChangeFrame | History | Ping


class _ReOnly(msgspec.Struct, frozen=True):
    re: Re | None = None


def read(text: str | bytes) -> AnyClientFrame:
    """The client's frame. Raises MalformedRequestError or InvalidRequestError."""
    return decode(text, cast("type[AnyClientFrame]", AnyClientFrame))


def find_re(text: str | bytes) -> str | None:
    """The `re` of a frame that could not be read otherwise; its error must find the way back."""
    try:
        return msgspec.json.decode(text, type=_ReOnly).re
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def hello(challenge: str, re: str | None) -> bytes:
    """The answer to the first frame."""
    return _encode("hello", re, v=VERSION, cn=challenge)


def ready(user_id: str, session_id: str, expires_at: int, re: str | None) -> bytes:
    """The answer to a good proof."""
    return _encode("ready", re, user=user_id, session=session_id, exp=expires_at)


def joined(room_id: RoomId, standing: Standing, online: Sequence[UserId], re: str | None) -> bytes:
    """The answer to `join`."""
    brings: dict[str, Any] = (
        {"messages": standing.messages, "more": standing.more}
        if standing.missed is None
        else {"events": standing.missed}
    )
    return _encode(
        "joined",
        re,
        room=room_id,
        epoch=standing.epoch,
        seq=standing.seq,
        reset=standing.reset,
        online=online,
        **brings,
    )


def left(room_id: RoomId, re: str | None = None) -> bytes:
    """The answer to `leave`, and what a member sees whose room is closed to them."""
    return _encode("left", re, room=room_id)


def sent(room_id: RoomId, receipts: Receipts, re: str | None) -> bytes:
    """The answer to `send`."""
    return _encode("sent", re, room=room_id, receipts=receipts.receipts)


def changed(room_id: RoomId, receipt: Receipt, re: str | None) -> bytes:
    """The answer to `change`."""
    return _encode("changed", re, room=room_id, receipt=receipt)


def history(room_id: RoomId, page: MessagePage, re: str | None) -> bytes:
    """The answer to `history`."""
    messages: tuple[Message, ...] = page.messages
    return _encode("history", re, room=room_id, epoch=page.epoch, messages=messages, more=page.more)


def pong(re: str | None) -> bytes:
    """The answer to `ping`."""
    return _encode("pong", re)


def error(failure: SosaError, re: str | None) -> bytes:
    """The answer to what could not be done."""
    item = to_wire(failure)
    if item.field in {"room_id", "message_id"}:
        # What the contract calls so is `room` or `message` in a frame.
        item = msgspec.structs.replace(item, field=item.field.removesuffix("_id"))
    return _encode("error", re, status=failure.status, errors=(item,))


def events(room_id: RoomId, epoch: str, happened: Sequence[RoomEvent]) -> Iterator[bytes]:
    """What happened in a room, for everyone in it."""
    for start in range(0, len(happened), EVENTS_PER_FRAME):
        yield from _fitting(room_id, epoch, happened[start : start + EVENTS_PER_FRAME])


def _fitting(room_id: RoomId, epoch: str, happened: Sequence[RoomEvent]) -> Iterator[bytes]:
    frame = _encode("events", None, room=room_id, epoch=epoch, events=happened)
    if len(frame) <= MAX_EVENTS_BYTES or len(happened) == 1:
        yield frame
        return
    half = len(happened) // 2
    yield from _fitting(room_id, epoch, happened[:half])
    yield from _fitting(room_id, epoch, happened[half:])


def online(room_id: RoomId, came: Sequence[UserId], went: Sequence[UserId]) -> bytes:
    """Who came and who went, for everyone in a room."""
    return _encode("online", None, room=room_id, came=came, went=went)


def bye(code: int, reason: str) -> bytes:
    """The close of a host that cannot choose its code: said before."""
    return _encode("bye", None, code=code, reason=reason)


def _encode(kind: str, re: str | None, **fields: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    frame: dict[str, Any] = {"t": kind}
    if re is not None:
        frame["re"] = re
    return msgspec.json.encode(frame | fields)
