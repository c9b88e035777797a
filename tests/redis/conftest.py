"""A Redis server of the tests' own, which a test may kill and start again."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from backend.kit.ids import new_id
from backend.kit.redis.client import open_client
from tests.redis.waiting import until
from tests.watch.places import WATCH


class RedisServer:
    """On a Unix socket only: no port to clash with. What it answered survives being killed."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("redis-server") is None:
            raise RuntimeError("Redis is missing: apt-get install redis-server")
        self.url = f"unix://{folder}/redis.sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, empty: bool = False) -> None:
        """Start it, with what it knew or with nothing."""
        if empty:
            shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)
        self._process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self._folder / "redis.sock"),
             "--dir", str(self._folder), "--save", "", "--appendonly", "yes",
             "--logfile", str(self._folder / "log")]
        )  # fmt: skip

    def run(self) -> None:
        """Make sure that it runs, and is empty."""
        if self._process is None:
            self.start()
        while self._ask("ping") != b"PONG\n":
            time.sleep(0.02)
        self._ask("flushall")

    async def ready(self) -> None:
        """Wait until it answers."""

        async def answers() -> bool:
            return await asyncio.to_thread(self._ask, "ping") == b"PONG\n"

        await until(answers)

    def kill(self) -> None:
        """End it without a goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Have it take everything and answer nothing."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGCONT)

    def _ask(self, word: str) -> bytes:
        sock = str(self._folder / "redis.sock")
        return subprocess.run(
            ["redis-cli", "-s", sock, word], capture_output=True, check=False
        ).stdout


@pytest.fixture(scope="module")
def redis_folder() -> Iterator[Path]:
    # A short path of its own: a socket's path may not be longer than 107 bytes.
    folder = Path(f"/tmp/sosa-redis-{new_id()[-12:]}")  # noqa: S108
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def redis_process(redis_folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(redis_folder)
    server.start()
    yield server
    WATCH.house(redis_folder, ())
    server.kill()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> RedisServer:
    """It runs and is empty, whatever the test before did to it."""
    redis_process.run()
    return redis_process


@pytest.fixture
async def client(redis_server: RedisServer) -> AsyncIterator[Redis]:
    client = open_client(redis_server.url)
    yield client
    await client.aclose()
