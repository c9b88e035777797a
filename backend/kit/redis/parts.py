"""What processes share, built on one Redis."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from backend.kit.channels import Together
from backend.kit.clock import Clock
from backend.kit.endings import end
from backend.kit.errors import UnavailableError
from backend.kit.events import Bus
from backend.kit.redis.attendance import TTL_SECONDS, RedisAttendance
from backend.kit.redis.channels import RedisChannels
from backend.kit.redis.client import ANSWER_SECONDS, LISTEN_SECONDS, open_client
from backend.kit.redis.ephemera import RedisEphemera
from backend.kit.redis.revocations import RevocationFeed
from backend.kit.redis.streams import EventStream
from backend.kit.tokens.revocations import Revocations

_log = structlog.get_logger("sosa.redis")


class InRedis:
    """Ephemera, events, revocations and channels in Redis."""

    def __init__(self, url: str, clock: Clock, bus: Bus, revocations: Revocations) -> None:
        self._commands = open_client(url)
        # A pool of its own: whoever waits for news must not take the connections of who works.
        self._listening = open_client(url, silence_seconds=LISTEN_SECONDS)
        self._channels = RedisChannels(self._commands, self._listening)
        self._feed = RevocationFeed(revocations, self._commands, self._channels, clock)
        self.ephemera = RedisEphemera(self._commands)
        self.carrier = EventStream(self._commands, self._listening, bus)
        self.together = Together(self._channels, RedisAttendance(self._commands, TTL_SECONDS))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Listen and consume meanwhile. Starts without Redis too, and finds it when it comes."""
        try:
            async with asyncio.TaskGroup() as tasks:
                work = (self._feed.run(), self._channels.run(), self.carrier.run())
                running = [tasks.create_task(item) for item in work]
                try:
                    await self._catch_up()
                    yield
                finally:
                    await end(*running)
        finally:
            await self._commands.aclose()
            await self._listening.aclose()

    async def settle(self) -> None:
        """Tell what ended here, now. For whoever is about to go. Raises UnavailableError."""
        await self._feed.settle()

    async def _catch_up(self) -> None:
        # Before the first request: whoever was signed out while this process was not there must
        # not come in by it.
        try:
            if await self._channels.wait(ANSWER_SECONDS):
                await self._feed.settle()
                return
        except UnavailableError:
            pass
        _log.warning("started_without_redis")
