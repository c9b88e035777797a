"""Receivers that cost next to nothing: a benchmark should measure the server, not its client."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any, cast

OnFrame = Callable[[bytes, float], None]
TEXT, PING, PONG = 0x1, 0x9, 0xA
SHORT = 126
"""Payloads below have their length in the second byte (RFC 6455 5.2)."""
MASK = bytes(4)
"""A client must mask (RFC 6455 5.3). Nothing says with what, and zeros leave the payload alone."""


class Receiver(asyncio.Protocol):
    """A WebSocket client that splits the stream into frames and hands each payload on."""

    def __init__(self, request: bytes) -> None:
        self.on_frame: OnFrame = _ignore
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        if not self.opened.done():
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.decode("latin-1")))
                return
            self._buffer = rest
            self.opened.set_result(None)
        while (frame := self._next()) is not None:
            opcode, payload = frame
            if opcode == TEXT:
                self.on_frame(payload, now)
            elif opcode == PING:
                self._write(PONG, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed in the handshake"))

    def say(self, frame: dict[str, Any] | str) -> None:
        """Send a text frame."""
        self._write(TEXT, (json.dumps(frame) if isinstance(frame, dict) else frame).encode())

    async def ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a frame of sosa.v1 and return its answer."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        before = self.on_frame

        def wait(payload: bytes, _now: float) -> None:
            got = json.loads(payload)
            if got.get("re") == "bench" and not answer.done():
                answer.set_result(got)

        self.on_frame = wait
        try:
            self.say({**frame, "re": "bench"})
            return await asyncio.wait_for(answer, 30)
        finally:
            self.on_frame = before

    def close(self) -> None:
        """Go away without a word."""
        self._open_transport().close()

    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise ConnectionError("not connected")
        return self._transport

    def _write(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes((0x80 | size,)) if size < SHORT else b"\xfe" + size.to_bytes(2, "big")
        self._open_transport().write(bytes((0x80 | opcode,)) + length + MASK + payload)

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:  # noqa: PLR2004 - the shortest frame
            return None
        size, start = buffer[1], 2
        if size >= SHORT:
            start = 4 if size == SHORT else 10
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 0x0F, buffer[start : start + size]


async def connect(port: int, path: str, headers: dict[str, str]) -> Receiver:
    """Open a connection to 127.0.0.1 and finish the handshake."""
    request = "".join(
        [
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n",
            *(f"{name}: {value}\r\n" for name, value in headers.items()),
            "\r\n",
        ]
    ).encode()
    loop = asyncio.get_running_loop()
    _, receiver = await loop.create_connection(lambda: Receiver(request), "127.0.0.1", port)
    await asyncio.wait_for(receiver.opened, 30)
    return receiver


def _ignore(_payload: bytes, _now: float) -> None:
    """Nobody waits for this frame."""
