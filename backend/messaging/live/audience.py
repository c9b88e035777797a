"""Who listens to which room at this gateway, and the one subscription per room that feeds them."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from backend.kit.ids import RoomId
from backend.messaging.live.ports import Fanout, Outgoing


class Listener(Protocol):
    """Somebody in a room."""

    def deliver(self, frame: Outgoing) -> None:
        """Take a frame. Must not block and must not raise."""
        ...


@dataclass(slots=True)
class _Room:
    listeners: dict[Listener, None] = field(default_factory=dict[Listener, None])
    holders: int = 0
    is_subscribed: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Audience:
    """The rooms of one gateway. A room is subscribed to while somebody holds it."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout
        self._rooms: dict[RoomId, _Room] = {}

    async def hold(self, room_id: RoomId) -> None:
        """Have the room's frames come here; returns when they do. Each hold needs one release."""
        room = self._rooms.setdefault(room_id, _Room())
        room.holders += 1
        async with room.turn:
            if not room.is_subscribed:
                await self._fanout.subscribe(room_id, self._receive)
                room.is_subscribed = True

    async def release(self, room_id: RoomId) -> None:
        """Give a hold back; with the last one the room's frames stop coming."""
        room = self._rooms[room_id]
        room.holders -= 1
        async with room.turn:
            # Somebody may have come while the lock was waited for.
            if room.is_subscribed and not room.holders:
                await self._fanout.unsubscribe(room_id, self._receive)
                room.is_subscribed = False
        if not room.holders and self._rooms.get(room_id) is room:
            del self._rooms[room_id]

    def add(self, room_id: RoomId, listener: Listener) -> None:
        """Let a listener hear a room that is held for it."""
        self._rooms[room_id].listeners[listener] = None

    def remove(self, room_id: RoomId, listener: Listener) -> None:
        """Let a listener hear the room no more."""
        if room_id in self._rooms:
            self._rooms[room_id].listeners.pop(listener, None)

    def _receive(self, room_id: RoomId, frame: bytes) -> None:
        # The hot path: this loop runs once for each member of a room and message. Everything that
        # does not depend on the member is done before it, or once by Outgoing.
        room = self._rooms.get(room_id)
        if room is None:
            return
        outgoing = Outgoing(frame)
        for listener in tuple(room.listeners):
            listener.deliver(outgoing)
