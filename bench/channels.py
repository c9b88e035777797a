"""What fan-out from one gateway to another costs through Redis.

Frames of a room are told by one and heard by the other with the product's own fan-out: in order,
each held against the log, kept for whoever joins. Beside it the same bytes go through bare Redis
pub/sub, in turns. Both gateways are in this process, on connections of their own, so that its CPU
is that of both.
"""

import argparse
import asyncio
import itertools
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from backend.kit.clock import SystemClock
from backend.kit.database import Database
from backend.kit.endings import end
from backend.kit.events import Bus
from backend.kit.ids import MessageId, RoomId, UserId, new_id
from backend.kit.redis.client import open_client
from backend.kit.redis.parts import InRedis
from backend.kit.tokens.revocations import Revocations
from backend.messaging.contract import Message, RoomEvent
from backend.messaging.live import frames
from backend.messaging.service.log import RoomLog
from backend.messaging.service.ring import Ring, Rings
from backend.messaging.service.shared_fanout import SharedFanout

TURNS = 5
AT_ONCE = 200
"""Frames that go out before the first is waited for, where throughput is measured."""
ROOM, EPOCH = RoomId("general"), new_id()
TEXT = "about as much as people say at once, which is a line of text or so"

Tell = Callable[[list[bytes]], Awaitable[None]]
Hear = Callable[[bytes], None]


@dataclass
class Measured:
    """What one way took."""

    seconds: list[float] = field(default_factory=list[float])
    """From the telling to the hearing, one frame at a time."""
    cpu_seconds: float = 0.0
    rates: list[float] = field(default_factory=list[float])
    """Frames a second, so many at once; a figure for each turn."""


class Ear:
    """Counts what is heard."""

    def __init__(self) -> None:
        self.missing = 0
        self._heard = asyncio.Event()

    def hear(self, _frame: bytes) -> None:
        self.missing -= 1
        if not self.missing:
            self._heard.set()

    async def after(self, telling: Awaitable[None], count: int) -> float:
        """Seconds until so many were heard."""
        self.missing = count
        self._heard.clear()
        started = time.perf_counter()
        await telling
        async with asyncio.timeout(30):
            await self._heard.wait()
        return time.perf_counter() - started


async def measure(tell: Tell, ear: Ear, log: "Log", count: int, measured: Measured) -> None:
    """Tell so many frames one by one, and so many again at once."""
    before = time.process_time()
    for _ in range(count):
        measured.seconds.append(await ear.after(tell(log.frames(1)), 1))
    measured.cpu_seconds += time.process_time() - before
    for _ in range(count // AT_ONCE):
        measured.rates.append(AT_ONCE / await ear.after(tell(log.frames(AT_ONCE)), AT_ONCE))


class Log:
    """Frames of a room, each with the next place in its log."""

    def __init__(self) -> None:
        self._seqs = itertools.count(1)

    def frames(self, count: int) -> list[bytes]:
        """The next ones."""
        return [self._frame(seq) for seq in itertools.islice(self._seqs, count)]

    def _frame(self, seq: int) -> bytes:
        message = Message(
            id=MessageId(new_id()),
            client_id=new_id(),
            author_id=UserId(new_id()),
            text=TEXT,
            sent_at=datetime.now(UTC),
            seq=seq,
        )
        event = RoomEvent(seq=seq, kind="posted", message=message)
        return next(iter(frames.events(ROOM, EPOCH, [event])))


@asynccontextmanager
async def gateways(url: str, folder: Path, hear: Hear) -> AsyncGenerator[Tell]:
    """Two of them; the first tells, somebody at the second hears."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'rows.db'}")
    clock = SystemClock()
    near, far = (InRedis(url, clock, Bus(), Revocations(clock)) for _ in range(2))
    async with near.running(), far.running():
        rings = [Rings(), Rings()]
        telling, hearing = (
            SharedFanout(side.together.channels, RoomLog(database, own), own)
            for side, own in zip((near, far), rings, strict=True)
        )
        await hearing.subscribe(ROOM, lambda _room, frame: hear(frame))
        # Whoever joined stands at the beginning of the log.
        hearing.stand(ROOM, Ring(EPOCH, 0, ()))

        async def tell(said: list[bytes]) -> None:
            for frame in said:
                await telling.publish(ROOM, frame)

        yield tell
        await telling.close()
        await hearing.close()
    await database.close()


@asynccontextmanager
async def bare(url: str, hear: Hear) -> AsyncGenerator[Tell]:
    """Two connections of the Redis library, and nothing else."""
    # The library's types stop at its doors.
    telling: Any = open_client(url)
    hearing: Any = open_client(url, silence_seconds=60)
    pubsub = hearing.pubsub()
    await pubsub.subscribe("bare")

    async def listen() -> None:
        async for said in pubsub.listen():
            if said["type"] == "message":
                hear(said["data"])

    async def tell(said: list[bytes]) -> None:
        pipeline = telling.pipeline(transaction=False)
        for frame in said:
            pipeline.publish("bare", frame)
        await pipeline.execute()

    listening = asyncio.create_task(listen())
    yield tell
    await end(listening)
    await pubsub.aclose()
    await telling.aclose()
    await hearing.aclose()


@asynccontextmanager
async def redis(folder: Path) -> AsyncGenerator[str]:
    """A Redis server of its own; yields its URL."""
    path = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", ""]
    server = await asyncio.create_subprocess_exec(*command, "--logfile", str(folder / "log"))
    try:
        while not path.exists():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        yield f"unix://{path}"
    finally:
        server.terminate()
        await server.wait()


async def compare(count: int) -> None:
    """Measure both in turns and print the figures."""
    with tempfile.TemporaryDirectory(prefix="sosa-") as name:
        folder, ears, logs = Path(name), (Ear(), Ear()), (Log(), Log())
        async with (
            redis(folder) as url,
            gateways(url, folder, ears[0].hear) as ours,
            bare(url, ears[1].hear) as theirs,
        ):
            rows = {"gateway to gateway": Measured(), "bare Redis pub/sub": Measured()}
            ways = list(zip((ours, theirs), ears, logs, rows.values(), strict=True))
            for tell, ear, log, _ in ways:
                await measure(tell, ear, log, AT_ONCE, Measured())
            for _ in range(TURNS):
                for tell, ear, log, row in ways:
                    await measure(tell, ear, log, count // TURNS, row)
    _report(rows)


def _report(rows: dict[str, Measured]) -> None:
    figures = {name: _figures(row) for name, row in rows.items()}
    floor = list(figures.values())[-1]
    titles = ("p50 us", "p99 us", "CPU us", f"{AT_ONCE} at once /s")
    print(f"{'through Redis':24}" + "".join(f"{title:>15}" for title in titles))
    for name, own in figures.items():
        print(f"{name:24}" + "".join(f"{figure:15,.0f}" for figure in own))
    ratios = [ours / least for ours, least in zip(next(iter(figures.values())), floor, strict=True)]
    print(f"{'ratio':24}" + "".join(f"{ratio:15.2f}" for ratio in ratios))


def _figures(row: Measured) -> tuple[float, ...]:
    p50, p99 = (statistics.quantiles(row.seconds, n=100)[at] for at in (49, 98))
    cpu = row.cpu_seconds / len(row.seconds)
    return p50 * 1e6, p99 * 1e6, cpu * 1e6, statistics.median(row.rates)


def main() -> None:
    """Read the options and run."""
    if not shutil.which("redis-server"):
        sys.exit("Redis is missing: apt-get install redis-server")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=3_000, help="each way, twice")
    uvloop.run(compare(parser.parse_args().frames))


if __name__ == "__main__":
    main()
