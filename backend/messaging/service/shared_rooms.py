"""The rooms in use when others serve them too.

The rows are the truth, channels only say sooner what is in them. So each process knows how far it
has told each room that it holds, tells what comes from a channel if it is next, and reads the rows
when something is missing: when a later event came first, when the connection was lost, and every
now and then, for the process that died between a commit and its telling. Everybody hears a room's
events once and in order, whatever becomes of the channels.
"""

import asyncio
from collections.abc import Sequence

import structlog

from backend.kit.channels import Together
from backend.kit.endings import is_ending
from backend.kit.errors import UnavailableError
from backend.kit.ids import RoomId
from backend.messaging.contract import Position
from backend.messaging.live import frames
from backend.messaging.service.batch import Appended
from backend.messaging.service.log import RoomLog
from backend.messaging.service.ring import Ring, Rings
from backend.messaging.service.shared_fanout import SharedFanout
from backend.messaging.service.shared_presence import BEAT_SECONDS, SharedPresence

SWEEP_SECONDS = 2.0
"""How often the rows are asked whether a room has moved on unheard."""

_log = structlog.get_logger("sosa.messaging")


class SharedRooms:
    """Some members of a room are here, others in other processes."""

    def __init__(self, together: Together, log: RoomLog, rings: Rings) -> None:
        self.fanout = SharedFanout(together.channels, log, rings)
        self.presence = SharedPresence(together, self.fanout)
        self._channels = together.channels
        self._log = log
        self._rings = rings

    async def tell(self, appended: Sequence[Appended]) -> None:
        for item in appended:
            for frame in frames.events(item.room_id, item.epoch, item.events):
                await self.fanout.publish(item.room_id, frame)

    async def ring(self, room_id: RoomId, at: Position | None) -> Ring:
        await self._look_ahead(room_id, at)
        ring = await self._read(room_id)
        while ring.head < self.fanout.told(room_id, ring.epoch):
            # Something was told while the rows were read.
            self._rings.drop(room_id)
            ring = await self._read(room_id)
        self.fanout.stand(room_id, ring)
        return ring

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep())
            tasks.create_task(self._beat())

    async def close(self) -> None:
        await self.presence.close()
        await self.fanout.close()

    async def _look_ahead(self, room_id: RoomId, at: Position | None) -> None:
        # A reader who comes from another process may have seen what is still on its way here.
        ring = self._rings.find(room_id)
        if ring and at and at.epoch == ring.epoch and at.seq > ring.head:
            (head,) = await self._log.heads([room_id])
            if head.seq > ring.head:
                self._rings.drop(room_id)

    async def _read(self, room_id: RoomId) -> Ring:
        # A ring is worth keeping only while something feeds it.
        if self._channels.is_connected and self.fanout.is_held(room_id):
            return await self._log.ring(room_id)
        return await self._log.read_ring(room_id)

    async def _sweep(self) -> None:
        while not is_ending():
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.fanout.sweep()
            except Exception:  # noqa: BLE001 - logged; a database may be away, and comes back
                _log.exception("rooms_not_swept")

    async def _beat(self) -> None:
        while not is_ending():
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.presence.beat()
            except UnavailableError:
                _log.warning("others_unknown")
