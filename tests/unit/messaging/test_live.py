"""The live door over real sockets, by a client that knows only docs/protocol.md."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.messaging import api
from backend.messaging.contract import Draft, Send
from backend.messaging.live import connection, core, gateway
from backend.messaging.live.wire import WireProtocol
from backend.messaging.service import MessagingService
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
from backend.messaging.service import build

ORIGIN = "http://sosa.test"


@dataclass
class Door:
    """A served gateway and what stands behind it."""

    url: str
    messaging: MessagingService
    peers: Neighbours
    parts: Any
    opened: list[SocketClient]

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


@pytest.fixture(params=["wire", "plain"])
async def door(
    request: pytest.FixtureRequest, database: Database, clock: ManualClock, peers: Neighbours
) -> AsyncIterator[Door]:
    """The gateway on uvicorn, with and without our writing extension."""
    parts = make_parts(database, clock, peers)
    messaging = build(parts)
    app = Starlette(routes=api.routes(messaging, parts))
    listener = free_socket()
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        ws=WireProtocol if request.param == "wire" else "websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    opened: list[SocketClient] = []
    yield Door(
        f"http://127.0.0.1:{listener.getsockname()[1]}", messaging, peers, parts, opened
    )
    for client in opened:
        await client.close()
    server.should_exit = True
    await task
    await messaging.presence.close()


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
