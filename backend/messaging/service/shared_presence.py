"""Who is in which room when several processes have connections there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import structlog

from backend.kit.channels import Together
from backend.kit.errors import UnavailableError
from backend.kit.ids import RoomId, UserId
from backend.messaging.service.presence import BATCH_SECONDS, MAX_ONLINE, changes
from backend.messaging.service.shared_fanout import OnlineListener

BEAT_SECONDS = 5.0
"""How often this process says that it lives, and looks who else does."""
BEATS_TO_TRUST = 2
"""After Redis was away it may know nobody until every process has said whom it has."""

_log = structlog.get_logger("sosa.messaging")


class Fanout(Protocol):
    """The fan-out as presence uses it."""

    async def publish(self, room_id: RoomId, frame: bytes) -> None: ...

    def deliver(self, room_id: RoomId, frame: bytes) -> None: ...

    def listen(self, listener: OnlineListener) -> None: ...


@dataclass(slots=True)
class _Room:
    connections: dict[UserId, set[str]] = field(default_factory=dict[UserId, set[str]])
    """Who is there by this process."""
    told: dict[UserId, bool] = field(default_factory=dict[UserId, bool])
    """Whose connections changed since the last telling, and whether they had any then."""
    online: dict[UserId, None] = field(default_factory=dict[UserId, None])
    """Who is there by any process, as far as it was heard."""
    loading: asyncio.Event | None = None


class SharedPresence:
    """Knows the connections of this process, and hears of the others'."""

    def __init__(self, together: Together, fanout: Fanout) -> None:
        self._attendance = together.attendance
        self._channels = together.channels
        self._fanout = fanout
        self._rooms: dict[RoomId, _Room] = {}
        self._teller: asyncio.Task[None] | None = None
        self._distrust = 0
        fanout.listen(self._on_online)
        together.channels.listen(lost=self._doubt, restored=self._doubt)

    async def arrive(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        room = self._rooms.setdefault(room_id, _Room())
        self._note(room, user_id)
        room.connections.setdefault(user_id, set()).add(connection)
        room.online[user_id] = None
        await self._load(room_id, room)

    async def depart(self, room_id: RoomId, user_id: UserId, connection: str) -> None:
        room = self._rooms.get(room_id)
        if room is None or user_id not in room.connections:
            return
        self._note(room, user_id)
        room.connections[user_id].discard(connection)
        if not room.connections[user_id]:
            del room.connections[user_id]

    async def list_online(self, room_id: RoomId) -> Sequence[UserId]:
        # From memory where somebody of this process is in the room: what is heard later is newer
        # than the list.
        room = self._rooms.get(room_id)
        if room is not None and room.connections:
            return tuple(islice(room.online, MAX_ONLINE))
        there = await self._attendance.list_there(room_id)
        return tuple(UserId(user) for user in islice(there, MAX_ONLINE))

    async def tell(self) -> None:
        """Tell every room what changed here since the last time."""
        for room_id, room in list(self._rooms.items()):
            if room.told:
                await self._tell_room(room_id, room)
            if not room.connections and not room.told:
                self._rooms.pop(room_id, None)

    async def beat(self) -> None:
        """Say who is here, and tell those who are here what was not heard of the others.

        Raises UnavailableError.
        """
        for room_id, room in list(self._rooms.items()):
            if not room.connections:
                continue
            there = await self._attendance.beat(room_id, tuple(room.connections))
            if not self._distrust:
                self._correct(room_id, room, there)
        if self._channels.is_connected:
            self._distrust = max(0, self._distrust - 1)

    async def close(self) -> None:
        """Stop telling, and say goodbye for those who were here."""
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.wait([self._teller])
            await self.tell()

    async def _tell_room(self, room_id: RoomId, room: _Room) -> None:
        told, room.told = room.told, {}
        came = [user for user, was in told.items() if not was and user in room.connections]
        went = [user for user, was in told.items() if was and user not in room.connections]
        try:
            gone = await self._attendance.settle(room_id, came, went)
        except UnavailableError:
            # Those who are here are told all the same; the others' beats find out.
            gone = frozenset(went)
        # Somebody may be back by now.
        went = [user for user in went if user in gone and user not in room.connections]
        for frame in changes(room_id, came, went):
            await self._fanout.publish(room_id, frame)

    def _correct(self, room_id: RoomId, room: _Room, there: frozenset[str]) -> None:
        online = {UserId(user): None for user in there} | dict.fromkeys(room.connections)
        came = [user for user in online if user not in room.online]
        went = [user for user in room.online if user not in online]
        room.online = online
        for frame in changes(room_id, came, went):
            self._fanout.deliver(room_id, frame)

    async def _load(self, room_id: RoomId, room: _Room) -> None:
        if room.loading is not None:
            await room.loading.wait()
            return
        room.loading = asyncio.Event()
        try:
            there = await self._attendance.list_there(room_id)
            room.online |= {UserId(user): None for user in there}
        except UnavailableError:
            _log.warning("others_unknown")
        finally:
            room.loading.set()

    def _on_online(self, room_id: RoomId, came: Sequence[UserId], went: Sequence[UserId]) -> None:
        room = self._rooms.get(room_id)
        if room is None:
            return
        room.online |= dict.fromkeys(came)
        for user in went:
            if user not in room.connections:
                room.online.pop(user, None)

    def _doubt(self) -> None:
        # When the line breaks too: commands may get through before it is mended.
        self._distrust = BEATS_TO_TRUST

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
