"""Ways in, and staying in (docs/sign-in.md 2, 6 and 10)."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sosa_client.errors import MoreAskedError, RefusedError, SignedOutError
from sosa_client.keys import b64, derive, new_secret, unb64
from sosa_client.values import User
from sosa_client.wire import Ask, Wire

SPARE_SECONDS = 30
"""Access tokens are renewed this long before they end."""
_OVER = {"invalid_grant", "reuse_detected", "device_revoked", "invalid_proof", "bot_owner_away"}
_WORN = {"invalid_token", "token_required"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A member's device, which goes on by its cookie."""

    def ask(self, wire: Wire) -> Ask:
        """The request for new tokens."""
        cookie = wire.cookie
        return Ask(audience="auth", method="POST", path="/auth/v1/token", body={}, cookie=cookie)


@dataclass(frozen=True, slots=True)
class BotEntry:
    """A bot, which shows its keys each time and has no cookie."""

    bot_id: str

    def ask(self, wire: Wire) -> Ask:  # noqa: ARG002 - a bot needs nothing that was kept
        """The request for new tokens."""
        path = f"/auth/v1/bots/{self.bot_id}/tokens"
        return Ask(audience="auth", method="POST", path=path, body={})


class Session:
    """Somebody who is signed in; stays so by itself."""

    def __init__(self, wire: Wire, entry: Entry | BotEntry) -> None:
        self.wire = wire
        self.user = User("", "")
        self._entry = entry
        self._access: dict[str, str] = {}
        self._fresh_until = 0.0
        self._turn = asyncio.Lock()

    async def call(
        self, audience: str, method: str, path: str, body: object = None, query: str = ""
    ) -> dict[str, Any]:
        """A request to a service, as whoever is signed in. Raises RefusedError, SignedOutError."""
        token = await self._token(audience)
        try:
            return await self._call(token, audience, method, path, body, query)
        except RefusedError as error:
            if error.code not in _WORN:
                raise
        # The token ended between their clock and ours, or a key was changed: one fresh one.
        await self.renew(stale=token)
        return await self._call(self._access[audience], audience, method, path, body, query)

    async def renew(self, stale: str = "") -> None:
        """Get new tokens. Those who ask at once share one answer. Raises SignedOutError."""
        async with self._turn:
            if stale and stale not in self._access.values():
                return
            try:
                self.adopt(await self.wire.ask(self._entry.ask(self.wire)))
            except RefusedError as error:
                if error.code in _OVER:
                    raise SignedOutError(str(error)) from error
                raise

    def adopt(self, answer: Mapping[str, Any]) -> None:
        """Be signed in as an answer says."""
        self._access = dict(answer["access"])
        self._fresh_until = time.monotonic() + answer["expires_in"] - SPARE_SECONDS
        self.user = User(answer["user"]["id"], answer["user"]["username"])
        self.wire.set_nonce(answer["nonce"])

    async def _token(self, audience: str) -> str:
        if time.monotonic() >= self._fresh_until:
            await self.renew(stale=self._access.get(audience, ""))
        return self._access[audience]

    async def _call(
        self, token: str, audience: str, method: str, path: str, body: object, query: str
    ) -> dict[str, Any]:
        return await self.wire.ask(
            Ask(audience=audience, method=method, path=path, body=body, query=query, token=token)
        )


async def enter(wire: Wire, kind: str, step: str, form: Mapping[str, Any]) -> Session:
    """A way in for a member. Raises RefusedError, MoreAskedError."""
    secret = new_secret()
    opening = {
        "kind": kind,
        "device_secret": b64(secret),
        "device_name": "A program",
        "device_platform": "python",
    }
    begun = await wire.post("/auth/v1/preauth", opening)
    wire.keys = derive(secret, unb64(begun["salt"]), begun["kid"])
    wire.set_time(begun["server_time"])
    wire.set_nonce(begun["nonce"])
    path = f"/auth/v1/preauth/{begun['preauth']}/{step}"
    answer = await wire.ask(Ask(audience="auth", method="POST", path=path, body=dict(form)))
    if "access" not in answer:
        raise MoreAskedError(answer["next"], tuple(answer.get("methods", ())))
    session = Session(wire, Entry())
    session.adopt(answer)
    return session


async def enter_as_bot(wire: Wire, bot_id: str, secret: str, salt: str) -> Session:
    """The way in for a bot: by proof alone. Raises SignedOutError when its secret is not good."""
    wire.keys = derive(unb64(secret), unb64(salt))
    session = Session(wire, BotEntry(bot_id))
    await session.renew()
    return session
