"""The live door over real sockets, by a client that knows only docs/protocol.md."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.messaging import api
from backend.messaging.contract import Draft, Send
from backend.messaging.live import bucket, connection, core, gateway
from backend.messaging.live.ports import own_channel
from backend.messaging.live.standalone import gateway_server
from backend.messaging.live.wire import WireProtocol
from backend.messaging.service import MessagingService, build
from tests.serving import free_socket
from tests.socket_client import PATH, ClosedError, SocketClient
from tests.unit.messaging.neighbours import (
    ADA,
    BEN,
    CAVE,
    MEADOW,
    POND,
    Neighbours,
    make_parts,
    member,
    saying,
)

ORIGIN = "http://sosa.test"


@dataclass
class Door:
    """A served gateway and what stands behind it."""

    url: str
    messaging: MessagingService
    peers: Neighbours
    parts: Any
    opened: list[SocketClient]

    async def stored(self) -> int:
        async with self.parts.database.reading() as session:
            return (
                await session.execute(sa.text("SELECT count(*) FROM messaging_message"))
            ).scalar_one()

    async def open(self) -> SocketClient:
        client = await SocketClient.open(self.url, origin=ORIGIN)
        self.opened.append(client)
        return client

    async def enter(self, who: Member) -> SocketClient:
        client = await self.open()
        await client.greet()
        assert (await client.authenticate(self.credentials(who)))["t"] == "ready"
        return client

    def credentials(self, who: Member) -> Callable[[str], Awaitable[tuple[str, str]]]:
        async def make(challenge: str) -> tuple[str, str]:
            self.peers.auth.people["ticket"] = who
            return "ticket", f"proof:{challenge}"

        return make


@pytest.fixture(params=["wire", "plain", "standalone"])
async def door(
    request: pytest.FixtureRequest, database: Database, clock: ManualClock, peers: Neighbours
) -> AsyncIterator[Door]:
    """The gateway on uvicorn, with and without our writing extension, and on `websockets`."""
    parts = make_parts(database, clock, peers)
    messaging = build(parts)
    listener = free_socket()
    # Small buffers, inherited by every connection, so that a slow reader is soon a problem.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    opened: list[SocketClient] = []
    async with HOSTS[request.param](messaging, parts, listener):
        yield Door(url, messaging, peers, parts, opened)
        for client in opened:
            await client.close()
    await messaging.presence.close()


@asynccontextmanager
async def _on_uvicorn(
    protocol: Any, messaging: MessagingService, parts: Any, listener: socket.socket
) -> AsyncGenerator[None]:
    config = uvicorn.Config(
        Starlette(routes=api.routes(messaging, parts)),
        log_config=None,
        lifespan="off",
        ws=protocol,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    yield
    server.should_exit = True
    await task


HOSTS: dict[str, Any] = {
    "wire": partial(_on_uvicorn, WireProtocol),
    "plain": partial(_on_uvicorn, "websockets-sansio"),
    "standalone": gateway_server,
}


async def test_what_is_for_a_member_alone_reaches_all_their_connections(door: Door) -> None:
    ada, elsewhere, ben = await door.enter(ADA), await door.enter(ADA), await door.enter(BEN)
    for who in (ADA, BEN):
        frame = json.dumps({"t": "whisper", "to": who.user_id}).encode()
        await door.messaging.fanout.publish(own_channel(who.user_id), frame)
    heard = [(await client.expect("whisper"))["to"] for client in (ada, elsewhere, ben)]
    assert heard == ["ada", "ada", "ben"]


async def test_nobody_joins_what_is_for_a_member_alone(door: Door) -> None:
    ben = await door.enter(BEN)
    assert (await ben.join(own_channel(ADA.user_id)))["status"] == 404


async def test_what_one_says_all_in_the_room_hear(door: Door) -> None:
    ada, ben = await door.enter(ADA), await door.enter(BEN)
    await ada.join(MEADOW)
    await ben.join(MEADOW)
    sent = await ada.send(MEADOW, ("first-one", "Anyone at the fire?"))
    heard = await ben.expect_message(MEADOW)
    assert sent["receipts"][0]["message_id"] == heard["id"]
    assert heard == {
        "id": heard["id"],
        "client_id": "first-one",
        "author_id": "ada",
        "text": "Anyone at the fire?",
        "sent_at": "2027-01-15T08:00:00Z",
        "seq": 1,
    }
    assert await ada.expect_message(MEADOW) == heard


async def test_joining_tells_the_room_who_is_there_and_what_was_said(door: Door) -> None:
    await door.messaging.send(BEN, saying(MEADOW, "earlier"))
    ada = await door.enter(ADA)
    joined = await ada.join(MEADOW)
    assert (joined["room"], joined["seq"], joined["reset"], joined["more"]) == (
        MEADOW, 1, True, False,
    )  # fmt: skip
    assert [message["text"] for message in joined["messages"]] == ["earlier"]
    assert joined["online"] == ["ada"]
    assert "events" not in joined


async def test_a_client_that_comes_back_gets_what_it_missed(door: Door) -> None:
    ada = await door.enter(ADA)
    joined = await ada.join(MEADOW)
    await ada.close()
    await door.messaging.send(BEN, saying(MEADOW, "one", "two"))
    again = await door.enter(ADA)
    at = {"epoch": joined["epoch"], "seq": joined["seq"]}
    resumed = await again.join(MEADOW, at)
    assert (resumed["reset"], resumed["seq"]) == (False, 2)
    assert [event["message"]["text"] for event in resumed["events"]] == ["one", "two"]
    assert [event["kind"] for event in resumed["events"]] == ["posted", "posted"]
    assert "messages" not in resumed


@pytest.mark.parametrize("at", [{"epoch": "another", "seq": 0}, {"seq": 5}])
async def test_a_position_that_makes_no_sense_starts_again(door: Door, at: dict[str, Any]) -> None:
    ada = await door.enter(ADA)
    epoch = (await ada.join(MEADOW))["epoch"]
    assert (await ada.join(MEADOW, {"epoch": epoch, **at}))["reset"] is True


async def test_comings_and_goings_are_told_in_batches(door: Door) -> None:
    ada = await door.enter(ADA)
    await ada.join(MEADOW)
    assert (await ada.expect("online"))["came"] == ["ada"]
    ben, phone = await door.enter(BEN), await door.enter(member("ben", "phone"))
    await ben.join(MEADOW)
    await phone.join(MEADOW)
    assert await ada.expect("online") == {
        "t": "online", "room": MEADOW, "came": ["ben"], "went": [],
    }  # fmt: skip
    await ben.close()
    await phone.close()
    assert await ada.expect("online") == {
        "t": "online", "room": MEADOW, "came": [], "went": ["ben"],
    }  # fmt: skip


async def test_a_member_is_online_while_one_of_their_connections_is(door: Door) -> None:
    laptop, phone = await door.enter(BEN), await door.enter(member("ben", "phone"))
    await laptop.join(MEADOW)
    await phone.join(MEADOW)
    await phone.ask({"t": "leave", "room": MEADOW})
    ada = await door.enter(ADA)
    assert set((await ada.join(MEADOW))["online"]) == {"ada", "ben"}


async def test_who_left_a_room_hears_it_no_more(door: Door) -> None:
    ada, ben = await door.enter(ADA), await door.enter(BEN)
    await ada.join(MEADOW)
    await ben.join(MEADOW)
    await ben.join(POND)
    await ada.send(MEADOW, ("message-1", "heard"))
    assert (await ben.expect_message(MEADOW))["text"] == "heard"
    assert (await ben.ask({"t": "leave", "room": MEADOW}))["t"] == "left"
    await ada.send(MEADOW, ("message-2", "not heard"))
    await ada.send(POND, ("message-3", "heard again"))
    heard = await ben.expect("events")
    assert heard["room"] == POND


async def test_leaving_a_room_one_is_not_in_is_no_mistake(door: Door) -> None:
    ada = await door.enter(ADA)
    assert (await ada.ask({"t": "leave", "room": MEADOW}))["t"] == "left"


async def test_history_is_paged_over_the_socket(door: Door) -> None:
    await door.messaging.send(BEN, saying(MEADOW, "one", "two", "three"))
    ada = await door.enter(ADA)
    page = await ada.ask({"t": "history", "room": MEADOW, "before": 3, "limit": 1})
    assert [message["text"] for message in page["messages"]] == ["two"]
    assert (page["t"], page["room"], page["more"]) == ("history", MEADOW, True)
    assert page["epoch"]


async def test_an_outsider_gets_the_answer_of_a_room_that_is_not_there(door: Door) -> None:
    door.peers.community.admit(ADA, CAVE)
    ada, ben = await door.enter(ADA), await door.enter(BEN)
    assert (await ada.join(CAVE))["t"] == "joined"
    refused = [await ben.ask({"t": "join", "room": room}) for room in (CAVE, "no-such-room")] + [
        await ben.send(CAVE, ("message-1", "hi")),
        await ben.ask({"t": "history", "room": CAVE}),
    ]
    assert {(item["t"], item["status"], item["errors"][0]["code"]) for item in refused} == {
        ("error", 404, "not_found")
    }
    await ada.send(CAVE, ("message-1", "secret"))
    await ada.expect_message(CAVE)
    assert (await ben.ask({"t": "ping"}))["t"] == "pong"
    assert not any(frame["t"] == "events" for frame in ben._kept)


async def test_who_loses_a_room_stops_hearing_it_at_the_next_proof(door: Door) -> None:
    ada, ben = await door.enter(ADA), await door.enter(BEN)
    await ben.join(MEADOW)
    await ben.join(POND)
    door.peers.community.expel(BEN, MEADOW)
    assert (await ben.authenticate(door.credentials(BEN)))["t"] == "ready"
    assert await ben.expect("left") == {"t": "left", "room": MEADOW}
    await ada.send(MEADOW, ("message-1", "not for ben"))
    await ada.send(POND, ("message-2", "for all"))
    assert (await ben.expect("events"))["room"] == POND


async def test_a_second_send_before_the_first_answer_keeps_the_order(door: Door) -> None:
    ada = await door.enter(ADA)
    for number in range(10):
        draft = {"id": f"message-{number}", "text": f"{number}"}
        await ada.say({"t": "send", "room": MEADOW, "messages": [draft], "re": f"s{number}"})
    answers = [await ada.expect("sent") for _ in range(10)]
    assert [answer["re"] for answer in answers] == [f"s{number}" for number in range(10)]
    assert [answer["receipts"][0]["seq"] for answer in answers] == list(range(1, 11))


async def test_a_retry_over_http_and_socket_is_one_message(door: Door) -> None:
    ada = await door.enter(ADA)
    first = await ada.send(MEADOW, ("message-1", "hello"))
    draft = Draft(id="message-1", text="hello")
    again = await door.messaging.send(ADA, Send(room_id=MEADOW, messages=(draft,)))
    assert again.receipts[0].message_id == first["receipts"][0]["message_id"]
    assert await door.stored() == 1


async def test_refused_drafts_have_errors_and_the_others_are_sent(door: Door) -> None:
    ada = await door.enter(ADA)
    answer = await ada.send(
        MEADOW, ("message-1", "  "), ("message-2", "good"), ("message-3", "x" * 1_001)
    )
    codes = [item.get("error", {}).get("code") for item in answer["receipts"]]
    assert codes == ["empty_message", None, "message_too_long"]
    assert answer["receipts"][0].keys() == {"id", "error"}
    assert answer["receipts"][1].keys() == {"id", "message_id", "seq", "sent_at"}
    assert await door.stored() == 1


async def test_nothing_is_stored_of_bad_frames_and_the_socket_stays(door: Door) -> None:
    ada = await door.enter(ADA)
    many = [{"id": f"draft-{number:03}", "text": "hi"} for number in range(21)]
    bad: list[Any] = [
        "not json",
        b'{"t":"ping"}',
        {"t": "shout"},
        {"t": "send", "room": MEADOW, "messages": many},
        {"t": "send", "room": MEADOW, "messages": many[:1], "loud": True},
        {"t": "send", "room": MEADOW, "messages": [{"id": "draft-000", "text": 7}]},
        {"t": "send", "room": "nowhere", "messages": many[:1]},
    ]
    for frame in bad:
        await ada.say(frame)
        error = await ada.expect("error")
        assert error["status"] in {400, 404, 422}
        assert error["errors"][0].keys() >= {"code", "message"}
    assert (await ada.ask({"t": "ping"}))["t"] == "pong"
    assert await door.stored() == 0


async def test_a_frame_above_the_limit_closes(door: Door) -> None:
    ada = await door.enter(ADA)
    await ada.say("x" * 32_769)
    assert await ada.expect_close() == 1009


async def test_what_is_no_utf8_closes_by_rfc_6455(door: Door) -> None:
    ada = await door.enter(ADA)
    await ada.connection.send(b"\xff\xfe", text=True)
    assert await ada.expect_close() == 1007


async def test_a_ticket_works_once_and_its_proof_names_the_challenge(door: Door) -> None:
    ada = await door.enter(ADA)

    async def spent(challenge: str) -> tuple[str, str]:
        return "ticket", f"proof:{challenge}"

    thief = await door.open()
    await thief.greet()
    with capture_logs() as lines:
        assert (await thief.authenticate(spent))["status"] == 401
        assert await thief.expect_close() == 4401
    assert [(line["operation"], line["code"]) for line in lines] == [
        ("live_authenticate", "unauthenticated")
    ]

    async def overheard(_challenge: str) -> tuple[str, str]:
        door.peers.auth.people["ticket"] = ADA
        return "ticket", f"proof:{ada.challenge}"

    other = await door.open()
    await other.greet()
    assert other.challenge != ada.challenge
    assert (await other.authenticate(overheard))["errors"][0]["code"] == "unauthenticated"
    assert await other.expect_close() == 4401


async def test_auth_is_told_what_the_socket_knows(door: Door) -> None:
    ada = await door.enter(ADA)
    (asked,) = door.peers.auth.asked
    assert (asked.aud, asked.origin, asked.htu, asked.cn, asked.bind) == (
        "messaging", ORIGIN, ORIGIN + PATH, ada.challenge, None,
    )  # fmt: skip


async def test_a_proof_of_somebody_else_changes_nothing(door: Door) -> None:
    ada = await door.enter(ADA)
    await ada.join(MEADOW)
    assert (await ada.authenticate(door.credentials(BEN)))["status"] == 401
    await ada.send(MEADOW, ("message-1", "still me"))
    assert (await ada.expect_message(MEADOW))["author_id"] == "ada"


async def test_a_revoked_session_is_out_within_a_second(door: Door) -> None:
    ada, phone = await door.enter(ADA), await door.enter(member("ada", "phone"))
    await ada.join(MEADOW)
    async with asyncio.timeout(1):
        door.parts.revocations.revoke_session(ADA.session_id)
        assert await ada.expect_close() == 4401
    assert (await phone.ask({"t": "ping"}))["t"] == "pong"
    late = await door.open()
    await late.greet()
    with pytest.raises(ClosedError):
        await late.authenticate(door.credentials(ADA))


async def test_an_authentication_that_ends_closes_and_a_new_one_prolongs(
    door: Door, clock: ManualClock
) -> None:
    door.peers.auth.life_seconds = 1
    short, renewed = await door.enter(ADA), await door.enter(member("ada", "phone"))
    door.peers.auth.life_seconds = 900
    await renewed.authenticate(door.credentials(member("ada", "phone")))
    clock.advance(1)
    assert await short.expect_close() == 4401
    assert (await renewed.ask({"t": "ping"}))["t"] == "pong"


async def test_a_stranger_has_five_seconds(
    door: Door, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "OPEN_SECONDS", 0.05)
    silent = await door.open()
    clock.advance(5)
    assert await silent.expect_close() == 4401


async def test_a_network_has_so_many_strangers(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MAX_STRANGERS", 2)
    first = await door.open()
    await door.open()
    third = await door.open()
    assert await third.expect_close() == 4429
    await first.greet()
    await first.authenticate(door.credentials(ADA))
    assert (await door.enter(BEN)).user == "ben"


async def test_a_member_has_so_many_connections(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MAX_CONNECTIONS", 1)
    first = await door.enter(ADA)
    second = await door.open()
    await second.greet()
    with pytest.raises(ClosedError) as closed:
        await second.authenticate(door.credentials(ADA))
    assert closed.value.code == 4429
    await first.close()
    assert (await door.enter(BEN)).user == "ben"


async def test_who_reads_too_slowly_is_told_to_resume_and_holds_up_nobody(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_WAITING_BYTES", 50_000)
    monkeypatch.setattr(bucket, "BURST_FRAMES", 10_000)
    slow, ben = await door.enter(ADA), await door.enter(BEN)
    slow.connection.transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192
    )
    await slow.join(MEADOW)
    await ben.join(MEADOW)
    slow.connection.transport.pause_reading()
    for number in range(200):
        drafts = [(f"message-{number}-{part:02}", "x" * 1_000) for part in range(20)]
        await ben.send(MEADOW, *drafts)
        ben._kept.clear()
        if await door.messaging.presence.list_online(MEADOW) == ("ben",):
            break
    # The last word to a reader who hears nothing takes a second of its own.
    async with asyncio.timeout(5):
        while await door.messaging.presence.list_online(MEADOW) != ("ben",):  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)
    slow.connection.transport.resume_reading()
    assert await slow.expect_close() in {4408, None}


async def _shake(url: str, **given: Any) -> int:
    try:
        async with connect(url.replace("http", "ws") + PATH, compression=None, proxy=None, **given):
            return 101
    except InvalidStatus as error:
        body = error.response.body
        assert body is not None
        assert b'"status":"failure"' in body
        return error.response.status_code


SOSA = [Subprotocol("sosa.v1")]


@pytest.mark.parametrize(
    ("origin", "headers", "status"),
    [
        (ORIGIN, {}, 101),
        (None, {}, 101),
        ("http://evil.test", {}, 403),
        (ORIGIN + ".evil.test", {}, 403),
        ("null", {}, 403),
        (None, {"Cookie": "a=b"}, 403),
        (None, {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_pages_of_other_sites_do_not_get_in(
    door: Door, origin: str | None, headers: dict[str, str], status: int
) -> None:
    sent = None if origin is None else Origin(origin)
    got = await _shake(door.url, origin=sent, additional_headers=headers, subprotocols=SOSA)
    assert got == status


@pytest.mark.parametrize("subprotocols", [None, [Subprotocol("sosa.v2")]])
async def test_without_the_subprotocol_nobody_gets_in(
    door: Door, subprotocols: list[Subprotocol] | None
) -> None:
    assert await _shake(door.url, origin=Origin(ORIGIN), subprotocols=subprotocols) == 400


async def test_a_bug_behind_the_door_is_told_as_one_and_the_socket_lives(door: Door) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    ada = await door.enter(ADA)
    door.peers.community.get_access = broken
    (error,) = (await ada.join(MEADOW))["errors"]
    assert error["code"] == "internal"
    assert "Zero" not in error["message"]
    assert (await ada.ask({"t": "ping"}))["t"] == "pong"
