"""Connections to Redis: bounded in number and in time, and never asked twice behind our back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.kit.endings import is_ending
from backend.kit.errors import UnavailableError

ANSWER_SECONDS = 2.0
"""How long a command may take, waiting for a free connection included."""
LISTEN_SECONDS = 12.0
"""How long a connection that listens may be silent. Whoever listens sees to it that it is not."""
CONNECTIONS = 32

_log = structlog.get_logger("sosa.redis")


def open_client(url: str, *, silence_seconds: float = ANSWER_SECONDS) -> Redis:
    """A client that connects when it is first used, and again after the connection was lost."""
    # Commands are not repeated by the library: the answer of the first may be what got lost, and
    # then a ticket that was popped, or a replay mark that was set, would be seen as another's.
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - **kwargs
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        socket_timeout=silence_seconds,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def prefix_of(client: Redis) -> str:
    """What keys and channels begin with. Channels, unlike keys, are seen in every database."""
    known: Any = client
    return f"sosa:{known.get_connection_kwargs().get('db') or 0}:"


@asynccontextmanager
async def answering() -> AsyncGenerator[None]:
    """Turn whatever goes wrong with Redis into UnavailableError, in bounded time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        if is_ending():
            raise asyncio.CancelledError from error
        _log.warning("redis_does_not_answer", error=type(error).__name__)
        raise UnavailableError(
            "Part of the house is asleep. Nothing is lost: try again in a moment."
        ) from error
