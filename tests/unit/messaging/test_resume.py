"""Whatever happens to a client's connection, it ends up with what a fresh one would see."""

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.ids import RoomId
from backend.messaging.contract import Draft, ListMessages, Position, Send
from backend.messaging.live import frames
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import ADA, BEN, Neighbours, make_service

_rooms = itertools.count()


@dataclass
class Reader:
    """A client as docs/protocol.md tells it to be, with a line that can be cut and loses frames."""

    messaging: MessagingService
    room: RoomId
    epoch: str = ""
    seq: int = 0
    texts: list[str] = field(default_factory=list[str])
    is_connected: bool = False
    loses: bool = False
    stale: bool = False

    async def connect(self) -> None:
        at = Position(epoch=self.epoch, seq=self.seq) if self.epoch else None
        joined: list[dict[str, Any]] = []
        if not self.is_connected:
            await self.messaging.fanout.subscribe(self.room, self.hear)
        await self.messaging.enter(
            BEN,
            self.room,
            at,
            "reader",
            lambda standing, online: joined.append(
                json.loads(frames.joined(self.room, standing, online, None))
            ),
        )
        self.is_connected, self.stale = True, False
        self._take(joined[0])

    async def disconnect(self) -> None:
        await self.messaging.fanout.unsubscribe(self.room, self.hear)
        self.is_connected = False

    def hear(self, _room: RoomId, frame: bytes) -> None:
        told = json.loads(frame)
        if told["t"] == "events" and not self.loses:
            self._apply(told["epoch"], told["events"])

    def _take(self, joined: dict[str, Any]) -> None:
        if joined["reset"]:
            self.texts = [message["text"] for message in joined["messages"]]
            self.epoch, self.seq = joined["epoch"], joined["seq"]
        else:
            self._apply(joined["epoch"], joined["events"])
            assert self.seq == joined["seq"]

    def _apply(self, epoch: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            if epoch != self.epoch or event["seq"] > self.seq + 1:
                self.stale = True
                return
            if event["seq"] == self.seq + 1:
                self.texts.append(event["message"]["text"])
                self.seq += 1


STEPS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 60)),
    st.tuples(st.just("say"), st.just(501)),
    st.tuples(st.sampled_from(["connect", "disconnect", "lose", "hear", "restart"]), st.just(0)),
)


async def _say(messaging: MessagingService, room: RoomId, numbers: range) -> None:
    drafts = [Draft(id=f"{room}-{number:08}", text=str(number)) for number in numbers]
    parts = [tuple(drafts[start : start + 20]) for start in range(0, len(drafts), 20)]
    sends = [messaging.send(ADA, Send(room_id=room, messages=part)) for part in parts]
    await asyncio.gather(*sends)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=12))
async def test_a_reader_ends_up_with_what_a_fresh_one_sees(
    database: Database, clock: ManualClock, peers: Neighbours, steps: list[tuple[str, int]]
) -> None:
    room = RoomId(f"room-{next(_rooms)}")
    peers.community.admit(ADA, room)
    peers.community.admit(BEN, room)
    messaging = make_service(database, clock, peers)
    reader = Reader(messaging, room)
    said = 0
    for step, count in steps:
        match step:
            case "say":
                await _say(messaging, room, range(said, said + count))
                said += count
            case "connect":
                await reader.connect()
            case "disconnect":
                await reader.disconnect()
            case "restart":
                # A new process: no rings, no sockets, the same rows.
                await messaging.presence.close()
                messaging = make_service(database, clock, peers)
                reader.messaging, reader.is_connected = messaging, False
            case _:
                reader.loses = step == "lose"
    reader.loses = False
    if reader.is_connected:
        # Something is said after the last loss, which is how a client learns of it.
        await _say(messaging, room, range(said, said + 1))
        said += 1
    if reader.stale or not reader.is_connected:
        await reader.connect()
    await messaging.presence.close()
    assert reader.seq == said
    assert reader.texts == [str(n) for n in range(said)][-len(reader.texts) or said :]
    newest = await messaging.list_messages(ADA, ListMessages(room_id=room, limit=50))
    assert reader.texts[-50:] == [message.text for message in newest.messages]
