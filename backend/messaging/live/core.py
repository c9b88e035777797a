"""`sosa.v1` without I/O: frames in, effects out, time passed in (docs/protocol.md).

Every host runs this same core, so that they cannot differ: Starlette here, others later. It knows
what may be said when, and the limits; it knows neither sockets nor services. The host performs its
effects in order and reports the outcome of each command by `authenticated`, `entered`, `left` or
`failed`.
"""

from collections.abc import Iterable

import msgspec

from backend.kit.errors import (
    ConflictError,
    MalformedRequestError,
    RateLimitedError,
    SosaError,
    UnauthenticatedError,
)
from backend.kit.ids import RoomId
from backend.messaging.live import frames
from backend.messaging.live.bucket import Bucket
from backend.messaging.live.effects import (
    Authenticate,
    Close,
    Command,
    Effect,
    Enter,
    Exit,
    Say,
    effect_of,
)

OPEN_SECONDS = 5.0
SILENCE_SECONDS = 600.0
LIFE_SECONDS = 7_200.0
MAX_ROOMS = 100
MAX_BAD_IN_A_ROW = 20

GOING_AWAY = 1001
TOO_LARGE = 1009
NOT_THIS_PROTOCOL = 4400
NOT_AUTHENTICATED = 4401
TOO_SLOW = 4408
TOO_MANY = 4429


class Memory(msgspec.Struct, frozen=True):
    """What a conversation is, between two frames, for a host that forgets."""

    challenge: str
    opened: float
    heard: float
    tokens: float
    updated: float
    greeted: bool = False
    expires: float | None = None
    bad: int = 0


