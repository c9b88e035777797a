"""How many people sign in a second, beside how many passwords could be hashed at best.

Whole sign-ins over HTTP, from the device secret to the sealed tokens: a beginning, a proof, the
password, a device and a session. Beside them argon2id verifies the same password with the same
parameters on as many threads as the house has, and does nothing else, in turns. Devices and house
share the process, so what a browser does for itself is in the figures too.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from backend.auth.service.passwords import new_hasher
from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.device import PASSWORD

TURNS = 5
AT_ONCE = 8
MEMBERS = 40
SCALE = 1e9
FLOOR = "argon2id alone"

Try = Callable[[], Awaitable[object]]


@dataclass
class Measured:
    """What tries of one kind took."""

    seconds: list[float] = field(default_factory=list[float])
    """Each, one after the other."""
    rates: list[float] = field(default_factory=list[float])
    """So many at once: how many a second, for each turn."""
    cpu_seconds: float = 0.0
    """Of all of them."""
    count: int = 0


async def compare(tries: int) -> None:
    """Measure both in turns and print the figures."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as workers:
        # A clock that stands still keeps every limit and every proof where it is.
        async with auth_house(Path(folder), ManualClock(), scale=SCALE) as house:
            for number in range(MEMBERS):
                await house.member(f"member-{number}")
            kinds = {"sign-in": _signing_in(house), FLOOR: _hashing(workers)}
            rows = {name: Measured() for name in kinds}
            for _ in range(TURNS):
                for name, kind in kinds.items():
                    await _measure(kind, max(tries // TURNS, AT_ONCE), rows[name])
    _report(rows)


def _signing_in(house: AuthHouse) -> Try:
    turn = iter(range(1_000_000))

    async def sign_in() -> None:
        # By turns: twenty sessions of one member end the oldest, which is work of another kind.
        await house.device().sign_in(f"member-{next(turn) % MEMBERS}")

    return sign_in


def _hashing(workers: ThreadPoolExecutor) -> Try:
    hasher = new_hasher()
    hashed = hasher.hash(PASSWORD)

    async def verify() -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(workers, hasher.verify, hashed, PASSWORD)

    return verify


async def _measure(kind: Try, count: int, measured: Measured) -> None:
    before = time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        await kind()
        measured.seconds.append(time.perf_counter() - started)

    async def some() -> None:
        for _ in range(count // AT_ONCE):
            await kind()

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    together = count // AT_ONCE * AT_ONCE
    measured.rates.append(together / (time.perf_counter() - started))
    measured.cpu_seconds += time.process_time() - before
    measured.count += count + together


def _report(rows: dict[str, Measured]) -> None:
    floor = rows[FLOOR]
    titles = ("tries", "p50 ms", "p99 ms", "CPU ms", f"{AT_ONCE} at once /s")
    print(f"{'':16}" + "".join(f"{title:>15}" for title in titles))
    for name, row in rows.items():
        p50, p99 = statistics.median(row.seconds), statistics.quantiles(row.seconds, n=100)[98]
        figures = (p50 * 1e3, p99 * 1e3, row.cpu_seconds / row.count * 1e3)
        print(f"{name:16}{row.count:15}" + "".join(f"{figure:15.1f}" for figure in figures), end="")
        print(f"{statistics.median(row.rates):15.1f}")
    row = rows["sign-in"]
    p50 = statistics.median(row.seconds) / statistics.median(floor.seconds)
    cpu = (row.cpu_seconds / row.count) / (floor.cpu_seconds / floor.count)
    rate = statistics.median(row.rates) / statistics.median(floor.rates)
    print(f"{'ratio':16}{'':15}{p50:15.2f}{'':15}{cpu:15.2f}{rate:15.2f}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=250, help="one by one; as many at once")
    uvloop.run(compare(parser.parse_args().tries))


if __name__ == "__main__":
    main()
