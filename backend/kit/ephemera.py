"""What may be forgotten: replay marks, tickets, rate limits. In process, or in Redis when split."""

import heapq
from dataclasses import dataclass
from typing import Protocol

from backend.kit.clock import Clock
from backend.kit.errors import RateLimitedError


class Ephemera(Protocol):
    """Keys with a time to live. Each method is one atomic step, also between processes."""

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        """Store unless the key is there. True for the one caller who stored it."""
        ...

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Store, over whatever was there."""
        ...

    async def find(self, key: str) -> bytes | None: ...

    async def pop(self, key: str) -> bytes | None:
        """Return and forget: of many callers at once, one gets the value."""
        ...

    async def take(self, key: str, *, capacity: float, per_second: float) -> float:
        """Take one token from a bucket of `capacity` that refills at `per_second`.

        Returns 0 when there was one, else the seconds until there will be.
        """
        ...

    async def give(self, key: str, *, capacity: float) -> None:
        """Put a token back that was taken for nothing. A bucket never overflows."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit: a burst of `capacity`, then `per_second`."""

    name: str
    capacity: float
    per_second: float


class RateLimits:
    """Limits scaled by the setting `rate_limit_scale`."""

    def __init__(self, ephemera: Ephemera, scale: float) -> None:
        self._ephemera = ephemera
        self._scale = scale

    async def spend(self, limit: Limit, who: str) -> None:
        """Take one token of `limit` for `who`. Raises RateLimitedError when there is none."""
        wait = await self._ephemera.take(
            f"limit:{limit.name}:{who}",
            capacity=limit.capacity * self._scale,
            per_second=limit.per_second * self._scale,
        )
        if wait > 0:
            raise RateLimitedError(
                "That was a bit much at once. Take a breath and try again.",
                retry_after_seconds=int(wait) + 1,
            )

    async def give_back(self, limit: Limit, who: str) -> None:
        """Put a token back that turned out not to count."""
        await self._ephemera.give(
            f"limit:{limit.name}:{who}", capacity=limit.capacity * self._scale
        )


class InProcessEphemera:
    """Ephemera in a dict. Expired keys leave with the next write: memory follows what lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._values: dict[str, tuple[bytes, float]] = {}
        self._expiries: list[tuple[float, str]] = []
        self._buckets: dict[str, tuple[float, float, float]] = {}

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        if await self.find(key) is not None:
            return False
        await self.put(key, value, ttl_seconds)
        return True

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        now = self._clock.now()
        self._sweep(now)
        self._values[key] = (value, now + ttl_seconds)
        heapq.heappush(self._expiries, (now + ttl_seconds, key))

    async def find(self, key: str) -> bytes | None:
        entry = self._values.get(key)
        return entry[0] if entry and entry[1] > self._clock.now() else None

    async def pop(self, key: str) -> bytes | None:
        value = await self.find(key)
        self._values.pop(key, None)
        return value

    async def take(self, key: str, *, capacity: float, per_second: float) -> float:
        now = self._clock.now()
        self._sweep(now)
        tokens, updated, _ = self._buckets.get(key, (capacity, now, 0.0))
        tokens = min(capacity, tokens + (now - updated) * per_second)
        full_at = now + (capacity - tokens + 1) / per_second
        if tokens < 1:
            self._buckets[key] = (tokens, now, full_at)
            return (1 - tokens) / per_second
        self._buckets[key] = (tokens - 1, now, full_at)
        heapq.heappush(self._expiries, (full_at, key))
        return 0

    async def give(self, key: str, *, capacity: float) -> None:
        if key in self._buckets:
            tokens, updated, full_at = self._buckets[key]
            self._buckets[key] = (min(capacity, tokens + 1), updated, full_at)

    def size(self) -> int:
        """How many keys and buckets are held."""
        return len(self._values) + len(self._buckets)

    def _sweep(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            _, key = heapq.heappop(self._expiries)
            if key in self._values and self._values[key][1] <= now:
                del self._values[key]
            if key in self._buckets and self._buckets[key][2] <= now:
                del self._buckets[key]
