"""A client of `sosa.v1`, written from docs/protocol.md alone.

It shares no code with the server, so that a mistake there is not made twice. Frames are dicts.
"""

import asyncio
import itertools
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.trust import trust_for

Frame = dict[str, Any]
Credentials = Callable[[str], Awaitable[tuple[str, str]]]
"""Makes a ticket and a proof for a challenge."""

PATH = "/messaging/v1/live"
PATIENCE_SECONDS = 10.0


class ClosedError(Exception):
    """The server closed the connection; `code` says why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class SocketClient:
    """One connection. Reads only when asked to, so a test decides what happens when."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.challenge = ""
        self.user = ""
        self.expires = 0
        self._numbers = itertools.count(1)
        self._kept: deque[Frame] = deque()

    @classmethod
    async def open(
        cls, url: str, *, origin: str | None = None, headers: dict[str, str] | None = None
    ) -> "SocketClient":
        """Open a connection and do nothing yet. `url` is the product's, `http://host:port`."""
        connection = await connect(
            url.replace("http", "ws", 1) + PATH,
            origin=None if origin is None else Origin(origin),
            subprotocols=[Subprotocol("sosa.v1")],
            additional_headers=headers,
            compression=None,
            max_size=None,
            proxy=None,
            ssl=trust_for(url),
        )
        return cls(connection)

    async def greet(self) -> None:
        """Say hello, and keep the challenge."""
        answer = await self.ask({"t": "hello", "v": 1})
        self.challenge = answer["cn"]

    async def authenticate(self, credentials: Credentials) -> Frame:
        """Prove who we are; the first time and again. Returns `ready`, or the error."""
        ticket, proof = await credentials(self.challenge)
        answer = await self.ask({"t": "auth", "ticket": ticket, "proof": proof})
        if answer["t"] == "ready":
            self.user, self.expires = answer["user"], answer["exp"]
        return answer

    async def join(self, room: str, at: Frame | None = None) -> Frame:
        """Enter a room; `at` is `{"epoch", "seq"}`."""
        return await self.ask({"t": "join", "room": room} | ({} if at is None else {"at": at}))

    async def send(self, room: str, *messages: tuple[str, str]) -> Frame:
        """Send messages, given as (id, text)."""
        drafts = [{"id": id_, "text": text} for id_, text in messages]
        return await self.ask({"t": "send", "room": room, "messages": drafts})

    async def change(self, room: str, message: str, id_: str, **deed: Any) -> Frame:
        """Do something with a message: `kind` and what belongs to it."""
        frame = {"t": "change", "room": room, "message": message, "id": id_, "do": deed}
        return await self.ask(frame)

    async def ask(self, frame: Frame) -> Frame:
        """Send a frame and return its answer; what comes before it is kept for `expect`."""
        re = f"r{next(self._numbers)}"
        await self.say({**frame, "re": re})
        passed: list[Frame] = []
        try:
            while True:
                answer = await self._next()
                if answer.get("re") == re:
                    return answer
                passed.append(answer)
        finally:
            self._kept.extend(passed)

    async def say(self, frame: Frame | str | bytes) -> None:
        """Send a frame, or anything else, and wait for nothing."""
        try:
            await self.connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)
        except ConnectionClosed as error:
            raise _closed(error) from None

    async def expect(self, kind: str) -> Frame:
        """The next frame of a kind; others before it are dropped."""
        while True:
            frame = self._kept.popleft() if self._kept else await self._next()
            if frame["t"] == kind:
                return frame

    async def expect_message(self, room: str) -> Frame:
        """The first message of the next `events` frame of a room."""
        while True:
            frame = await self.expect("events")
            if frame["room"] == room:
                return frame["events"][0]["message"]

    async def expect_event(self, room: str, kind: str) -> Frame:
        """The next event of that kind in a room; others before it are dropped."""
        while True:
            frame = await self.expect("events")
            for event in frame["events"] if frame["room"] == room else ():
                if event["kind"] == kind:
                    return event

    async def expect_close(self) -> int | None:
        """Read until the server closes; returns the code."""
        try:
            while True:
                await self._next()
        except ClosedError as error:
            return error.code

    async def close(self) -> None:
        """Go away."""
        await self.connection.close()

    async def _next(self) -> Frame:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                frame: Frame = json.loads(await self.connection.recv())
        except ConnectionClosed as error:
            raise _closed(error) from None
        if frame["t"] == "bye":
            raise ClosedError(frame["code"])
        return frame


def _closed(error: ConnectionClosed) -> ClosedError:
    return ClosedError(error.rcvd.code if error.rcvd else None)
