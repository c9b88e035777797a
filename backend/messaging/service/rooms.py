"""The rooms in use, as the service sees them: who hears, who is there, and how the log stands."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from backend.kit.ids import RoomId
from backend.messaging.contract import Position
from backend.messaging.live import frames
from backend.messaging.live.ports import Fanout, Presence
from backend.messaging.service.batch import Appended
from backend.messaging.service.fanout import InProcessFanout
from backend.messaging.service.log import RoomLog
from backend.messaging.service.presence import InProcessPresence
from backend.messaging.service.ring import Ring, Rings


class OwnPresence(Presence, Protocol):
    """Presence with work of its own, which ends with the house."""

    async def close(self) -> None: ...


class Rooms(Protocol):
    """Fan-out, presence and rings that fit each other."""

    @property
    def fanout(self) -> Fanout: ...

    @property
    def presence(self) -> OwnPresence: ...

    async def tell(self, appended: Sequence[Appended]) -> None:
        """Tell what is committed to everybody in the rooms."""
        ...

    async def ring(self, room_id: RoomId, at: Position | None) -> Ring:
        """The room's ring, for a reader at a position. Current until the caller next awaits."""
        ...

    async def run(self) -> None:
        """Work in the background until cancelled."""
        ...

    async def close(self) -> None: ...


class InProcessRooms:
    """Everybody who is in a room is in this process."""

    def __init__(self, log: RoomLog, rings: Rings) -> None:
        self.fanout = InProcessFanout()
        self.presence = InProcessPresence(self.fanout)
        self._log = log
        self._rings = rings

    async def tell(self, appended: Sequence[Appended]) -> None:
        # First the rings, in one loop turn with the first delivery: whoever joins in between two
        # rooms' deliveries starts from a ring that holds the event, and drops the event as one it
        # knows.
        for item in appended:
            self._rings.append(item.room_id, item.epoch, item.events)
        for item in appended:
            for frame in frames.events(item.room_id, item.epoch, item.events):
                await self.fanout.publish(item.room_id, frame)

    async def ring(self, room_id: RoomId, at: Position | None) -> Ring:  # noqa: ARG002 - no reader can be ahead
        return await self._log.ring(room_id)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self.presence.close()
