"""How long a message takes to the last of many, and what each delivery costs.

Real members in a room of the real product, next to a bare broadcast server in the same run: the
two are measured in turns, so that whatever else the machine does happens to both.
"""

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass, field, replace

import uvloop

from bench.hosts import HOSTS, hosted_room
from bench.rooms import Room, bare_room, product_room

TURNS = 6
WARM_UP = 10
MARK = b"a bench message"


@dataclass
class Measured:
    """What one room took."""

    seconds: list[float] = field(default_factory=list[float])
    """From the send to the last receiver, for each message."""
    cpu_seconds: float = 0.0
    frame_bytes: int = 0

    def percentile(self, percent: int) -> float:
        """Milliseconds to the last receiver."""
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1_000

    def cpu_per_delivery(self, receivers: int) -> float:
        """Microseconds of the server's CPU for each message and receiver."""
        return self.cpu_seconds / (len(self.seconds) * receivers) * 1_000_000


async def measure(room: Room, text: str, messages: int, measured: Measured) -> None:
    """Say so many messages, each when the last one has reached everybody."""
    arrived = asyncio.Event()
    missing = 0
    last = 0.0

    def on_frame(payload: bytes, now: float) -> None:
        nonlocal missing, last
        if MARK in payload:
            missing -= 1
            last = now
            measured.frame_bytes = len(payload)
            if not missing:
                arrived.set()

    for receiver in room.receivers:
        receiver.on_frame = on_frame
    before = room.cpu_seconds()
    for _ in range(messages):
        missing = len(room.receivers)
        arrived.clear()
        started = time.perf_counter()
        room.say(text)
        await asyncio.wait_for(arrived.wait(), 30)
        measured.seconds.append(last - started)
    measured.cpu_seconds += room.cpu_seconds() - before


async def compare(host: str, receivers: int, messages: int) -> None:
    """Measure the rooms in turns and print the figures."""
    text = MARK.decode() + " of a usual length, about as much as people say at once"
    opening = product_room(receivers) if host == "monolith" else hosted_room(host, receivers)
    async with opening as house, bare_room(receivers) as yardstick:
        await measure(house, text, WARM_UP, warm := Measured())
        same_size = text.ljust(warm.frame_bytes, ".")
        rooms = [(house, text), *_alone(house, same_size), (yardstick, same_size)]
        rows = {room.name: Measured() for room, _ in rooms}
        for _ in range(TURNS):
            for room, said in rooms:
                await measure(room, said, messages // TURNS, rows[room.name])
    _report(receivers, rows, yardstick.name)


def _alone(house: Room, text: str) -> list[tuple[Room, str]]:
    if house.publish is None:
        return []
    return [(replace(house, name=f"{house.name}, fan-out", say=house.publish), text)]


def _report(receivers: int, rows: dict[str, Measured], yardstick: str) -> None:
    bare = rows[yardstick]
    print(f"{receivers} receivers, {len(bare.seconds)} messages each, {bare.frame_bytes} bytes")
    print(f"{'':28}{'p50 ms':>9}{'p99 ms':>9}{'CPU us per delivery':>22}")
    floor = _figures(bare, receivers)
    for name, row in rows.items():
        figures = _figures(row, receivers)
        ratios = [figure / least for figure, least in zip(figures, floor, strict=True)]
        print("{:28}{:9.2f}{:9.2f}{:22.1f}".format(name, *figures))
        print("{:>28}{:9.2f}{:9.2f}{:22.2f}".format("ratio", *ratios))


def _figures(row: Measured, receivers: int) -> tuple[float, float, float]:
    return row.percentile(50), row.percentile(99), row.cpu_per_delivery(receivers)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=200, help="members in the room")
    parser.add_argument("--messages", type=int, default=300, help="messages to each room")
    parser.add_argument(
        "--host",
        choices=("monolith", *HOSTS),
        default="monolith",
        help="the real product, or its services alone behind one host of the live door",
    )
    options = parser.parse_args()
    uvloop.run(compare(options.host, options.receivers, options.messages))


if __name__ == "__main__":
    main()
