"""The live door when another machine holds the sockets."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import SosaError
from backend.kit.migrations import migrate
from backend.messaging.live.gateway import MAX_STRANGERS, open_gateway
from backend.messaging.live.remote import MAX_PUSH_BYTES, RemoteDoor
from backend.messaging.service import MessagingService, build
from tests.unit.messaging.neighbours import ADA, BEN, CAVE, make_parts

HANDSHAKE = [("Origin", "http://sosa.test"), ("Sec-WebSocket-Protocol", "sosa.v1")]
Frame = dict[str, Any]


class Sockets:
    """What API Gateway does: it knows connections, and keeps what was pushed."""

    def __init__(self) -> None:
        self.pushed: dict[str, list[Frame]] = {}

    async def send(self, connection_id: str, data: bytes) -> bool:
        assert len(data) <= MAX_PUSH_BYTES
        if connection_id not in self.pushed:
            return False
        self.pushed[connection_id].append(json.loads(data))
        return True

    async def close(self, connection_id: str) -> None:
        self.pushed.pop(connection_id, None)


class World:
    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.sockets = Sockets()
        self.clock = clock
        self.parts = make_parts(database, clock, push=self.sockets)
        self.service: MessagingService = build(self.parts)

    @property
    def door(self) -> RemoteDoor:
        """Each time another one: nothing may be kept between two calls."""
        return RemoteDoor(
            self.service, open_gateway(self.service, self.parts), self.parts.push
        )

    async def open(self, name: str) -> None:
        assert await self.door.connect(name, HANDSHAKE, "203.0.113.7") == "sosa.v1"
        self.sockets.pushed[name] = []

    async def say(self, name: str, **frame: Any) -> Frame:
        await self.door.heard(name, json.dumps(frame))
        await self.service.settle()
        return self.heard(name)[-1] if self.heard(name) else {}

    async def enter(self, name: str, ticket: str, room: str = CAVE) -> Frame:
        await self.open(name)
        await self.say(name, t="hello", v=1)
        assert (await self.say(name, t="auth", ticket=ticket, proof="p"))["t"] == "ready"
        return await self.say(name, t="join", room=room)

    def heard(self, name: str) -> list[Frame]:
        return self.sockets.pushed.get(name, [])
