"""Whatever happens to a client's connection, it ends up with what a fresh one would see."""

import itertools
import json
import random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.ids import RoomId
from backend.messaging.contract import (
    ListMessages,
)
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import ADA, BEN, Neighbours, make_service
from tests.unit.messaging.reader import Reader
from tests.unit.messaging.talk import Talk

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
