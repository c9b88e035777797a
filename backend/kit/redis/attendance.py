"""Attendance in Redis: for each place a sorted set of (who, by which process), scored by expiry."""

from collections.abc import Collection, Iterable
from typing import Any

from redis.asyncio import Redis

from backend.kit.ids import new_id
from backend.kit.redis.client import answering, prefix_of

TTL_SECONDS = 15.0
"""How long an entry outlives the last beat of its process. Three beats may go missing."""

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl, process = tonumber(ARGV[1]), ARGV[2]
"""
_LIVING = """
redis.call('ZADD', KEYS[2], now + ttl, process)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ttl * 2)
redis.call('PEXPIRE', KEYS[2], ttl * 2)
"""
_BEAT = (
    _NOW
    + """
for index = 3, #ARGV do
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[index] .. ' ' .. process)
end
"""
    + _LIVING
    + "return redis.call('ZRANGE', KEYS[1], 0, -1)"
)
# A user may be there by several processes. Processes are few, so each is asked for.
_SETTLE = (
    _NOW
    + """
local came = tonumber(ARGV[3])
for index = 4, 3 + came do
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[index] .. ' ' .. process)
end
for index = 4 + came, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[index] .. ' ' .. process)
end
"""
    + _LIVING
    + """
local processes, gone = redis.call('ZRANGE', KEYS[2], 0, -1), {}
for index = 4 + came, #ARGV do
  local stays = false
  for _, other in ipairs(processes) do
    stays = stays or redis.call('ZSCORE', KEYS[1], ARGV[index] .. ' ' .. other)
  end
  if not stays then table.insert(gone, ARGV[index]) end
end
return gone
"""
)
_LIST = _NOW + "return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')"


class RedisAttendance:
    """Attendance of one process."""

    def __init__(self, client: Redis, ttl_seconds: float = TTL_SECONDS) -> None:
        self._prefix = prefix_of(client) + "there:"
        self._ttl = round(ttl_seconds * 1000)
        self._process = new_id()
        self._beat: Any = client.register_script(_BEAT)
        self._settle: Any = client.register_script(_SETTLE)
        self._list: Any = client.register_script(_LIST)

    async def settle(
        self, place: str, came: Collection[str], went: Collection[str]
    ) -> frozenset[str]:
        arguments = [self._ttl, self._process, len(came), *came, *went]
        async with answering():
            return _names(await self._settle(self._keys(place), arguments))

    async def beat(self, place: str, here: Collection[str]) -> frozenset[str]:
        async with answering():
            entries = await self._beat(self._keys(place), [self._ttl, self._process, *here])
        return _users(entries)

    async def list_there(self, place: str) -> frozenset[str]:
        async with answering():
            return _users(await self._list(self._keys(place), [self._ttl, self._process]))

    def _keys(self, place: str) -> list[str]:
        return [f"{self._prefix}at:{place}", f"{self._prefix}processes"]


def _names(names: Iterable[Any]) -> frozenset[str]:
    return frozenset(name.decode() for name in names)


def _users(entries: Iterable[Any]) -> frozenset[str]:
    return frozenset(entry.decode().rpartition(" ")[0] for entry in entries)
