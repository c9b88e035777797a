"""What the execution environments of a house have in common, with nothing in the background.

An environment is frozen between two calls: it neither listens nor tells. So it learns what it must
know at the beginning of a call, and says what happened before the end.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from backend.kit.channels import Together
from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera
from backend.kit.events import Carrier
from backend.kit.tokens.revocations import REMEMBER_SECONDS, Mark, Revocations

OVERLAP_SECONDS = 5.0
"""How far back is looked beyond the last look: clocks differ, and writes are under way."""


class InFunctions:
    """Redis for what must be known at once, and a carrier that invokes functions."""

    together: Together | None = None

    def __init__(
        self, redis_url: str, clock: Clock, carrier: Carrier, revocations: Revocations
    ) -> None:
        # Imported here: a tool that only reads manifests needs no Redis.
        client_module = import_module("backend.kit.redis.client")
        self._client: Any = client_module.open_client(redis_url)
        self._answering = client_module.answering
        prefix: str = client_module.prefix_of(self._client)
        # The names under which processes keep them (backend.kit.redis.revocations): a house may
        # be half functions and half processes.
        self._key = f"{prefix}sessions:revoked"
        self._channel = f"{prefix}revoked"
        ephemera = import_module("backend.kit.redis.ephemera").RedisEphemera
        self.ephemera: Ephemera = ephemera(self._client)
        self.carrier = carrier
        self._clock = clock
        self._revocations = revocations
        self._untold: dict[Mark, None] = {}
        self._learnt_at: float | None = None
        self._is_learning = False
        revocations.listen_to_marks(self._on_revoked)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await self._client.aclose()

    async def learn(self) -> None:
        """Learn which sessions ended since the last time. Raises UnavailableError.

        Without an answer nobody gets in: a session that has ended must not be taken for a good one.
        """
        now = self._clock.now()
        since = now - REMEMBER_SECONDS if self._learnt_at is None else self._learnt_at
        async with self._answering():
            ended = await self._client.zrangebyscore(self._key, since - OVERLAP_SECONDS, "+inf")
        self._is_learning = True
        try:
            for mark in ended:
                self._revocations.hear(mark.decode())
        finally:
            self._is_learning = False
        self._learnt_at = now

    async def tell(self) -> None:
        """Tell which sessions ended here. Raises UnavailableError; then the next call tells."""
        if not self._untold:
            return
        untold = tuple(self._untold)
        now = self._clock.now()
        async with self._answering(), self._client.pipeline(transaction=False) as pipeline:
            pipeline.zadd(self._key, dict.fromkeys(untold, now), nx=True)
            pipeline.zremrangebyscore(self._key, "-inf", now - REMEMBER_SECONDS)
            pipeline.expire(self._key, REMEMBER_SECONDS)
            for mark in untold:
                pipeline.publish(self._channel, mark)
            await pipeline.execute()
        for mark in untold:
            self._untold.pop(mark, None)

    def _on_revoked(self, mark: Mark) -> None:
        if not self._is_learning:
            self._untold[mark] = None
