"""Ephemera that all processes share. Without Redis nobody gets in: a check cannot be skipped."""

from typing import Any

from redis.asyncio import Redis

from backend.kit.redis.client import answering, prefix_of

# Time is the server's, so that hosts whose clocks differ share one bucket.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local passed = math.max(0, now - (tonumber(state[2]) or now))
local tokens = math.min(capacity, (tonumber(state[1]) or capacity) + passed * rate)
local wait = 0
if tokens < 1 then wait = (1 - tokens) / rate else tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens),
           'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - tokens + 1) / rate * 1000))
return string.format('%.6f', wait)
"""

_GIVE = """
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens'))
if tokens then
  redis.call('HSET', KEYS[1], 'tokens',
             string.format('%.6f', math.min(tonumber(ARGV[1]), tokens + 1)))
end
"""


class RedisEphemera:
    """Ephemera in Redis. Every method raises UnavailableError when it is away."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._prefix = prefix_of(client)
        self._take: Any = client.register_script(_TAKE)
        self._give: Any = client.register_script(_GIVE)

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        async with answering():
            stored = await self._client.set(
                self._prefix + key, value, nx=True, px=_milliseconds(ttl_seconds)
            )
        return bool(stored)

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        async with answering():
            await self._client.set(self._prefix + key, value, px=_milliseconds(ttl_seconds))

    async def find(self, key: str) -> bytes | None:
        async with answering():
            return await self._client.get(self._prefix + key)

    async def pop(self, key: str) -> bytes | None:
        async with answering():
            return await self._client.getdel(self._prefix + key)

    async def take(self, key: str, *, capacity: float, per_second: float) -> float:
        async with answering():
            return float(await self._take([self._prefix + key], [capacity, per_second]))

    async def give(self, key: str, *, capacity: float) -> None:
        async with answering():
            await self._give([self._prefix + key], [capacity])


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
