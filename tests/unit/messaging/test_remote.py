"""The live door when another machine holds the sockets."""

import json
from typing import Any

import pytest

from backend.auth.contract import SessionRevoked
from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import SosaError
from backend.messaging.contract import Draft, Send
from backend.messaging.live.gateway import MAX_STRANGERS, open_gateway
from backend.messaging.live.ports import own_channel
from backend.messaging.live.remote import MAX_PUSH_BYTES, RemoteDoor
from backend.messaging.service import MessagingService, build
from tests.unit.messaging.neighbours import ADA, BEN, MEADOW, make_parts, saying

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
        return RemoteDoor(self.service, open_gateway(self.service, self.parts), self.parts.push)

    async def open(self, name: str) -> None:
        assert await self.door.connect(name, HANDSHAKE, "203.0.113.7") == "sosa.v1"
        self.sockets.pushed[name] = []

    async def say(self, name: str, **frame: Any) -> Frame:
        await self.door.heard(name, json.dumps(frame))
        await self.service.settle()
        return self.heard(name)[-1] if self.heard(name) else {}

    async def prove(self, name: str, who: Member) -> Frame:
        challenge = next(frame["cn"] for frame in self.heard(name) if frame["t"] == "hello")
        self.parts.peers.auth.people["ticket"] = who
        return await self.say(name, t="auth", ticket="ticket", proof=f"proof:{challenge}")

    async def enter(self, name: str, who: Member) -> Frame:
        await self.open(name)
        await self.say(name, t="hello", v=1)
        assert (await self.prove(name, who))["t"] == "ready"
        return await self.say(name, t="join", room=MEADOW)

    def heard(self, name: str) -> list[Frame]:
        return self.sockets.pushed.get(name, [])


@pytest.fixture
def world(each_database: Database, clock: ManualClock) -> World:
    return World(each_database, clock)


def kinds(frames: list[Frame]) -> list[str]:
    return [frame["t"] for frame in frames]


async def test_what_is_for_a_member_alone_is_pushed_to_all_their_connections(world: World):
    for name, who in (("a1", ADA), ("a2", ADA), ("b1", BEN)):
        await world.enter(name, who)
    await world.service.fanout.publish(own_channel(ADA.user_id), b'{"t":"whisper"}')
    heard = {name: kinds(world.heard(name))[-1] == "whisper" for name in ("a1", "a2", "b1")}
    assert heard == {"a1": True, "a2": True, "b1": False}


async def test_nothing_is_pushed_before_the_client_has_spoken(world: World):
    outcome = await world.door.connect("c1", HANDSHAKE, "203.0.113.7")
    assert outcome == "sosa.v1"
    assert world.sockets.pushed == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Origin", "https://evil.example"), HANDSHAKE[1]], 403),
        ([("Cookie", "a=b"), HANDSHAKE[1]], 403),
        ([HANDSHAKE[0]], 400),
    ],
    ids=["another site", "a browser without an origin", "another protocol"],
)
async def test_a_handshake_is_refused_with_its_status(
    world: World, headers: list[tuple[str, str]], status: int
):
    assert await world.door.connect("c0", HANDSHAKE, "203.0.113.7") == "sosa.v1"
    outcome = await world.door.connect("c1", headers, "203.0.113.7")
    assert isinstance(outcome, SosaError)
    assert outcome.status == status


async def test_one_network_has_so_many_strangers_and_another_has_its_own(world: World):
    for number in range(MAX_STRANGERS):
        outcome = await world.door.connect(f"c{number}", HANDSHAKE, "203.0.113.7")
        assert outcome == "sosa.v1"
    refused = await world.door.connect("one more", HANDSHAKE, "203.0.113.7")
    assert isinstance(refused, SosaError)
    assert refused.status == 429
    assert await world.door.connect("a neighbour", HANDSHAKE, "203.0.113.8") == "sosa.v1"


async def test_a_conversation_goes_on_from_call_to_call(world: World):
    joined = await world.enter("c+/=", ADA)
    assert (joined["t"], joined["reset"], joined["online"]) == ("joined", True, ["ada"])
    await world.say(
        "c+/=", t="send", room=MEADOW, messages=[{"id": "draft-0001", "text": "hi"}], re="s"
    )
    heard = world.heard("c+/=")
    assert sorted(kinds(heard)[3:]) == ["events", "sent"]


async def test_everybody_in_the_room_hears_and_nobody_else(world: World):
    await world.enter("ada", ADA)
    await world.enter("ben", BEN)
    await world.open("stranger")
    await world.service.send(ADA, saying(MEADOW, "hello"))
    await world.service.settle()
    for name in ("ada", "ben"):
        assert world.heard(name)[-1]["events"][0]["message"]["text"] == "hello"
    assert world.heard("stranger") == []