class Core:
    """One connection's conversation."""

    def __init__(self, *, challenge: str, now: float, rate_limit_scale: float = 1.0) -> None:
        self.challenge = challenge
        self.rooms: set[RoomId] = set()
        self.is_open = True
        self._greeted = False
        self._opened = now
        self._heard = now
        self._expires: float | None = None
        self._bad = 0
        self._bucket = Bucket(rate_limit_scale, now)

    @classmethod
    def resume(cls, memory: Memory, rooms: Iterable[RoomId], rate_limit_scale: float) -> "Core":
        """The conversation as it was remembered, in the rooms that the host knows."""
        core = cls(challenge=memory.challenge, now=memory.opened, rate_limit_scale=rate_limit_scale)
        core.rooms = set(rooms)
        core._heard, core._greeted = memory.heard, memory.greeted
        core._expires, core._bad = memory.expires, memory.bad
        core._bucket.tokens, core._bucket.updated = memory.tokens, memory.updated
        return core

    def remember(self) -> Memory:
        """What `resume` needs."""
        return Memory(
            challenge=self.challenge,
            opened=self._opened,
            heard=self._heard,
            tokens=self._bucket.tokens,
            updated=self._bucket.updated,
            greeted=self._greeted,
            expires=self._expires,
            bad=self._bad,
        )

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody has proven who they are."""
        return self._expires is not None

    @property
    def deadline(self) -> float:
        """When `tick` has something to do, unless something happens before."""
        ends = self._opened + OPEN_SECONDS if self._expires is None else self._expires
        return min(ends, self._heard + SILENCE_SECONDS, self._opened + LIFE_SECONDS)

    def receive(self, data: str | bytes, now: float) -> list[Effect]:
        """What a frame of the client leads to. Text comes as str, and bytes are a binary frame."""
        if not self.is_open:
            return []
        self._heard = now
        if _is_too_large(data):
            return self._close(TOO_LARGE, "frame too large")
        if not self._bucket.take(now):
            # Nothing but the way back is read: the rest is what a flood would make expensive.
            flood = RateLimitedError("Whoa, that is fast. Take a breath.")
            return [Say(frames.error(flood, frames.find_re(data)))]
        if isinstance(data, bytes):
            return self._bad_frame(MalformedRequestError("Frames are text here."), None)
        try:
            frame = frames.read(data)
        except SosaError as error:
            return self._bad_frame(error, frames.find_re(data))
        return self._converse(frame)

    def authenticated(
        self, command: Authenticate, user_id: str, session_id: str, expires_at: int
    ) -> list[Effect]:
        """The ticket was good, until `expires_at`."""
        self._expires = float(expires_at)
        return [Say(frames.ready(user_id, session_id, expires_at, command.re))]

    def failed(self, command: Command, error: SosaError) -> list[Effect]:
        """A command could not be done."""
        if isinstance(command, Authenticate) and not self.is_authenticated:
            # No second try on this socket: guessing must cost a handshake each, and those are
            # counted.
            return [Say(frames.error(error, command.re)), *self._close(NOT_AUTHENTICATED, "no")]
        return [Say(frames.error(error, command.re))]

    def entered(self, command: Enter) -> None:
        """The connection is in the room."""
        self.rooms.add(command.room_id)

    def left(self, command: Exit) -> list[Effect]:
        """The connection is out of the room."""
        self.rooms.discard(command.room_id)
        return [Say(frames.left(command.room_id, command.re))]

    def tick(self, now: float) -> list[Effect]:
        """What the passing of time leads to."""
        if not self.is_open or now < self.deadline:
            return []
        if now >= self._opened + LIFE_SECONDS or now >= self._heard + SILENCE_SECONDS:
            return self._close(GOING_AWAY, "time to connect again")
        return self._close(NOT_AUTHENTICATED, "not authenticated in time")

    def revoked(self) -> list[Effect]:
        """The session has ended."""
        return self._close(NOT_AUTHENTICATED, "session ended")

    def overrun(self) -> list[Effect]:
        """The client reads more slowly than the room talks."""
        return self._close(TOO_SLOW, "too slow; resume")

    def turned_away(self) -> list[Effect]:
        """Too many connections of one network or member."""
        return self._close(TOO_MANY, "too many connections")

    def going_away(self) -> list[Effect]:
        """The host shuts down."""
        return self._close(GOING_AWAY, "going away")

    def _converse(self, frame: frames.AnyClientFrame) -> list[Effect]:
        if not self._greeted:
            return self._greet(frame)
        if isinstance(frame, frames.Hello):
            return self._bad_frame(ConflictError("We have said hello already."), frame.re)
        if not self.is_authenticated and not isinstance(frame, frames.Auth | frames.Ping):
            return self._bad_frame(UnauthenticatedError("Show us who you are first."), frame.re)
        if isinstance(frame, frames.Join) and self._is_full(frame.room):
            return self._bad_frame(
                ConflictError(f"{MAX_ROOMS} rooms are all that fit into one connection.", "room"),
                frame.re,
            )
        self._bad = 0
        return [effect_of(frame)]

    def _greet(self, frame: frames.AnyClientFrame) -> list[Effect]:
        if not isinstance(frame, frames.Hello) or frame.v != frames.VERSION:
            return self._close(NOT_THIS_PROTOCOL, "say hello, version 1")
        self._greeted = True
        self._bad = 0
        return [Say(frames.hello(self.challenge, frame.re))]

    def _is_full(self, room_id: RoomId) -> bool:
        return room_id not in self.rooms and len(self.rooms) >= MAX_ROOMS

    def _bad_frame(self, error: SosaError, re: str | None) -> list[Effect]:
        self._bad += 1
        said = Say(frames.error(error, re))
        if self._bad >= MAX_BAD_IN_A_ROW:
            return [said, *self._close(NOT_THIS_PROTOCOL, "too many bad frames")]
        return [said]

    def _close(self, code: int, reason: str) -> list[Effect]:
        if not self.is_open:
            return []
        self.is_open = False
        return [Close(code, reason)]


def _is_too_large(data: str | bytes) -> bool:
    # A character takes four bytes at most, so short texts need no counting.
    if isinstance(data, str) and len(data) * 4 > frames.MAX_FRAME_BYTES:
        return len(data.encode("utf-8", "surrogatepass")) > frames.MAX_FRAME_BYTES
    return len(data) > frames.MAX_FRAME_BYTES
