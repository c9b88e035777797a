"""Who is in which room, in one process; told in batches, so that it is never the largest load."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from backend.kit.ids import RoomId, UserId
from backend.messaging.live import frames
from backend.messaging.live.ports import Fanout

BATCH_SECONDS = 0.2
"""How long comings and goings gather before they are told."""
MAX_ONLINE = 1_000
"""Users in a list of who is online."""
USERS_PER_FRAME = 500
"""Users in one `online` frame, so that it stays below 32 KiB."""


@dataclass(slots=True)
class _Room:
    connections: dict[UserId, set[str]] = field(default_factory=dict[UserId, set[str]])
    told: dict[UserId, bool] = field(default_factory=dict[UserId, bool])
    """Who changed since the last frame, and whether they were there then."""


class InProcessPresence:
    """Knows connections. A process that dies takes them along, so nobody stays as a ghost."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._rooms: dict[RoomId, _Room] = {}
        self._teller: asyncio.Task[None] | None = None

    async def arrive(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        room = self._rooms.setdefault(room_id, _Room())
        self._note(room, user_id)
        room.connections.setdefault(user_id, set()).add(connection)

    async def depart(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        room = self._rooms.get(room_id)
        if room is None or user_id not in room.connections:
            return
        self._note(room, user_id)
        room.connections[user_id].discard(connection)
        if not room.connections[user_id]:
            del room.connections[user_id]

    async def list_online(self, room_id: RoomId) -> Sequence[UserId]:
        room = self._rooms.get(room_id)
        return tuple(islice(room.connections, MAX_ONLINE)) if room else ()

    async def tell(self) -> None:
        """Tell every room what changed since the last time. Who came and went did neither."""
        for room_id, room in list(self._rooms.items()):
            came = [user for user, was in room.told.items() if not was and user in room.connections]
            went = [user for user, was in room.told.items() if was and user not in room.connections]
            for frame in changes(room_id, came, went):
                await self._fanout.publish(room_id, frame)
            room.told.clear()
            if not room.connections:
                self._rooms.pop(room_id, None)

    async def close(self) -> None:
        """Stop telling."""
        if self._teller is not None:
            self._teller.cancel()

    def _note(self, room: _Room, user_id: UserId) -> None:
        room.told.setdefault(user_id, user_id in room.connections)
        if self._teller is None:
            self._teller = asyncio.create_task(self._tell_later())

    async def _tell_later(self) -> None:
        try:
            await asyncio.sleep(BATCH_SECONDS)
        finally:
            self._teller = None
        await self.tell()


def changes(room_id: RoomId, came: Sequence[UserId], went: Sequence[UserId]) -> Iterator[bytes]:
    """The frames that tell who came and who went."""
    for start in range(0, max(len(came), len(went)), USERS_PER_FRAME // 2):
        part = slice(start, start + USERS_PER_FRAME // 2)
        yield frames.online(room_id, came[part], went[part])
