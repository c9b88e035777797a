"""What the live door needs of the house, and what it asks of the machine it runs on."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.kit.callers import Member
from backend.kit.ids import RoomId, SessionId, UserId
from backend.messaging.contract import Message, Messaging, Position, RoomEvent


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reader stands after joining, and what brings them there: `missed` or `messages`."""

    epoch: str
    seq: int
    missed: tuple[RoomEvent, ...] | None = None
    messages: tuple[Message, ...] = ()
    more: bool = False

    @property
    def reset(self) -> bool:
        """Whether the reader must forget what they had."""
        return self.missed is None


_OWN = "@"
"""Begins no room's id: a member who asks to join such a room is told that there is none."""


def own_channel(user_id: UserId) -> RoomId:
    """Where a member alone is told something, on all their connections."""
    return RoomId(f"{_OWN}{user_id}")


def owner_of(channel: RoomId) -> UserId | None:
    """Whose own channel it is; None for a room."""
    return UserId(channel.removeprefix(_OWN)) if channel.startswith(_OWN) else None


Receiver = Callable[[RoomId, bytes], None]
"""Takes a frame that everyone in a room gets. Must not block and must not raise."""


class Fanout(Protocol):
    """Carries frames to whoever is in a room, in every process that has somebody there."""

    async def publish(self, room_id: RoomId, frame: bytes) -> None:
        """Give the frame to all who subscribed. May lose it; the log finds that out."""
        ...

    async def subscribe(self, room_id: RoomId, receiver: Receiver) -> None: ...

    async def unsubscribe(self, room_id: RoomId, receiver: Receiver) -> None: ...


Arrival = Callable[[Standing, Sequence[UserId]], None]
"""Hears where a reader stands and who is online."""


class Presence(Protocol):
    """Who is in which room. A user is there while any of their connections is."""

    async def arrive(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        """A connection of the user is in the room. Twice is once."""
        ...

    async def depart(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        """A connection of the user is not in the room any more. Twice is once."""
        ...

    async def list_online(self, room_id: RoomId) -> Sequence[UserId]:
        """Who is there, in no order, 1,000 at most."""
        ...


class LiveMessaging(Messaging, Protocol):
    """The messaging service as its own live door sees it."""

    @property
    def fanout(self) -> Fanout: ...

    async def enter(
        self,
        member: Member,
        room_id: RoomId,
        at: Position | None,
        connection: str,
        arrive: Arrival,
    ) -> None:
        """Let a member's connection into a room.

        `arrive` is called in the loop turn in which the standing was read: what is published later
        is newer than it, so that a receiver who is added there misses nothing. Raises
        NotFoundError.
        """
        ...

    async def exit(self, member: Member, room_id: RoomId, connection: str) -> None:
        """Take a connection out of a room. Twice is once."""
        ...

    async def find_readable(self, member: Member, room_ids: Sequence[RoomId]) -> frozenset[RoomId]:
        """Which of the rooms the member may (still) read."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a connection between two of its frames."""

    id: str
    network: str
    member: Member | None
    memory: bytes
    rooms: frozenset[RoomId]


class Connections(Protocol):
    """Connections that another machine holds."""

    async def open(self, connection: str, network: str, memory: bytes, ends_at: float) -> int:
        """Keep a new one. Returns how many of its network nobody knows yet, itself included."""
        ...

    async def hear(self, connection: str, decide: Callable[[Kept], tuple[bytes, float]]) -> bool:
        """Let `decide` say what to remember and until when. One at a time for each connection.

        False when it is not kept any more.
        """
        ...

    async def admit(self, connection: str, member: Member) -> int:
        """Note whose it is. Returns how many that member has, this one included."""
        ...

    async def list_of_session(self, session_id: SessionId) -> Sequence[str]: ...

    async def list_over(self) -> Sequence[str]:
        """Those whose time is over."""
        ...


class RemoteMessaging(LiveMessaging, Protocol):
    """The messaging service as a door sees it whose sockets are held elsewhere."""

    @property
    def connections(self) -> Connections: ...

    async def forget(self, connections: Collection[str]) -> None:
        """Forget connections that are no more, and tell the others who left with them."""
        ...

    async def list_missed(self, room_id: RoomId, at: Position) -> Sequence[RoomEvent]:
        """What happened in a room after a position, for a member who is in it."""
        ...


class Outgoing:
    """A frame on its way to many sockets. Each form of it is made once, for all who want it."""

    __slots__ = ("_text", "_wire", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self._text: str | None = None
        self._wire: bytes | None = None

    @property
    def text(self) -> str:
        """The frame as hosts want it that speak WebSocket themselves."""
        if self._text is None:
            self._text = self.payload.decode()
        return self._text

    @property
    def wire(self) -> bytes:
        """The frame as it travels: final, text, and unmasked as a server's must be (RFC 6455 5)."""
        if self._wire is None:
            self._wire = _header(len(self.payload)) + self.payload
        return self._wire


class Socket(Protocol):
    """One client's connection, as a host gives it to the gateway."""

    def write(self, frame: Outgoing) -> int:
        """Send a frame, soon; returns the bytes that wait to be sent.

        Never blocks, and does nothing once closed.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Close, soon, after what was written. Twice is once."""
        ...


def _header(length: int) -> bytes:
    if length < 126:  # noqa: PLR2004 - the three forms of RFC 6455 5.2
        return bytes((0x81, length))
    if length < 65_536:  # noqa: PLR2004
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")