async def test_before_authentication_nothing_is_answered_but_the_opening(world: World):
    await world.open("c1")
    await world.say("c1", t="hello", v=1)
    answer = await world.say("c1", t="join", room=MEADOW)
    assert (answer["t"], answer["status"]) == ("error", 401)


async def test_a_bad_proof_is_told_and_the_connection_ends_with_its_code(world: World):
    await world.open("c1")
    await world.say("c1", t="hello", v=1)
    heard = world.heard("c1")
    await world.say("c1", t="auth", ticket="none", proof="none")
    assert kinds(heard) == ["hello", "error", "bye"]
    assert heard[-1]["code"] == 4401
    assert "c1" not in world.sockets.pushed


async def test_whoever_is_too_slow_to_open_is_let_go_and_forgotten(world: World):
    await world.open("c1")
    heard = world.heard("c1")
    world.clock.advance(6)
    await world.say("c1", t="hello", v=1)
    assert [(frame["t"], frame["code"]) for frame in heard] == [("bye", 4401)]
    assert not await world.service.connections.hear("c1", lambda kept: (kept.memory, 0))


async def test_past_its_end_an_authentication_hears_nothing(world: World):
    await world.enter("ada", ADA)
    await world.service.send(BEN, saying(MEADOW, "before"))
    await world.service.settle()
    heard = world.heard("ada")
    before = len(heard)
    assert heard[-1]["t"] == "events"
    world.clock.advance(901)
    await world.service.send(BEN, saying(MEADOW, "after"))
    await world.service.settle()
    assert len(heard) == before
    await world.door.sweep()
    assert (heard[-1]["t"], heard[-1]["code"]) == ("bye", 4401)
    assert "ada" not in world.sockets.pushed


async def test_a_session_that_ends_takes_its_connections_along(world: World):
    await world.enter("ada", ADA)
    await world.enter("ben", BEN)
    heard = world.heard("ada")
    await world.door.session_ended(SessionRevoked(session_id=ADA.session_id, user_id=ADA.user_id))
    assert (heard[-1]["t"], heard[-1]["code"]) == ("bye", 4401)
    assert "ada" not in world.sockets.pushed
    assert world.heard("ben")[-1]["went"] == ["ada"]


async def test_who_is_gone_unheard_is_forgotten_with_the_next_push(world: World):
    await world.enter("ada", ADA)
    await world.enter("ben", BEN)
    del world.sockets.pushed["ben"]
    await world.service.send(ADA, saying(MEADOW, "anyone?"))
    await world.service.settle()
    assert world.heard("ada")[-1]["went"] == ["ben"]
    assert list(await world.service.presence.list_online(MEADOW)) == ["ada"]


async def test_who_disconnects_is_gone_but_not_while_another_connection_is_there(world: World):
    await world.enter("ada", ADA)
    await world.enter("ben one", BEN)
    await world.enter("ben two", BEN)
    before = len(world.heard("ada"))
    await world.door.gone("ben one")
    assert len(world.heard("ada")) == before
    await world.door.gone("ben two")
    assert world.heard("ada")[-1]["went"] == ["ben"]


async def test_a_long_absence_comes_in_pieces_that_fit_and_continue_each_other(world: World):
    first = await world.enter("ada", ADA)
    await world.door.gone("ada")
    roar = "\N{LION FACE}" * 1000
    for start in range(0, 200, 20):
        loud = tuple(Draft(id=f"draft-{start + n:04}", text=roar) for n in range(20))
        await world.service.send(BEN, Send(room_id=MEADOW, messages=loud))
    await world.service.settle()
    await world.open("again")
    await world.say("again", t="hello", v=1)
    await world.prove("again", ADA)
    at = {"epoch": first["epoch"], "seq": first["seq"]}
    await world.say("again", t="join", room=MEADOW, at=at)
    seqs: list[int] = []
    for frame in world.heard("again"):
        seqs += [event["seq"] for event in frame.get("events", ())]
    assert seqs == list(range(first["seq"] + 1, first["seq"] + 201))


async def test_frames_side_by_side_do_not_forget_each_other(world: World):
    await world.enter("ada", ADA)
    for _ in range(19):
        await world.say("ada", t="nonsense")
    heard = world.heard("ada")
    await world.say("ada", t="nonsense")
    assert (heard[-1]["t"], heard[-1]["code"]) == ("bye", 4400)
