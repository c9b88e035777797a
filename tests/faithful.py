"""Clients that do what docs/protocol.md asks of them, whatever happens to the server."""

import asyncio
from typing import Any

import aiohttp
from websockets.exceptions import WebSocketException

from backend.kit.ids import new_id
from tests.device import RefusedError
from tests.members import Member
from tests.socket_client import ClosedError, Frame, SocketClient


class ExcusedError(Exception):
    """The house said that it cannot do this now."""


AWAY = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    WebSocketException,
    ClosedError,
    RefusedError,
    ExcusedError,
)
"""What a server that is away, or comes back just now, looks like."""
TRY_AGAIN_SECONDS = 0.1
ANSWER_SECONDS = 5


class Sender:
    """Sends texts over HTTP one after the other, each until it is acknowledged."""

    def __init__(self, member: Member, room: str, texts: list[str]) -> None:
        self.member = member
        self.texts = texts
        self.seqs: dict[str, int] = {}
        """What was acknowledged, and with which place in the log."""
        self.retries = 0
        self.returns = 0
        """Times a socket of its own was opened anew."""
        self._room = room

    async def run(self) -> None:
        for text in self.texts:
            client_id = new_id()
            while not await self._try(client_id, text):
                self.retries += 1
                await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _try(self, client_id: str, text: str) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self.member.send(self._room, (client_id, text))
            if answer.get("status") != "success":
                raise _excuse(answer)
        except AWAY:
            return False
        self.seqs[text] = answer["response"]["receipts"][0]["seq"]
        return True


class Talker(Sender):
    """Does the same over the live door, with one frame on its way at a time."""

    def __init__(self, member: Member, room: str, texts: list[str]) -> None:
        super().__init__(member, room, texts)
        self.returns = -1
        self._client: SocketClient | None = None

    async def _try(self, client_id: str, text: str) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                client = self._client or await self._open()
                answer = await client.send(self.member.rooms[self._room], (client_id, text))
        except AWAY:
            self._client = None
            return False
        if answer["t"] == "error":
            _excuse(answer)
            return False
        self.seqs[text] = answer["receipts"][0]["seq"]
        return True

    async def _open(self) -> SocketClient:
        self._client = await _connect(self.member)
        self.returns += 1
        return self._client


class Reader:
    """Listens to a room over the live door; comes back to where it was whenever it falls out."""

    def __init__(self, member: Member, room: str) -> None:
        self.texts: list[str] = []
        self.returns = -1
        self._member = member
        self._room = member.rooms[room]
        self._epoch = ""
        self._seq = 0

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except AWAY:
                await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _listen(self) -> None:
        client = await _connect(self._member)
        try:
            at = {"epoch": self._epoch, "seq": self._seq} if self._epoch else None
            joined = await client.join(self._room, at)
            self._take_standing(joined)
            while True:
                await self._take(client, await client.expect("events"))
        finally:
            await client.close()

    def _take_standing(self, joined: Frame) -> None:
        if joined["t"] == "error":
            raise _excuse(joined)
        self.returns += 1
        if joined["reset"]:
            assert not self._epoch, "a reader that is this close behind is never sent back"
            self._epoch, self._seq = joined["epoch"], joined["seq"]
            return
        for event in joined["events"]:
            self._append(event)

    async def _take(self, client: SocketClient, frame: Frame) -> None:
        if frame["room"] != self._room:
            return
        for event in frame["events"]:
            if event["seq"] <= self._seq:
                continue
            if event["seq"] > self._seq + 1:
                self._take_standing(
                    await client.join(self._room, {"epoch": self._epoch, "seq": self._seq})
                )
                return
            self._append(event)

    def _append(self, event: Frame) -> None:
        assert event["seq"] == self._seq + 1, "no gap and no double"
        self._seq = event["seq"]
        self.texts.append(event["message"]["text"])


async def _connect(member: Member) -> SocketClient:
    client = await member.knock()
    answer = await client.authenticate(member.credentials)
    if answer["t"] == "error":
        await client.close()
        raise _excuse(answer)
    return client


def _excuse(answer: dict[str, Any]) -> ExcusedError:
    # Errors are typed: a house that is not whole says so, and that is all it may say. Nothing is
    # broken that somebody would have to mend.
    codes = {error["code"] for error in answer["errors"]}
    assert codes <= {"unavailable"}, answer
    return ExcusedError(codes)
