"""The live door as processes of its own, as many as there are sockets to hold.

Each is a whole messaging service inside, on the rows and the Redis that all of them share: a
message sent through a socket is committed here and costs no further hop. What it lacks is the
service's HTTP, which stays with the processes of messaging.
"""

import asyncio
import signal
import socket

import uvloop

from backend.kit import logs
from backend.kit.settings import Settings
from backend.messaging.live.standalone import gateway_server
from backend.wiring import open_house

NAME = "gateway"
_SERVICE = "messaging"


def serve_gateway(settings: Settings, listener: socket.socket, greeting: str) -> None:
    """Hold sockets on a bound listener until told to stop; clients are then sent elsewhere."""
    logs.configure(settings.log_level)
    uvloop.run(_serve(settings, listener, greeting))


async def _serve(settings: Settings, listener: socket.socket, greeting: str) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    opening = open_house(settings, serve=[_SERVICE], is_migrating=False)
    async with opening as (house, _app):
        service, parts = house.services[_SERVICE], house.parts[_SERVICE]
        async with gateway_server(service, parts, listener):
            print(f"\n  {greeting}\n", flush=True)
            await stopped.wait()
