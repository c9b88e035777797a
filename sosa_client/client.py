"""The client: somebody who is signed in, the rooms they see, and what is said there."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

from sosa_client.bots import BotSecret
from sosa_client.keys import new_id
from sosa_client.live import Live
from sosa_client.session import Session, enter, enter_as_bot
from sosa_client.values import Event, Position, Receipt, Room, User
from sosa_client.wire import Wire


class Client:
    """A member or a bot at one house. Made by `sign_in_bot`, `sign_in` or `register`.

    It stays signed in and connected by itself: tokens are renewed before they end, a connection
    that is lost is opened again after a pause that grows and differs from client to client, and
    rooms go on exactly where they were.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._live = Live(session)
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def sign_in_bot(
        cls,
        url: str,
        bot_id: str,
        secret: str,
        salt: str,
        *,
        trust: ssl.SSLContext | None = None,
    ) -> "Client":
        """A bot, by the secret its owner was told. `url` is the house's public origin.

        `trust`: for a house whose certificate this machine does not know by itself. Raises
        SignedOutError when the secret was renewed or the bot revoked.
        """
        wire = Wire(url, trust)
        try:
            return cls(await enter_as_bot(wire, bot_id, secret, salt))
        except BaseException:
            await wire.close()
            raise

    @classmethod
    async def sign_in(cls, url: str, identifier: str, password: str) -> "Client":
        """A member, on a new device. Raises RefusedError, MoreAskedError."""
        form = {"identifier": identifier, "password": password}
        return await cls._enter(url, "login", "password", form)

    @classmethod
    async def register(
        cls, url: str, username: str, password: str, *, age_answer: str, terms: bool
    ) -> "Client":
        """A new member; they answer the age question and agree to the terms themselves.

        `age_answer` is one of under_13, 13_15, 16_17, 18_plus. Raises RefusedError.
        """
        form = {
            "username": username,
            "password": password,
            "age_answer": age_answer,
            "terms": terms,
        }
        return await cls._enter(url, "register", "register", form)

    @classmethod
    async def _enter(cls, url: str, kind: str, step: str, form: dict[str, Any]) -> "Client":
        wire = Wire(url)
        try:
            return cls(await enter(wire, kind, step, form))
        except BaseException:
            await wire.close()
            raise

    @property
    def user(self) -> User:
        """Who we are."""
        return self._session.user

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Go away. Twice is once; a bot's secret and a member's session go on."""
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        self._live.end()
        await self._session.wire.close()

    async def call(
        self, audience: str, method: str, path: str, body: object = None, query: str = ""
    ) -> dict[str, Any]:
        """Any operation of a service, as its OpenAPI page describes it. Raises RefusedError."""
        return await self._session.call(audience, method, path, body, query)

    async def rooms(self) -> tuple[Room, ...]:
        """The rooms we may read, community by community."""
        answer = await self.call("community", "GET", "/community/v1/communities")
        return tuple(
            Room(room["id"], room["name"], room["topic"], community["name"])
            for community in answer["communities"]
            for room in community["rooms"]
        )

    async def update_profile(self, **changes: str) -> None:
        """Change `nickname`, `identity` or `face`. Raises RefusedError naming the field."""
        await self.call("profiles", "PATCH", "/profiles/v1/me", changes)

    async def make_bot(self, name: str) -> BotSecret:
        """A bot of ours; its secret is told this once. Raises RefusedError.

        For members who signed in within the last ten minutes.
        """
        made = await self.call("auth", "POST", "/auth/v1/bots", {"name": name})
        return BotSecret(made["bot"]["id"], made["bot"]["name"], made["secret"], made["salt"])

    async def join(self, room_id: str, at: Position | None = None) -> None:
        """Follow a room; what is said there comes out of `events`, without a gap.

        `at` is where an earlier run stopped: what was said since then comes first. Returns when we
        are in. Raises RefusedError for a room that is not ours to read, SignedOutError.
        """
        self._connect()
        await asyncio.shield(self._live.follow(room_id, at).arrived)

    def leave(self, room_id: str) -> None:
        """Follow a room no more."""
        self._live.leave(room_id)

    async def send(
        self, room_id: str, text: str, message_id: str = "", *, reply_to: str = ""
    ) -> Receipt:
        """Say something in a room; returns when it is in the log, however long that takes.

        Messages of a room stay in the order of the calls. `message_id` (8 to 64 of `A-Za-z0-9_-`)
        makes sending again safe: the same id is stored once. Raises NotSentError, RefusedError,
        SignedOutError, and OfflineError when the client is closed first. Joins the room.
        """
        self._connect()
        return await self._live.send(room_id, text, message_id or new_id(), reply_to)

    async def change(
        self, room_id: str, message_id: str, deed: dict[str, Any], change_id: str = ""
    ) -> Receipt:
        """Do something with a message; `deed` as docs/protocol.md has it, {"kind": "delete"} say.

        The same `change_id` is done once, so that it may be sent again. Raises RefusedError.
        """
        path = f"/messaging/v1/rooms/{room_id}/messages/{message_id}/changes"
        told = await self.call("messaging", "POST", path, {"id": change_id or new_id(), "do": deed})
        return Receipt(told["id"], told["message_id"], told["seq"])

    async def edit(self, room_id: str, message_id: str, text: str) -> Receipt:
        """Say it differently. Raises RefusedError."""
        return await self.change(room_id, message_id, {"kind": "edit", "text": text})

    async def delete(self, room_id: str, message_id: str) -> Receipt:
        """Take a message back. Raises RefusedError."""
        return await self.change(room_id, message_id, {"kind": "delete"})

    async def react(self, room_id: str, message_id: str, emoji: str, *, on: bool = True) -> Receipt:
        """Give an emoji, or take it back. Raises RefusedError."""
        return await self.change(room_id, message_id, {"kind": "react", "emoji": emoji, "on": on})

    async def pin(self, room_id: str, message_id: str, *, on: bool = True) -> Receipt:
        """Pin a message, or no more. Raises RefusedError."""
        return await self.change(room_id, message_id, {"kind": "pin", "on": on})

    async def events(self) -> AsyncGenerator[Event]:
        """What happens in the rooms we joined, for one reader; ends when the client is closed.

        Raises SignedOutError when there is no way back in, and ProtocolError.
        """
        while (event := await self._live.mailbox.get()) is not None:
            yield event

    def _connect(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._live.run())
