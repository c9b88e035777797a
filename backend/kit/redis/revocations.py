"""Revocations that reach every process within a second, and those that were not there in time."""

import asyncio
from typing import Any

import structlog
from redis.asyncio import Redis

from backend.kit.channels import Channels
from backend.kit.clock import Clock
from backend.kit.endings import is_ending
from backend.kit.errors import UnavailableError
from backend.kit.redis.client import answering, prefix_of
from backend.kit.tokens.revocations import REMEMBER_SECONDS, Mark, Revocations

CHANNEL = "revoked"
RETRY_SECONDS = 0.25

_log = structlog.get_logger("sosa.redis")


class RevocationFeed:
    """Tells the other processes what ended here, and this one what ended there.

    A channel is for speed, a sorted set for whoever was not listening. Each process also keeps what
    it knows, and writes it down again after Redis was away: it may have forgotten everything.
    """

    def __init__(
        self, revocations: Revocations, client: Redis, channels: Channels, clock: Clock
    ) -> None:
        self._revocations = revocations
        self._client = client
        self._channels = channels
        self._clock = clock
        self._key = prefix_of(client) + "sessions:revoked"
        self._untold: dict[Mark, None] = {}
        self._is_hearing = False
        self._must_recall = True
        self._wake = asyncio.Event()
        revocations.listen_to_marks(self._on_revoked)
        channels.listen(lost=lambda: None, restored=self._on_restored)

    async def run(self) -> None:
        """Tell and recall until cancelled."""
        await self._channels.subscribe(CHANNEL, self._hear)
        while not is_ending():
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.settle()
            except UnavailableError:
                _log.warning("revocations_untold", count=len(self._untold))
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()

    async def settle(self) -> None:
        """Learn what ended elsewhere, if that is not known, and tell what ended here."""
        if self._must_recall:
            await self._recall()
        if untold := tuple(self._untold):
            await self._tell(untold)
            for mark in untold:
                self._untold.pop(mark, None)

    async def _recall(self) -> None:
        self._must_recall = False
        client: Any = self._client  # its types leave the answers open
        self._untold |= dict.fromkeys(self._revocations.list_marks())
        try:
            async with answering():
                since = self._clock.now() - REMEMBER_SECONDS
                ended = await client.zrangebyscore(self._key, since, "+inf")
        except UnavailableError:
            self._must_recall = True
            raise
        for mark in ended:
            self._hear(mark)

    async def _tell(self, untold: tuple[Mark, ...]) -> None:
        now = self._clock.now()
        async with answering(), self._client.pipeline(transaction=False) as pipeline:
            # The first time is the right one: what is told again is not newer.
            pipeline.zadd(self._key, dict.fromkeys(untold, now), nx=True)
            pipeline.zremrangebyscore(self._key, "-inf", now - REMEMBER_SECONDS)
            pipeline.expire(self._key, REMEMBER_SECONDS)
            await pipeline.execute()
        await self._channels.publish([(CHANNEL, item.encode()) for item in untold])

    def _hear(self, mark: bytes) -> None:
        self._is_hearing = True
        try:
            self._revocations.hear(mark.decode())
        finally:
            self._is_hearing = False

    def _on_revoked(self, mark: Mark) -> None:
        # What was heard from the others need not be told to them.
        if not self._is_hearing:
            self._untold[mark] = None
            self._wake.set()

    def _on_restored(self) -> None:
        self._must_recall = True
        self._wake.set()
