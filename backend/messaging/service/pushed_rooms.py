"""The rooms in use when another machine holds the sockets: a table knows them, a push reaches them.

Nothing is kept between two calls, for the next one may be another process's.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import structlog

from backend.kit.errors import UnavailableError
from backend.kit.ids import RoomId, UserId
from backend.kit.push import Push
from backend.messaging.contract import Position
from backend.messaging.live import frames
from backend.messaging.live.ports import Receiver
from backend.messaging.service.batch import Appended
from backend.messaging.service.connections import ConnectionTable
from backend.messaging.service.log import RoomLog
from backend.messaging.service.presence import MAX_ONLINE, changes
from backend.messaging.service.ring import Ring

_log = structlog.get_logger("sosa.messaging")


class PushedFanout:
    """Pushes a frame to each connection of a room."""

    def __init__(self, push: Push, connections: ConnectionTable) -> None:
        self._push = push
        self._connections = connections

    async def publish(self, room_id: RoomId, frame: bytes) -> None:
        await self.publish_but(room_id, frame, "")

    async def publish_but(self, room_id: RoomId, frame: bytes, but: str) -> None:
        """Give the frame to all in the room but one connection."""
        hearers = [item for item in await self._connections.list_hearing(room_id) if item != but]
        reached = await asyncio.gather(*(self._send(item, frame) for item in hearers))
        await self.forget(
            [item for item, is_there in zip(hearers, reached, strict=True) if not is_there]
        )

    async def forget(self, connections: Collection[str]) -> None:
        """Forget connections that are no more, and tell the others who left with them."""
        if connections:
            await self.tell_gone(await self._connections.forget(connections))

    async def tell_gone(self, gone: Mapping[RoomId, Collection[UserId]]) -> None:
        """Tell rooms who is not there any more."""
        for room_id, users in gone.items():
            for frame in changes(room_id, [], list(users)):
                await self.publish(room_id, frame)

    async def subscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        """Nobody listens here: whoever hears a room is in the table."""

    async def unsubscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        """Nobody listens here."""

    async def _send(self, connection: str, frame: bytes) -> bool:
        try:
            return await self._push.send(connection, frame)
        except UnavailableError:
            # Whoever missed it sees a gap with the next event, and joins again.
            _log.warning("push_failed")
            return True


class TablePresence:
    """Who is in which room, by the table. A change is told at once: there is no later."""

    def __init__(self, connections: ConnectionTable, fanout: PushedFanout) -> None:
        self._connections = connections
        self._fanout = fanout

    async def arrive(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        if await self._connections.arrive(room_id, user_id, connection):
            for frame in changes(room_id, [user_id], []):
                await self._fanout.publish_but(room_id, frame, connection)

    async def depart(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        if await self._connections.depart(room_id, user_id, connection):
            await self._fanout.tell_gone({room_id: [user_id]})

    async def list_online(self, room_id: RoomId) -> Sequence[UserId]:
        return await self._connections.list_online(room_id, MAX_ONLINE)

    async def close(self) -> None:
        """Nothing is under way."""


class PushedRooms:
    """Implements `Rooms`."""

    def __init__(self, push: Push, connections: ConnectionTable, log: RoomLog) -> None:
        self.fanout = PushedFanout(push, connections)
        self.presence = TablePresence(connections, self.fanout)
        self._log = log

    async def tell(self, appended: Sequence[Appended]) -> None:
        for item in appended:
            for frame in frames.events(item.room_id, item.epoch, item.events):
                await self.fanout.publish(item.room_id, frame)

    async def ring(self, room_id: RoomId, at: Position | None) -> Ring:  # noqa: ARG002 - always read
        return await self._log.read_ring(room_id)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is under way."""
