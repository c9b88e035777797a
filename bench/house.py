"""All services in one process without pages, with both live doors: what the hosts are compared on.

`python -m bench.house <port> <port of the door of its own>`, settings as usual. A line
`<room> <text>` on standard input is fanned out as it is, so that fan-out can be measured without
the append that comes before it.
"""

import asyncio
import signal
import socket
import sys
from dataclasses import replace

import uvicorn
import uvloop

from backend.kit import logs
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.ids import RoomId
from backend.kit.settings import Settings
from backend.messaging.live.ports import Fanout
from backend.messaging.live.standalone import gateway_server
from backend.messaging.live.wire import WireProtocol
from backend.wiring import open_house


async def main(port: int, door_port: int) -> None:
    """Serve until told to stop."""
    settings = replace(Settings.from_environment(), port=port)
    logs.configure("WARNING")
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with open_house(settings) as (house, app):
        messaging, parts = house.services["messaging"], house.parts["messaging"]
        async with gateway_server(messaging, parts, _bound(door_port)):
            server = uvicorn.Server(
                uvicorn.Config(
                    Edge(app, security_headers(settings.origin)),
                    lifespan="off",
                    ws=WireProtocol,
                    ws_per_message_deflate=False,
                    access_log=False,
                    log_config=None,
                    proxy_headers=False,
                )
            )
            server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.serve(sockets=[_bound(port)]))
                repeating = tasks.create_task(_repeat(messaging.fanout))
                await stopped.wait()
                repeating.cancel()
                server.should_exit = True


async def _repeat(fanout: Fanout) -> None:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        room, _, text = line.rstrip(b"\n").partition(b" ")
        await fanout.publish(RoomId(room.decode()), text)


def _bound(port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2_048)
    return listener


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
