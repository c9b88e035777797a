"""What a connection that only waits costs in memory: authenticated, in one room, silent."""

import argparse
import asyncio
from contextlib import AbstractAsyncContextManager

import uvloop

from bench.hosts import HOSTS, hosted_room
from bench.rooms import Room, bare_room, resident_bytes

SETTLE_SECONDS = 2.0


async def measure(opening: AbstractAsyncContextManager[Room], count: int) -> None:
    """Open the connections, wait until all is still, and print what they hold."""
    async with opening as room:
        await asyncio.sleep(SETTLE_SECONDS)
        held = resident_bytes(room.pid) - room.empty_bytes
        print(f"{room.name:20}{count:7} connections{held / count / 1024:9.1f} KiB each")


async def compare(count: int, hosts: list[str]) -> None:
    """Measure each host and the bare server, one after the other."""
    for host in hosts:
        await measure(hosted_room(host, count), count)
    await measure(bare_room(count), count)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2_000)
    parser.add_argument("--host", choices=HOSTS, action="append", help="both unless told")
    options = parser.parse_args()
    uvloop.run(compare(options.connections, options.host or list(HOSTS)))


if __name__ == "__main__":
    main()
