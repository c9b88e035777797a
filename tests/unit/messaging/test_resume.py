"""Whatever happens to a client's connection, it ends up with what a fresh one would see."""

import asyncio
import itertools
import json
import random
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import NotFoundError
from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import (
    Change,
    Deed,
    Delete,
    Draft,
    Edit,
    ListMessages,
    Pin,
    React,
    Send,
)
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import ADA, BEN, Neighbours, make_service
from tests.unit.messaging.reader import Reader

_rooms = itertools.count()

STEPS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 60)),
    st.tuples(st.just("say"), st.just(501)),
    st.tuples(st.just("change"), st.integers(1, 40)),
    st.tuples(st.just("erase"), st.just(0)),
    st.tuples(st.just("ask"), st.integers(1, 100)),
    st.tuples(
        st.sampled_from(["connect", "disconnect", "lose", "hear", "restart", "take"]), st.just(0)
    ),
)


@dataclass
class Talk:
    """Ada, who says things and thinks better of them."""

    messaging: MessagingService
    room: RoomId
    chance: random.Random
    ids: list[MessageId] = field(default_factory=list[MessageId])
    events: int = 0

    async def say(self, count: int) -> None:
        first = len(self.ids)
        drafts = [self._draft(first + number) for number in range(count)]
        parts = [tuple(drafts[start : start + 20]) for start in range(0, count, 20)]
        sends = [self.messaging.send(ADA, Send(room_id=self.room, messages=part)) for part in parts]
        for sent in await asyncio.gather(*sends):
            self.ids += [item.message_id for item in sent.receipts if item.message_id]
        assert len(self.ids) == first + count
        self.events += count

    async def change(self, count: int) -> None:
        """Change some messages; what is said about one that is gone changes nothing."""
        changes = [self._change(self._deed()) for _ in range(count if self.ids else 0)]
        results = await asyncio.gather(
            *(self.messaging.change(ADA, change) for change in changes), return_exceptions=True
        )
        for result in results:
            assert not isinstance(result, BaseException) or isinstance(result, NotFoundError)
            self.events += not isinstance(result, BaseException)

    async def erase(self) -> None:
        """Delete the newest messages, more of them than a snapshot shows."""
        for message_id in self.ids[-80:]:
            change = msgspec.structs.replace(self._change(Delete()), message_id=message_id)
            try:
                await self.messaging.change(ADA, change)
            except NotFoundError:
                continue
            self.events += 1

    def _draft(self, number: int) -> Draft:
        answered = self.chance.choice(self.ids[-30:]) if self.ids and number % 5 == 0 else None
        return Draft(id=f"{self.room}-{number:08}", text=str(number), reply_to=answered)

    def _change(self, deed: Deed) -> Change:
        # Mostly what is before everybody's eyes, sometimes what is long past.
        near = self.ids[-60:] if self.chance.random() < 0.8 else self.ids
        return Change(
            room_id=self.room,
            message_id=self.chance.choice(near),
            id=f"{self.room}-deed-{self.chance.getrandbits(64):x}",
            do=deed,
        )

    def _deed(self) -> Deed:
        return self.chance.choice(
            [
                Edit(text=f"better {self.chance.random()}"),
                Delete(),
                React(emoji=self.chance.choice("🔥🌵🦓"), on=self.chance.random() < 0.7),
                Pin(on=self.chance.random() < 0.5),
            ]
        )


async def _take(step: str, count: int, talk: Talk, reader: Reader) -> None:
    match step:
        case "say":
            await talk.say(count)
        case "change":
            await talk.change(count)
        case "erase":
            await talk.erase()
        case "connect":
            await reader.connect()
        case "disconnect":
            await reader.disconnect()
        case "ask":
            await reader.ask_for_history(count)
        case "take":
            reader.take_history()
        case _:
            reader.loses = step == "lose"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=16), seed=st.integers(0, 2**32))
async def test_a_reader_ends_up_with_what_a_fresh_one_sees(
    database: Database,
    clock: ManualClock,
    peers: Neighbours,
    steps: list[tuple[str, int]],
    seed: int,
) -> None:
    room = RoomId(f"room-{next(_rooms)}")
    peers.community.admit(ADA, room)
    peers.community.admit(BEN, room)
    messaging = make_service(database, clock, peers)
    reader, talk = Reader(messaging, room), Talk(messaging, room, random.Random(seed))  # noqa: S311 - a test repeats its chances
    for step, count in steps:
        if step == "restart":
            # A new process: no rings, no sockets, the same rows.
            await messaging.presence.close()
            messaging = make_service(database, clock, peers)
            reader.messaging = talk.messaging = messaging
            reader.is_connected = False
        else:
            await _take(step, count, talk, reader)
    reader.loses = False
    if reader.is_connected:
        # Something is said after the last loss, which is how a client learns of it.
        await talk.say(1)
    if reader.stale or not reader.is_connected:
        await reader.connect()
    reader.take_history()
    await messaging.presence.close()
    assert reader.seq == talk.events
    assert reader.messages == await _fresh(messaging, room, reader)


async def _fresh(messaging: MessagingService, room: RoomId, reader: Reader) -> list[dict[str, Any]]:
    """What the rows hold, from where the reader's messages begin; everything, if that is theirs."""
    begins = reader.messages[0]["seq"] if reader.more and reader.messages else 0
    fresh: list[dict[str, Any]] = []
    after = max(0, begins - 1)
    while True:
        page = await messaging.list_messages(
            ADA, ListMessages(room_id=room, after=after, limit=100)
        )
        fresh += json.loads(msgspec.json.encode(page.messages))
        if not page.more:
            return fresh
        after = page.messages[-1].seq
