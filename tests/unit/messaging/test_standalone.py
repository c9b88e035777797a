"""What only the host on `websockets` does; what it shares is in test_live.py."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.messaging import api
from backend.messaging.live import core, gateway, standalone
from backend.messaging.live.standalone import gateway_server
from backend.messaging.service import MessagingService
from tests.serving import free_socket, serving
from tests.socket_client import PATH, SocketClient
from tests.unit.messaging.neighbours import ADA, MEADOW, Neighbours, make_parts, saying

ORIGIN = "http://sosa.test"
STUCK_BYTES = 300_000


@dataclass
class Host:
    """A gateway of its own, and the clients who are there."""

    url: str
    messaging: MessagingService
    peers: Neighbours
    clients: list[SocketClient] = field(default_factory=list[SocketClient])

    async def open(self, **headers: str) -> SocketClient:
        client = await SocketClient.open(self.url, origin=ORIGIN, headers=headers)
        self.clients.append(client)
        return client

    async def enter(self) -> SocketClient:
        client = await self.open()
        await client.greet()
        await client.authenticate(self.ticket)
        await client.join(MEADOW)
        return client

    async def ticket(self, challenge: str) -> tuple[str, str]:
        self.peers.auth.people["ticket"] = ADA
        return "ticket", f"proof:{challenge}"


@dataclass
class Server:
    """A host that a test starts and stops itself."""

    parts: Any
    messaging: MessagingService
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, listener: socket.socket) -> None:
        async with gateway_server(self.messaging, self.parts, listener):
            await self.stopping.wait()
        self.ended.set()

    async def stop(self) -> None:
        self.stopping.set()
        await self.ended.wait()


@pytest.fixture
def parts(database: Database, clock: ManualClock, peers: Neighbours) -> Any:
    return make_parts(database, clock, peers)


@pytest.fixture
async def running(
    parts: Any, messaging: MessagingService
) -> AsyncIterator[Callable[..., Awaitable[tuple[Server, Host]]]]:
    """Starts a host with changed settings."""
    async with asyncio.TaskGroup() as tasks:
        started: list[tuple[Server, Host]] = []

        async def start(**settings: Any) -> tuple[Server, Host]:
            changed = replace(parts, settings=replace(parts.settings, **settings))
            server = Server(changed, messaging)
            listener = free_socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
            listener.listen()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            tasks.create_task(server.run(listener))
            started.append((server, Host(url, messaging, parts.peers)))
            return started[-1]

        yield start
        for server, host in started:
            for client in host.clients:
                await client.close()
            await server.stop()


@pytest.fixture
async def host(running: Callable[..., Awaitable[tuple[Server, Host]]]) -> Host:
    return (await running())[1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/healthz?deep=1", 200),
        ("/", 404),
        ("/messaging/v1/live/", 404),
        ("/messaging/v1/rooms", 404),
        ("/internal/anything", 404),
        (PATH, 403),
    ],
)
async def test_there_is_one_door_and_a_sign_of_life(host: Host, path: str, status: int) -> None:
    headers = {"Sec-Fetch-Site": "none"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(host.url + path, headers=headers) as response,
    ):
        assert response.status == status
        assert response.headers["Cache-Control"] == "no-store"
        assert "Server" not in response.headers
        assert (await response.json())["status"] == ("ok" if status == 200 else "failure")


async def test_a_request_that_is_no_handshake_is_told_so(host: Host) -> None:
    headers = {"Sec-WebSocket-Protocol": "sosa.v1"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(host.url + PATH, headers=headers) as response,
    ):
        assert response.status == 426


async def test_nothing_is_compressed_though_a_client_offers_it(host: Host) -> None:
    async with connect(
        host.url.replace("http", "ws") + PATH,
        origin=Origin(ORIGIN),
        subprotocols=[Subprotocol("sosa.v1")],
        compression="deflate",
        proxy=None,
    ) as client:
        assert client.subprotocol == "sosa.v1"
        assert client.protocol.extensions == []


async def test_a_second_origin_does_not_hide_the_first(host: Host) -> None:
    evil = [("Origin", "http://evil.test"), ("Origin", ORIGIN)]
    for lines in (evil, evil[::-1]):
        assert await _status(host, lines) == "403"
    assert await _status(host, [("Origin", ORIGIN)]) == "101"


async def _status(host: Host, lines: list[tuple[str, str]]) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rpartition(":")[2]))
    shaking = [
        ("Host", "sosa.test"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("Sec-WebSocket-Protocol", "sosa.v1"),
        *lines,
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in shaking)
    writer.write(f"GET {PATH} HTTP/1.1\r\n{head}\r\n".encode())
    status = (await reader.readline()).split()[1].decode()
    writer.close()
    return status


async def test_who_never_finishes_the_handshake_is_let_go(
    running: Callable[..., Awaitable[tuple[Server, Host]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "OPEN_SECONDS", 0.05)
    _, host = await running()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(2):
        assert await reader.read() == b""
    writer.close()


async def test_a_stop_tells_everyone_to_come_again(
    running: Callable[..., Awaitable[tuple[Server, Host]]],
) -> None:
    server, host = await running()
    ada, stranger = await host.enter(), await host.open()
    server.stopping.set()
    assert await ada.expect_close() == 1001
    assert await stranger.expect_close() == 1001
    await server.ended.wait()
    assert await host.messaging.presence.list_online(MEADOW) == ()


async def test_a_stop_waits_for_no_stuck_reader(
    running: Callable[..., Awaitable[tuple[Server, Host]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standalone, "CLOSE_SECONDS", 0.1)
    server, host = await running()
    stuck = await host.enter()
    stuck.connection.transport.pause_reading()
    for _ in range(5):
        await host.messaging.fanout.publish(MEADOW, b"x" * STUCK_BYTES)
    async with asyncio.timeout(2):
        await server.stop()
    assert await host.messaging.presence.list_online(MEADOW) == ()
    stuck.connection.transport.resume_reading()


async def test_who_has_lost_the_network_is_not_online_for_long(
    running: Callable[..., Awaitable[tuple[Server, Host]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PING_SECONDS", "PONG_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(standalone, name, 0.1)
    _, host = await running()
    lost = await host.enter()
    await asyncio.sleep(0.3)
    assert await host.messaging.presence.list_online(MEADOW) == ("ada",)
    lost.connection.transport.pause_reading()
    async with asyncio.timeout(3):
        while await host.messaging.presence.list_online(MEADOW):  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)
    lost.connection.transport.resume_reading()


async def test_a_unix_socket_serves_as_well(
    parts: Any, messaging: MessagingService, tmp_path: Path
) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "live"))
    async with gateway_server(messaging, parts, listener):
        client = await _unix(tmp_path / "live")
        await client.send('{"t":"hello","v":1}')
        assert '"cn"' in await client.recv(decode=True)
    with pytest.raises(ConnectionClosed):
        await client.recv()


async def _unix(path: Path) -> ClientConnection:
    return await unix_connect(
        str(path),
        f"ws://localhost{PATH}",
        origin=Origin(ORIGIN),
        subprotocols=[Subprotocol("sosa.v1")],
        compression=None,
    )


@pytest.mark.parametrize("kind", ["standalone", "starlette"])
@pytest.mark.parametrize(("proxies", "code"), [(0, 4429), (1, None)])
async def test_a_made_up_address_gets_round_no_limit(
    kind: str,
    proxies: int,
    code: int | None,
    parts: Any,
    messaging: MessagingService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway, "MAX_STRANGERS", 1)
    changed = replace(parts, settings=replace(parts.settings, trusted_proxies=proxies))
    listener = free_socket()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serve = {
        "standalone": lambda: gateway_server(messaging, changed, listener),
        "starlette": lambda: serving(Starlette(routes=api.routes(messaging, changed)), listener),
    }[kind]
    async with serve():
        host = Host(url, messaging, parts.peers)
        first = await host.open(**{"X-Forwarded-For": "203.0.113.1"})
        second = await host.open(**{"X-Forwarded-For": "203.0.113.2"})
        await first.greet()
        if code is None:
            await second.greet()
        else:
            assert await second.expect_close() == code
        third = await host.open(**{"X-Forwarded-For": "203.0.113.9, 203.0.113.1"})
        assert await third.expect_close() == 4429
        for client in host.clients:
            await client.close()


async def test_what_is_said_at_once_is_one_frame_for_each(host: Host) -> None:
    clients = [await host.enter() for _ in range(3)]
    await host.messaging.send(ADA, saying(MEADOW, "x" * 900, "y" * 900))
    heard = [await client.expect("events") for client in clients]
    assert heard[0] == heard[1] == heard[2]
    assert [event["seq"] for event in heard[0]["events"]] == [1, 2]
