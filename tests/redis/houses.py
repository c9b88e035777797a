"""Two processes of the messaging service in one: they share rows and Redis, nothing else."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.kit.callers import Member
from backend.kit.clock import Clock, SystemClock
from backend.kit.database import Database
from backend.kit.events import Bus
from backend.kit.ids import RoomId
from backend.kit.redis.channels import RedisChannels
from backend.kit.redis.parts import InRedis
from backend.kit.tokens.revocations import Revocations
from backend.messaging.contract import Draft, Position, Send
from backend.messaging.live import frames
from backend.messaging.service import MessagingService, build
from backend.messaging.service.shared_rooms import SharedRooms
from tests.unit.messaging.neighbours import Neighbours, make_parts


@dataclass
class Process:
    """One process of the messaging service."""

    shared: InRedis
    database: Database
    messaging: MessagingService
    revocations: Revocations
    tasks: list[asyncio.Task[Any]] = field(default_factory=list[asyncio.Task[Any]])

    @property
    def is_connected(self) -> bool:
        return self.shared.together.channels.is_connected

    @property
    def rooms(self) -> SharedRooms:
        rooms = self.messaging._rooms
        assert isinstance(rooms, SharedRooms)
        return rooms

    def deafen(self) -> None:
        """Hear nothing that comes through channels any more."""
        channels = self.shared.together.channels
        assert isinstance(channels, RedisChannels)
        channels._receivers.clear()

    async def say(self, who: Member, room: RoomId, *texts: str) -> list[int]:
        """Send messages; returns their seqs, once they are acknowledged."""
        drafts = tuple(Draft(id=f"{who.user_id}-{text:0>8}", text=text) for text in texts)
        answer = await self.messaging.send(who, Send(room_id=room, messages=drafts))
        return [receipt.seq or 0 for receipt in answer.receipts]

    async def die(self) -> None:
        """End without a goodbye: nothing is told, nothing is taken back."""
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)


@asynccontextmanager
async def open_process(
    redis_url: str, database_url: str, peers: Neighbours, clock: Clock | None = None
) -> AsyncGenerator[Process]:
    clock = clock or SystemClock()
    revocations = Revocations(clock)
    shared = InRedis(redis_url, clock, Bus(), revocations)
    database = Database(database_url)
    messaging = build(make_parts(database, clock, peers, shared.together))
    async with shared.running():
        work = asyncio.create_task(messaging._rooms.run())
        yield Process(shared, database, messaging, revocations, [work])
        work.cancel()
        await asyncio.wait([work])
        await messaging._commits.close()
        await messaging._rooms.close()
    await database.close()


class Client:
    """A client as docs/protocol.md tells it to be. It is connected to one process."""

    def __init__(self, process: Process, who: Member, room: RoomId) -> None:
        self.process = process
        self.who = who
        self.room = room
        self.epoch = ""
        self.seq = 0
        self.texts: list[str] = []
        self.online: set[str] = set()
        self.told: list[dict[str, Any]] = []
        self.doubles = 0
        self.gaps = 0

    async def join(self) -> None:
        at = Position(epoch=self.epoch, seq=self.seq) if self.epoch else None
        joined: list[dict[str, Any]] = []
        messaging = self.process.messaging
        await messaging.fanout.subscribe(self.room, self._hear)
        await messaging.enter(
            self.who,
            self.room,
            at,
            f"{id(self)}",
            lambda standing, online: joined.append(
                json.loads(frames.joined(self.room, standing, online, None))
            ),
        )
        answer = joined[0]
        self.online = set(answer["online"])
        if answer["reset"]:
            self.texts = [message["text"] for message in answer["messages"]]
        else:
            self.texts += [event["message"]["text"] for event in answer["events"]]
        self.epoch, self.seq = answer["epoch"], answer["seq"]

    async def leave(self) -> None:
        messaging = self.process.messaging
        await messaging.fanout.unsubscribe(self.room, self._hear)
        await messaging.exit(self.who, self.room, f"{id(self)}")

    def _hear(self, _room: RoomId, frame: bytes) -> None:
        if not self.epoch:
            return
        told = json.loads(frame)
        self.told.append(told)
        if told["t"] == "online":
            self.online |= set(told["came"])
            self.online -= set(told["went"])
        for event in told.get("events", ()):
            self.doubles += event["seq"] <= self.seq
            self.gaps += event["seq"] > self.seq + 1
            if event["seq"] == self.seq + 1:
                self.texts.append(event["message"]["text"])
                self.seq += 1
