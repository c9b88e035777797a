"""Who is online: told in batches, bounded, and without ghosts."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.kit.ids import UserId
from backend.messaging.service import presence as module
from backend.messaging.service.fanout import InProcessFanout
from backend.messaging.service.presence import InProcessPresence
from tests.unit.messaging.neighbours import MEADOW, POND

ADA, BEN = UserId("ada"), UserId("ben")


class Told:
    """Presence, and what the meadow was told."""

    def __init__(self) -> None:
        self.fanout = InProcessFanout()
        self.presence = InProcessPresence(self.fanout)
        self.frames: list[dict[str, Any]] = []

    async def listen(self) -> None:
        await self.fanout.subscribe(MEADOW, lambda _room, frame: self.frames.append(_read(frame)))


def _read(frame: bytes) -> dict[str, Any]:
    assert len(frame) <= 32_768
    return json.loads(frame)


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    told = Told()
    await told.listen()
    yield told
    await told.presence.close()


async def test_what_happens_together_is_told_together(told: Told) -> None:
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.arrive(MEADOW, BEN, "2")
    await told.presence.arrive(POND, BEN, "2")
    assert told.frames == []
    await told.presence.tell()
    assert told.frames == [{"t": "online", "room": MEADOW, "came": [ADA, BEN], "went": []}]


async def test_who_came_and_went_did_neither(told: Told) -> None:
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.depart(MEADOW, ADA, "1")
    await told.presence.tell()
    assert told.frames == []


async def test_who_went_and_came_back_never_left(told: Told) -> None:
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.tell()
    await told.presence.depart(MEADOW, ADA, "1")
    await told.presence.arrive(MEADOW, ADA, "2")
    await told.presence.tell()
    assert len(told.frames) == 1
    assert await told.presence.list_online(MEADOW) == (ADA,)


async def test_arriving_and_leaving_twice_is_once(told: Told) -> None:
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.depart(MEADOW, ADA, "1")
    await told.presence.depart(MEADOW, ADA, "1")
    await told.presence.depart(POND, ADA, "1")
    assert await told.presence.list_online(MEADOW) == ()


async def test_a_crowd_is_told_in_frames_that_fit(told: Told) -> None:
    for number in range(1_200):
        await told.presence.arrive(MEADOW, UserId(f"{number:036}"), "1")
    await told.presence.tell()
    came = [user for frame in told.frames for user in frame["came"]]
    assert len(came) == 1_200
    assert len(await told.presence.list_online(MEADOW)) == module.MAX_ONLINE


async def test_an_empty_room_is_forgotten(told: Told) -> None:
    await told.presence.arrive(MEADOW, ADA, "1")
    await told.presence.tell()
    await told.presence.depart(MEADOW, ADA, "1")
    await told.presence.tell()
    assert told.frames[-1]["went"] == [ADA]
    assert told.presence._rooms == {}


async def test_a_receiver_that_unsubscribes_twice_is_gone_once(told: Told) -> None:
    heard: list[bytes] = []

    def receive(_room: str, frame: bytes) -> None:
        heard.append(frame)

    await told.fanout.subscribe(MEADOW, receive)
    await told.fanout.unsubscribe(MEADOW, receive)
    await told.fanout.unsubscribe(MEADOW, receive)
    await told.fanout.unsubscribe(POND, receive)
    await told.fanout.publish(MEADOW, b"{}")
    assert heard == []
    assert told.frames == [{}]
