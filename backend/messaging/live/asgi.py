"""A socket of the gateway on ASGI."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.messaging.live.ports import Outgoing
from backend.messaging.live.turn import Joined, Turn

EXTENSION = "sosa.wire"
"""What a server offers that takes finished frames (`backend.messaging.live.wire`)."""
CLOSE_SECONDS = 1.0
"""How long a client may take to be told that we close. A reader that is stuck never hears it."""


class Wire(Protocol):
    """Writes finished frames, see `backend.messaging.live.wire`."""

    def write_wire(self, frames: bytes) -> None: ...

    def waiting_bytes(self) -> int: ...

    def abort(self) -> None: ...


class AsgiSocket:
    """Writes in order and never blocks. `run` is the life of the socket."""

    def __init__(self, websocket: WebSocket, turn: Turn) -> None:
        self._websocket = websocket
        self._wire = cast("Wire | None", websocket.scope.get("extensions", {}).get(EXTENSION))
        self._joined = Joined(turn, self._wire.write_wire) if self._wire else None
        self._waiting: deque[Outgoing] = deque()
        self._waiting_bytes = 0
        self._something = asyncio.Event()
        self._goodbye: tuple[int, str] | None = None
        self._life: asyncio.Timeout | None = None
        self._writer: asyncio.Task[None] | None = None

    def write(self, frame: Outgoing) -> int:
        if self._goodbye is not None:
            return 0
        if self._wire is not None and self._joined is not None:
            return self._joined.add(frame.wire) + self._wire.waiting_bytes()
        self._waiting.append(frame)
        self._waiting_bytes += len(frame.payload)
        self._something.set()
        return self._waiting_bytes

    def close(self, code: int, reason: str) -> None:
        if self._goodbye is not None:
            return
        if self._joined is not None:
            self._joined.flush()
        self._goodbye = (code, reason)
        self._something.set()
        self._limit_life()
        if self._writer is None:
            self._writer = asyncio.create_task(self._say_goodbye(code, reason))

    async def run(self, hear: Callable[[str | bytes], Awaitable[None]]) -> None:
        """Give the client's frames to `hear`, one at a time, until either side ends it."""
        if self._wire is None and self._writer is None:
            # One task for the life of the socket: waking it costs less than starting one for each
            # frame.
            self._writer = asyncio.create_task(self._write_all())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None) as self._life:
                    if self._goodbye is not None:
                        self._limit_life()
                    await self._listen(hear)
        finally:
            self._goodbye = self._goodbye or (1000, "")
            if self._writer is not None:
                self._writer.cancel()
                await asyncio.wait([self._writer])

    async def _listen(self, hear: Callable[[str | bytes], Awaitable[None]]) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text: str | None = message.get("text")
            await hear(message["bytes"] if text is None else text)

    async def _write_all(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while self._goodbye is None or self._waiting:
                await self._something.wait()
                self._something.clear()
                await self._drain()
        if self._goodbye is not None:
            await self._say_goodbye(*self._goodbye)

    async def _drain(self) -> None:
        while self._waiting:
            frame = self._waiting.popleft()
            await self._websocket.send_text(frame.text)
            self._waiting_bytes -= len(frame.payload)

    async def _say_goodbye(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code, reason)
        except (TimeoutError, WebSocketDisconnect):
            if self._wire is not None:
                self._wire.abort()

    def _limit_life(self) -> None:
        # The host reports the end soon after the goodbye. A reader that is stuck holds even the
        # goodbye up; then waiting ends here.
        if self._life is not None:
            self._life.reschedule(asyncio.get_running_loop().time() + 2 * CLOSE_SECONDS)
