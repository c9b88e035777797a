"""The yardstick: a server that only broadcasts, on the `websockets` library and uvloop."""

import asyncio
import contextlib
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed


async def main(port: int) -> None:
    """Repeat whatever anyone says to everyone, until killed."""
    everyone: set[ServerConnection] = set()

    async def repeat(connection: ServerConnection) -> None:
        everyone.add(connection)
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                broadcast(everyone, message)
        everyone.discard(connection)

    async with serve(repeat, "127.0.0.1", port, compression=None):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
