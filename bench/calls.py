"""What a call from one service to another costs: direct, by value, and over a Unix socket.

Messaging asks community for a member's access, as for every message: a token of its own on each
request, checked at the other end. The answer is ready, so that the call alone is measured. Beside
it a bare aiohttp client asks a bare uvicorn for the same bytes, in turns.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import uvloop

from backend.community.contract import Communities, GetAccess
from backend.kit.callers import Service
from backend.kit.clock import SystemClock
from backend.kit.ids import RoomId, UserId
from backend.kit.local import local
from backend.kit.settings import Settings
from backend.wiring.house import House
from bench.answering import ANSWER, PATH, REQUEST, Answering
from bench.rooms import cpu_seconds

TURNS = 5
AT_ONCE = 32
WARM_UP = 200
START_SECONDS = 30
BARE = "bare aiohttp, uvicorn"
MESSAGING = Service(name="messaging")

Call = Callable[[], Awaitable[object]]


@dataclass
class Measured:
    """What calls of one kind took."""

    seconds: list[float] = field(default_factory=list[float])
    """Each call, one after the other."""
    together: list[float] = field(default_factory=list[float])
    """Calls a second, so many at once; a figure for each turn."""
    cpu_seconds: float = 0.0
    """Of both ends, for the calls in `seconds`."""


async def measure(call: Call, count: int, pid: int, measured: Measured) -> None:
    """Call so many times in a row, and so many again with others on the way."""
    before = time.process_time() + cpu_seconds(pid)
    for _ in range(count):
        started = time.perf_counter()
        await call()
        measured.seconds.append(time.perf_counter() - started)
    measured.cpu_seconds += time.process_time() + cpu_seconds(pid) - before

    async def some() -> None:
        for _ in range(count // AT_ONCE):
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    took = time.perf_counter() - started
    measured.together.append(count // AT_ONCE * AT_ONCE / took)


async def compare(count: int) -> None:
    """Measure all kinds in turns and print the figures."""
    with tempfile.TemporaryDirectory(prefix="sosa-") as folder:
        async with answering(Path(folder)) as pid, calls(Path(folder)) as kinds:
            rows = {name: Measured() for name in kinds}
            for call in kinds.values():
                await measure(call, WARM_UP, pid, Measured())
            for _ in range(TURNS):
                for name, call in kinds.items():
                    await measure(call, count // TURNS, pid, rows[name])
    _report(rows)


@asynccontextmanager
async def calls(folder: Path) -> AsyncGenerator[dict[str, Call]]:
    """The same call, each way."""
    settings = replace(Settings(), data_dir=folder, community_url=f"unix:{folder / 'kit.sock'}")
    house = House(settings, SystemClock())
    direct = Answering()
    near = local(Communities, direct, identity="messaging")
    far = house.peers("messaging").community
    connector = aiohttp.UnixConnector(path=str(folder / "bare.sock"))
    async with aiohttp.ClientSession(connector=connector) as session:

        async def bare() -> None:
            async with session.post(f"http://unix{PATH}", data=REQUEST) as reply:
                if await reply.read() != ANSWER:
                    raise RuntimeError("the yardstick is crooked")

        yield {
            "direct": lambda: direct.get_access(MESSAGING, request()),
            "by value": lambda: near.get_access(MESSAGING, request()),
            "Unix socket": lambda: far.get_access(MESSAGING, request()),
            BARE: bare,
        }
    await house.close()


def request() -> GetAccess:
    """What messaging asks before it takes a message."""
    return GetAccess(user_id=UserId("somebody"), room_ids=(RoomId("general"),))


@asynccontextmanager
async def answering(folder: Path) -> AsyncGenerator[int]:
    """A process that answers at both sockets; yields its id."""
    # Whoever opens the keys first makes them.
    await House(replace(Settings(), data_dir=folder), SystemClock()).close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.answering", str(folder)
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not (folder / "ready").exists():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def _report(rows: dict[str, Measured]) -> None:
    bare = rows[BARE]
    titles = ("p50 us", "p99 us", "CPU us", "p50 ratio", "CPU ratio", f"{AT_ONCE} at once /s")
    print(f"{'a call':24}" + "".join(f"{title:>15}" for title in titles))
    for name, row in rows.items():
        p50, bare_p50 = statistics.median(row.seconds), statistics.median(bare.seconds)
        p99 = statistics.quantiles(row.seconds, n=100)[98]
        cpu = row.cpu_seconds / len(row.seconds)
        figures = (p50 * 1e6, p99 * 1e6, cpu * 1e6, p50 / bare_p50)
        print(f"{name:24}" + "".join(f"{figure:15.3g}" for figure in figures), end="")
        rate = statistics.median(row.together)
        print(f"{row.cpu_seconds / bare.cpu_seconds:15.3g}{rate:15,.0f}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3_000, help="of each kind, twice")
    uvloop.run(compare(parser.parse_args().calls))


if __name__ == "__main__":
    main()
