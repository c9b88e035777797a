"""Members as a test meets them: a device, the rooms it sees, and its live door."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from backend.kit.ids import new_id
from tests.device import Device
from tests.socket_client import PATH, SocketClient
from tests.trust import TRUSTED

Arrive = Callable[[str], Awaitable["Member"]]


@dataclass
class Member:
    """Somebody who has just registered. `url` is the product's public origin."""

    device: Device
    url: str
    rooms: dict[str, str]
    """Room ids by name."""
    open_things: AsyncExitStack

    async def knock(self, origin: str | None = None) -> SocketClient:
        """Open the live door and say hello, no more."""
        client = await SocketClient.open(self.url, origin=origin)
        self.open_things.push_async_callback(client.close)
        await client.greet()
        return client

    async def connect(self) -> SocketClient:
        """Open the live door and authenticate."""
        client = await self.knock()
        answer = await client.authenticate(self.credentials)
        assert answer["t"] == "ready", answer
        return client

    async def credentials(self, challenge: str) -> tuple[str, str]:
        """A ticket and the proof that goes with it."""
        ticket = await self.device.ticket("messaging")
        return ticket, self.device.socket_proof("messaging", PATH, ticket, challenge)

    async def send(self, room: str, *messages: tuple[str, str]) -> dict[str, Any]:
        """Send over HTTP; messages are (id, text). Returns the reply's JSON."""
        drafts = [{"id": id_, "text": text} for id_, text in messages]
        path = f"/messaging/v1/rooms/{self.rooms[room]}/messages"
        return (await self.device.call("messaging", "POST", path, {"messages": drafts})).json

    async def texts(self, room: str) -> list[str]:
        """Everything said in a room, oldest first."""
        found: list[str] = []
        before = ""
        while True:
            page = await self._page(room, before)
            found[:0] = [message["text"] for message in page["messages"]]
            if not page["more"]:
                return found
            before = f"&before={page['messages'][0]['seq']}"

    async def _page(self, room: str, before: str) -> dict[str, list[dict[str, str]]]:
        path = f"/messaging/v1/rooms/{self.rooms[room]}/messages"
        reply = await self.device.call("messaging", "GET", path, query=f"limit=100{before}")
        return reply.response


@asynccontextmanager
async def arriving(url: str) -> AsyncGenerator[Arrive]:
    """Yields a way to register somebody whose name begins as given."""
    async with AsyncExitStack() as stack:

        async def arrive(name: str) -> Member:
            # A device keeps its own cookie, so that a test can steal it.
            jar = aiohttp.DummyCookieJar()
            http = await stack.enter_async_context(
                aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(ssl=TRUSTED))
            )
            device = Device(http, url)
            await device.register(f"{name}-{new_id()[-12:]}")
            return Member(device, url, await _rooms(device), stack)

        yield arrive


async def _rooms(device: Device) -> dict[str, str]:
    reply = await device.call("community", "GET", "/community/v1/communities")
    return {
        room["name"]: room["id"]
        for community in reply.response["communities"]
        for room in community["rooms"]
    }
