"""One socket: opened, authenticated, kept alive, until it is lost (docs/protocol.md)."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from sosa_client.errors import OfflineError, ProtocolError
from sosa_client.session import Session

PATH = "/messaging/v1/live"
PING_SECONDS = 30
ANSWER_SECONDS = 20
REAUTH_SECONDS = 120
"""How long before its end an authentication is prolonged."""
MAX_FRAME = 1 << 20
_WRONG = {1007, 1009, 4400}
_NOT_OURS = {400, 403}

Frame = dict[str, Any]


class LostError(Exception):
    """The connection is gone; `code` says why, where it is known."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the connection was closed with {code}")
        self.code = code


class Connection:
    """One authenticated connection. What it receives goes to `handle`, in order."""

    def __init__(self, socket: ClientConnection, session: Session) -> None:
        self._socket = socket
        self._session = session
        self._outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        self._challenge = ""
        self._lives_until = 0.0
        self._bye: int | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, session: Session) -> "AsyncGenerator[Connection]":
        """A connection that says who we are. Raises OfflineError, ProtocolError, LostError."""
        url = session.wire.url.replace("http", "ws", 1) + PATH
        try:
            async with connect(
                url, subprotocols=[Subprotocol("sosa.v1")], compression=None, max_size=MAX_FRAME,
                close_timeout=2,
                proxy=None, ssl=session.wire.trust,
            ) as socket:  # fmt: skip
                connection = cls(socket, session)
                await connection._greet()
                yield connection
        except InvalidStatus as error:
            status = error.response.status_code
            if status in _NOT_OURS:
                raise ProtocolError(f"The live door refused us with {status}.") from error
            raise OfflineError(f"The live door answered {status}.") from error
        except (InvalidHandshake, TimeoutError, OSError) as error:
            raise OfflineError("The live door does not answer.") from error

    def say(self, frame: Frame) -> None:
        """Send a frame, after those before it."""
        self._outgoing.put_nowait(frame)

    async def run(
        self, handle: Callable[[Frame], None], ping_seconds: float = PING_SECONDS
    ) -> None:
        """Receive, send and stay alive until it is lost. Raises LostError."""
        works = [
            asyncio.create_task(work)
            for work in (self._read(handle), self._write(), self._stay(ping_seconds))
        ]
        try:
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            for work in done:
                work.result()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _greet(self) -> None:
        await self._send({"t": "hello", "v": 1})
        self._challenge = (await self._expect("hello"))["cn"]
        await self._send(await self._credentials())
        self._prolonged(await self._expect("ready"))

    async def _credentials(self) -> Frame:
        answer = await self._session.call("auth", "POST", "/auth/v1/tickets", {"aud": "messaging"})
        ticket: str = answer["ticket"]
        proof = self._session.wire.socket_proof(PATH, ticket, self._challenge)
        return {"t": "auth", "ticket": ticket, "proof": proof}

    def _prolonged(self, ready: Frame) -> None:
        left = ready["exp"] - self._session.wire.now()
        self._lives_until = asyncio.get_running_loop().time() + left

    async def _read(self, handle: Callable[[Frame], None]) -> None:
        while True:
            frame = await self._receive()
            if frame["t"] == "ready":
                self._prolonged(frame)
            else:
                handle(frame)

    async def _write(self) -> None:
        while True:
            await self._send(await self._outgoing.get())

    async def _stay(self, ping_seconds: float) -> None:
        while True:
            await asyncio.sleep(ping_seconds)
            self.say({"t": "ping"})
            if self._lives_until - asyncio.get_running_loop().time() < REAUTH_SECONDS:
                # Where auth is away for a moment there is time for another try.
                with suppress(OfflineError):
                    self.say(await self._credentials())

    async def _expect(self, kind: str) -> Frame:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                frame = await self._receive()
                while frame["t"] not in {kind, "error"}:
                    frame = await self._receive()
        except TimeoutError:
            raise LostError(None) from None
        if frame["t"] == "error":
            raise LostError(4401 if frame["status"] == 401 else None)  # noqa: PLR2004
        return frame

    async def _send(self, frame: Frame) -> None:
        try:
            await self._socket.send(json.dumps(frame, ensure_ascii=False))
        except ConnectionClosed as closed:
            raise self._lost(closed) from None

    async def _receive(self) -> Frame:
        try:
            frame = cast("Frame", json.loads(await self._socket.recv()))
        except ConnectionClosed as closed:
            raise self._lost(closed) from None
        if frame["t"] == "bye":
            # Said by hosts that cannot choose the code of the close that follows.
            self._bye = frame["code"]
            raise self._lost(None)
        return frame

    def _lost(self, closed: ConnectionClosed | None) -> Exception:
        code = closed.rcvd.code if closed and closed.rcvd else None
        code = self._bye or code
        if code in _WRONG:
            return ProtocolError(f"The house does not understand us ({code}).")
        return LostError(code)
