"""Fan-out over channels, with the rows behind it: what is told in a room is told once, in order."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
import structlog

from backend.kit.channels import Channels
from backend.kit.endings import end
from backend.kit.errors import UnavailableError
from backend.kit.ids import RoomId, UserId
from backend.messaging.contract import RoomEvent
from backend.messaging.live import frames
from backend.messaging.live.ports import Receiver
from backend.messaging.service.log import RoomLog
from backend.messaging.service.ring import MAX_MISSED, Ring, Rings

MAX_WAITING = 10_000
"""Frames on their way to the channels. Beyond, they are told here alone; others read the rows."""
MAX_POSTS = 200
"""Frames that go out in one round."""
GOODBYE_SECONDS = 2.0
MAX_HEADS = 500
"""Rooms whose heads are asked for at once."""

OnlineListener = Callable[[RoomId, Sequence[UserId], Sequence[UserId]], None]

_log = structlog.get_logger("sosa.messaging")


class _Frame(msgspec.Struct, frozen=True):
    """What a process needs to know of a frame that it passes on."""

    t: str
    epoch: str = ""
    events: tuple[RoomEvent, ...] = ()
    came: tuple[UserId, ...] = ()
    went: tuple[UserId, ...] = ()


@dataclass(slots=True)
class _Room:
    receivers: list[Receiver] = field(default_factory=list[Receiver])
    epoch: str = ""
    told: int | None = None
    """Everybody here knows the log up to this; None while nobody has joined."""
    reader: asyncio.Task[None] | None = None
    must_read_again: bool = False


class SharedFanout:
    """Carries frames between processes. A frame that is published here comes back from there.

    So the members of every process hear a room in the same order, that of the log.
    """

    def __init__(self, channels: Channels, log: RoomLog, rings: Rings) -> None:
        self._channels = channels
        self._log = log
        self._rings = rings
        self._rooms: dict[RoomId, _Room] = {}
        self._waiting: deque[tuple[RoomId, bytes]] = deque()
        self._publisher: asyncio.Task[None] | None = None
        self._online: list[OnlineListener] = []
        channels.listen(lost=self._on_lost, restored=self._on_restored)

    async def publish(self, room_id: RoomId, frame: bytes) -> None:
        # Never waits: a sender who waited for a channel that is stuck would hold up the next
        # commit, and with it everybody.
        if not self._channels.is_connected or len(self._waiting) >= MAX_WAITING:
            self._hear(room_id, frame)
            return
        self._waiting.append((room_id, frame))
        if self._publisher is None:
            self._publisher = asyncio.create_task(self._publish_all())

    async def subscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        room = self._rooms.setdefault(room_id, _Room())
        room.receivers.append(receiver)
        await self._channels.subscribe(_channel(room_id), partial(self._hear, room_id))
        if room.told is None:
            # Nothing fed what was read until now.
            self._rings.drop(room_id)

    async def unsubscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        room = self._rooms.get(room_id)
        if room is None or receiver not in room.receivers:
            return
        room.receivers.remove(receiver)
        if not room.receivers:
            del self._rooms[room_id]
            # From now on nobody tells it what happens.
            self._rings.drop(room_id)
            await self._channels.unsubscribe(_channel(room_id))

    def is_held(self, room_id: RoomId) -> bool:
        """Whether somebody here is in the room."""
        return room_id in self._rooms

    def told(self, room_id: RoomId, epoch: str) -> int:
        """How far the log was told here."""
        room = self._rooms.get(room_id)
        return room.told or 0 if room is not None and room.epoch == epoch else 0

    def stand(self, room_id: RoomId, ring: Ring) -> None:
        """Somebody is about to join at the end of a ring: everybody here is told up to there."""
        room = self._rooms.get(room_id)
        if room is None:
            return
        if room.told is None or room.epoch != ring.epoch:
            room.epoch, room.told = ring.epoch, ring.head
        elif ring.head > room.told:
            self._tell(room_id, room, ring.epoch, ring.after(room.told))

    def listen(self, listener: OnlineListener) -> None:
        """Have `listener` called with who came to a room and who went, by any process."""
        self._online.append(listener)

    def deliver(self, room_id: RoomId, frame: bytes) -> None:
        """Give a frame to those who are here, and to nobody else."""
        room = self._rooms.get(room_id)
        for receiver in tuple(room.receivers) if room else ():
            receiver(room_id, frame)

    async def sweep(self) -> None:
        """Catch up the rooms whose rows have moved on unheard."""
        room_ids = [room_id for room_id, room in self._rooms.items() if room.told is not None]
        for start in range(0, len(room_ids), MAX_HEADS):
            for head in await self._log.heads(room_ids[start : start + MAX_HEADS]):
                if self.told(head.room_id, head.epoch) < head.seq:
                    self._catch_up(head.room_id)

    async def close(self) -> None:
        """Let out what waits, within a moment, and stop."""
        if self._publisher is not None:
            await asyncio.wait([self._publisher], timeout=GOODBYE_SECONDS)
        tasks = (self._publisher, *(room.reader for room in self._rooms.values()))
        await end(*(task for task in tasks if task is not None))

    async def _publish_all(self) -> None:
        try:
            while self._waiting:
                posts = [self._waiting.popleft() for _ in range(min(MAX_POSTS, len(self._waiting)))]
                await self._publish(posts)
        finally:
            self._publisher = None

    async def _publish(self, posts: list[tuple[RoomId, bytes]]) -> None:
        try:
            await self._channels.publish([(_channel(room), frame) for room, frame in posts])
        except UnavailableError:
            # Some may be out; whoever hears an event twice is told once.
            _log.warning("told_here_alone", frames=len(posts))
            for room_id, frame in posts:
                self._hear(room_id, frame)

    def _hear(self, room_id: RoomId, frame: bytes) -> None:
        told = msgspec.json.decode(frame, type=_Frame)
        if told.t == "events":
            self._rings.append(room_id, told.epoch, told.events)
            room = self._rooms.get(room_id)
            if room is not None and room.told is not None:
                self._tell(room_id, room, told.epoch, told.events, frame)
            return
        for listener in self._online:
            listener(room_id, told.came, told.went)
        self.deliver(room_id, frame)

    def _tell(
        self,
        room_id: RoomId,
        room: _Room,
        epoch: str,
        events: Sequence[RoomEvent],
        frame: bytes | None = None,
    ) -> None:
        told = room.told or 0
        newer = [event for event in events if event.seq > told]
        if epoch != room.epoch or (newer and newer[0].seq > told + 1):
            self._catch_up(room_id)
        elif newer:
            room.told = newer[-1].seq
            whole = frame is not None and len(newer) == len(events)
            for part in [frame] if whole else frames.events(room_id, epoch, newer):
                self.deliver(room_id, part or b"")

    def _catch_up(self, room_id: RoomId) -> None:
        room = self._rooms[room_id]
        room.must_read_again = True
        if room.reader is None:
            room.reader = asyncio.create_task(self._read(room_id, room))

    async def _read(self, room_id: RoomId, room: _Room) -> None:
        try:
            while room.must_read_again and self._rooms.get(room_id) is room:
                room.must_read_again = False
                await self._read_once(room_id, room)
        except Exception:  # noqa: BLE001 - logged; the next sweep tries again
            _log.exception("room_not_caught_up")
        finally:
            room.reader = None

    async def _read_once(self, room_id: RoomId, room: _Room) -> None:
        (head,) = await self._log.heads([room_id])
        if head.epoch != room.epoch or head.seq - (room.told or 0) > MAX_MISSED:
            # More than a joining client would be sent, or another log altogether. From the newest
            # event alone each client sees that something is missing, and joins again.
            room.epoch, room.told = head.epoch, max(0, head.seq - 1)
            self._rings.drop(room_id)
        events = await self._log.after(room_id, room.told or 0, MAX_MISSED)
        self._rings.append(room_id, room.epoch, events)
        self._tell(room_id, room, room.epoch, events)

    def _on_lost(self) -> None:
        for room_id in self._rooms:
            self._rings.drop(room_id)

    def _on_restored(self) -> None:
        for room_id, room in self._rooms.items():
            self._rings.drop(room_id)
            if room.told is not None:
                self._catch_up(room_id)


def _channel(room_id: RoomId) -> str:
    return f"room:{room_id}"
