"""The crowd's accounts: made once, remembered, and signed in again the next time."""

import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from deploy.demo.script import Figure
from sosa_client import BotSecret, Client, RefusedError, SignedOutError

BOTS_OF_A_KEEPER = 4
"""A member may have five; one place is left for whoever wants to try it."""

Cast = dict[str, Client]
"""Who plays whom, by the script's key."""


@asynccontextmanager
async def bring_in(url: str, crowd: tuple[Figure, ...], memory: Path) -> AsyncGenerator[Cast]:
    """All of them, signed in. Their secrets are kept in `memory`, which only its owner may read."""
    known = _recall(memory, url)
    async with AsyncExitStack() as stack:
        cast: Cast = {}
        keepers = _Keepers(url, stack)
        for figure in crowd:
            client = await _wake(url, known.get(figure.key))
            if client is None:
                known[figure.key] = await keepers.make_bot(figure.key)
                _remember(memory, url, known)
                client = await _first_time(url, known[figure.key], figure)
            cast[figure.key] = await stack.enter_async_context(client)
        await keepers.leave()
        yield cast


async def _wake(url: str, known: BotSecret | None) -> Client | None:
    """A bot of an earlier run, unless the house has forgotten it since."""
    if known is None:
        return None
    try:
        return await Client.sign_in_bot(url, known.id, known.secret, known.salt)
    except SignedOutError:
        return None


async def _first_time(url: str, secret: BotSecret, figure: Figure) -> Client:
    client = await Client.sign_in_bot(url, secret.id, secret.secret, secret.salt)
    await client.update_profile(nickname=figure.nickname, identity=figure.identity)
    return client


class _Keepers:
    """Members who answer for the bots, a few each."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self._keeper: Client | None = None
        self._made = 0

    async def make_bot(self, name: str) -> BotSecret:
        """A new bot; if somebody has its name, something is added to it."""
        keeper = await self._at_work()
        for attempt in (name, *(f"{name}-{secrets.token_hex(2)}" for _ in range(5))):
            try:
                made = await keeper.make_bot(attempt)
            except RefusedError as refused:
                if refused.code != "username_taken":
                    raise
            else:
                self._made += 1
                return made
        raise RefusedError(409, "username_taken", f"Everybody is called {name} here already.")

    async def leave(self) -> None:
        """They are not needed while the bots talk."""
        if self._keeper:
            await self._keeper.close()
            self._keeper = None

    async def _at_work(self) -> Client:
        if self._keeper and self._made < BOTS_OF_A_KEEPER:
            return self._keeper
        await self.leave()
        # Nobody will sign in as them: the password is forgotten here and now.
        self._keeper = await Client.register(
            self._url,
            f"bot-keeper-{secrets.token_hex(3)}",
            secrets.token_urlsafe(24),
            age_answer="18_plus",
            terms=True,
        )
        self._stack.push_async_callback(self._keeper.close)
        self._made = 0
        return self._keeper


def _recall(memory: Path, url: str) -> dict[str, BotSecret]:
    try:
        kept = json.loads(memory.read_text()).get(url, {})
    except FileNotFoundError:
        return {}
    return {key: BotSecret(**item) for key, item in kept.items()}


def _remember(memory: Path, url: str, known: dict[str, BotSecret]) -> None:
    kept: dict[str, object] = json.loads(memory.read_text()) if memory.exists() else {}
    kept[url] = {key: asdict(secret) for key, secret in known.items()}
    memory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    memory.touch(mode=0o600)
    memory.write_text(json.dumps(kept, indent=1))
