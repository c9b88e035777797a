"""Channels on Redis pub/sub: one connection that listens, and what to do when it breaks."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from backend.kit.channels import Receiver
from backend.kit.endings import is_ending
from backend.kit.redis.client import ANSWER_SECONDS, LISTEN_SECONDS, answering, prefix_of

PING_SECONDS = LISTEN_SECONDS / 3
"""How often the server is asked for a sign of life; silence for LISTEN_SECONDS is a lost line."""
LONGEST_PAUSE_SECONDS = 1.0
_ALIVE = "alive"

_log = structlog.get_logger("sosa.redis")


class RedisChannels:
    """The channels of one process. They work while `run` does."""

    def __init__(self, commands: Redis, listening: Redis) -> None:
        """`listening` is a client whose connections may be silent for LISTEN_SECONDS."""
        self._commands = commands
        self._listening = listening
        self._prefix = prefix_of(commands)
        self._receivers: dict[str, Receiver] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self._lost: list[Callable[[], None]] = []
        self._restored: list[Callable[[], None]] = []
        self._line: AbstractConnection | None = None
        self._connected = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    async def wait(self, seconds: float) -> bool:
        """Wait until connected, so long at most. Whether it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._connected.wait()
        except TimeoutError:
            return False
        return True

    async def publish(self, posts: Sequence[tuple[str, bytes]]) -> None:
        pipeline: Any
        async with answering(), self._commands.pipeline(transaction=False) as pipeline:
            for name, payload in posts:
                pipeline.publish(self._prefix + name, payload)
            await pipeline.execute()

    async def subscribe(self, name: str, receiver: Receiver) -> None:
        self._receivers[name] = receiver
        line = self._line
        if line is None:
            return
        confirmed = self._waiting.setdefault(name, asyncio.Event())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await line.send_command("SUBSCRIBE", self._prefix + name)
                await confirmed.wait()
        except (RedisError, OSError, TimeoutError):
            # A line on which this fails is a broken line: the one who reads it finds that out, and
            # subscribes to everything again.
            await line.disconnect(nowait=True)
        finally:
            self._waiting.pop(name, None)

    async def unsubscribe(self, name: str) -> None:
        self._receivers.pop(name, None)
        line = self._line
        if line is None:
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await line.send_command("UNSUBSCRIBE", self._prefix + name)
        except (RedisError, OSError, TimeoutError):
            await line.disconnect(nowait=True)

    def listen(self, *, lost: Callable[[], None], restored: Callable[[], None]) -> None:
        self._lost.append(lost)
        self._restored.append(restored)

    async def run(self) -> None:
        """Listen until cancelled, on a new connection whenever the old one broke."""
        pause = 0.05
        while not is_ending():
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - whatever it is, a new line mends it
                _log.warning("redis_line_broken", error=type(error).__name__)
            finally:
                pause = 0.05 if self.is_connected else min(pause * 2, LONGEST_PAUSE_SECONDS)
                self._lose()
            # Not all processes at once: jitter is no secret.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311

    async def _listen(self) -> None:
        line: AbstractConnection = self._listening.connection_pool.make_connection()
        pings = asyncio.create_task(self._ping(line))
        try:
            await line.connect()
            self._line = line
            # Redis confirms in the order of the names: with the last one, all are there.
            names = [self._prefix + name for name in (*self._receivers, _ALIVE)]
            await line.send_command("SUBSCRIBE", *names)
            while True:
                self._hear(await line.read_response())
        finally:
            self._line = None
            pings.cancel()
            await line.disconnect(nowait=True)

    async def _ping(self, line: AbstractConnection) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await line.send_command("PING", check_health=False)
            except (RedisError, OSError, TimeoutError):
                await line.disconnect(nowait=True)
                return

    def _hear(self, answer: Any) -> None:
        kind, channel = answer[0], answer[1]
        name = channel.decode()[len(self._prefix) :]
        if kind == b"message":
            if receiver := self._receivers.get(name):
                self._give(receiver, answer[2])
        elif kind == b"subscribe":
            if confirmed := self._waiting.get(name):
                confirmed.set()
            if name == _ALIVE:
                self._connected.set()
                for listener in self._restored:
                    listener()

    def _give(self, receiver: Receiver, payload: bytes) -> None:
        try:
            receiver(payload)
        except Exception:  # noqa: BLE001 - logged; one word that nobody understands stops no others
            _log.exception("word_not_understood")

    def _lose(self) -> None:
        if self.is_connected:
            self._connected.clear()
            for listener in self._lost:
                listener()
