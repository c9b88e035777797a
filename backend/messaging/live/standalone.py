"""The live door as a server of its own, on the `websockets` library.

It runs inside a process that serves messaging and shares its service, beside the one in Starlette
(`backend.messaging.api`) or instead of it. A connection costs less here: there is no ASGI between.
"""

import asyncio
import contextlib
import http
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable

from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from backend.kit.errors import NotFoundError, SosaError
from backend.kit.http import envelope
from backend.kit.http.network import network_of
from backend.kit.parts import Parts
from backend.messaging.live import core
from backend.messaging.live.connection import Connection
from backend.messaging.live.frames import MAX_FRAME_BYTES
from backend.messaging.live.gateway import PATH, SUBPROTOCOL, Gateway, Peers, open_gateway
from backend.messaging.live.handshake import check_handshake
from backend.messaging.live.ports import LiveMessaging, Outgoing
from backend.messaging.live.turn import Joined, Turn

HEALTH_PATH = "/healthz"
CLOSE_SECONDS = 1.0
"""How long a client may take to be told that we close. A reader that is stuck never hears it."""
PING_SECONDS = 30.0
"""Time between pings of ours. The core lets silent clients go after ten minutes; whoever has no
network any more should not look online for so long. Costs 1.7 KiB for each connection."""
PONG_SECONDS = 30.0
"""How long a client may take to answer one."""
WAITING_FRAMES = 4
"""Frames of a client that may wait while one is dealt with; then we stop reading from it."""

Handler = Callable[[ServerConnection], Awaitable[None]]
Refusal = Callable[[ServerConnection, Request], Response | None]


class DirectSocket:
    """Writes finished frames straight to the transport, and never blocks.

    The library's own `broadcast` frames a message for each connection anew. A server's frames are
    the same bytes for everybody, so here they are made once, for all. Everything else that the
    library writes is written whole as well, so ours never lands inside another frame.
    """

    __slots__ = ("_giving_up", "_joined", "_protocol", "_wire")

    def __init__(self, wire: ServerConnection, turn: Turn) -> None:
        self._wire = wire
        self._protocol = wire.protocol
        self._joined = Joined(turn, self._write_now)
        self._giving_up: asyncio.TimerHandle | None = None

    def write(self, frame: Outgoing) -> int:
        if self._protocol.state is not State.OPEN:
            return 0
        return self._joined.add(frame.wire) + self._wire.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        if self._giving_up is not None:
            return
        self._joined.flush()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._wire.send_data()
        # The library's own `close` would wait until a stuck reader has read everything.
        loop = asyncio.get_running_loop()
        self._giving_up = loop.call_later(CLOSE_SECONDS, self._wire.transport.abort)

    def gone(self) -> None:
        """The connection is over: there is nothing to give up any more."""
        if self._giving_up is not None:
            self._giving_up.cancel()

    def _write_now(self, frames: bytes) -> None:
        if self._protocol.state is State.OPEN:
            self._wire.transport.write(frames)


@contextlib.asynccontextmanager
async def gateway_server(
    service: LiveMessaging, parts: Parts[Peers], listener: socket.socket
) -> AsyncGenerator[None]:
    """Serve the live door on a bound socket, TCP or Unix, until the context is left.

    Then every client is told that we are going away (1001), and resumes elsewhere.
    """
    gateway = open_gateway(service, parts)
    sockets: set[DirectSocket] = set()
    handler = _conversation(gateway, sockets, parts.settings.trusted_proxies)
    server = await _listen(handler, _refusal(gateway.origin), listener)
    try:
        yield
    finally:
        server.close(close_connections=False)
        for open_socket in tuple(sockets):
            open_socket.close(core.GOING_AWAY, "going away")
        await server.wait_closed()


async def _listen(handler: Handler, refusal: Refusal, listener: socket.socket) -> Server:
    listening = unix_serve if listener.family == socket.AF_UNIX else serve
    return await listening(
        handler,
        sock=listener,
        process_request=refusal,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        # Chat frames are short: compressing each costs more than it saves, in memory above all.
        compression=None,
        max_size=MAX_FRAME_BYTES,
        max_queue=WAITING_FRAMES,
        open_timeout=core.OPEN_SECONDS,
        close_timeout=CLOSE_SECONDS,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        server_header=None,
    )


def _conversation(gateway: Gateway, sockets: set[DirectSocket], trusted_proxies: int) -> Handler:
    async def converse(wire: ServerConnection) -> None:
        network = _network(wire, trusted_proxies)
        direct = DirectSocket(wire, gateway.turn)
        # The handshake has told all that we want to know.
        _forget_handshake(wire)
        connection = Connection(gateway, direct, gateway.origin, network)
        sockets.add(direct)
        connection.opened()
        try:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await connection.heard(await wire.recv())
        finally:
            sockets.discard(direct)
            direct.gone()
            await connection.gone()

    return converse


def _refusal(origin: str) -> Refusal:
    def refuse_or_not(_wire: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == HEALTH_PATH:
            return _response(200, b'{"status":"ok"}', {})
        try:
            if path != PATH:
                raise NotFoundError("There is nothing here.")
            check_handshake(request.headers.raw_items(), origin)
        except SosaError as error:
            return _response(error.status, envelope.failure(error), error.headers())
        return None

    return refuse_or_not


def _response(status: int, body: bytes, headers: dict[str, str]) -> Response:
    lines = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        **headers,
    }
    return Response(status, http.HTTPStatus(status).phrase, Headers(lines), body)


def _network(wire: ServerConnection, trusted_proxies: int) -> str:
    # The other end of a Unix socket has an empty string for an address.
    address: tuple[str, int] | str | None = wire.remote_address
    peer = address[0] if isinstance(address, tuple) else None
    forwarded = wire.request.headers.get_all("X-Forwarded-For") if wire.request else []
    return network_of(peer, forwarded, trusted_proxies)


def _forget_handshake(wire: ServerConnection) -> None:
    # Kept by the library for the life of the connection: some kilobytes of a browser's headers,
    # cookies among them. It only looks whether there was a request.
    wire.response = None
    if wire.request is not None:
        wire.request.headers.clear()
