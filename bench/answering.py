"""A process that answers calls: community on what the kit makes of its contract, and a bare server.

`python -m bench.answering <folder>` listens at `kit.sock` and `bare.sock` in the folder and makes
a file `ready`.
"""

import asyncio
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.community.contract import (
    AccessList,
    Communities,
    CommunityList,
    GetAccess,
    ListCommunities,
    RoomAccess,
)
from backend.kit import logs
from backend.kit.callers import Member, Service
from backend.kit.clock import SystemClock
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.http.routes import routes
from backend.kit.ids import RoomId
from backend.kit.settings import Settings
from backend.wiring.app import app_of
from backend.wiring.house import House

PATH = "/internal/community/v1/access"
REQUEST = b'{"user_id":"somebody","room_ids":["general"]}'
KNOWN = AccessList(rooms=(RoomAccess(room_id=RoomId("general"), can_post=True),))
ANSWER = msgspec.json.encode({"response": KNOWN, "status": "success"})


class Answering(Communities):
    """Knows the answer."""

    async def list_communities(self, caller: Member, request: ListCommunities) -> CommunityList:
        raise NotImplementedError

    async def get_access(self, caller: Service, request: GetAccess) -> AccessList:  # noqa: ARG002
        return KNOWN


async def main(folder: Path) -> None:
    """Answer until told to stop."""
    logs.configure("WARNING")
    settings = replace(Settings(), data_dir=folder)
    house = House(settings, SystemClock())
    made = house.assemble("community")
    served = routes(made.contract, Answering(), origin=settings.origin, guards=made.guards)
    kit = Edge(app_of([*served]), security_headers(settings.origin))
    servers = [_server(kit), _server(_bare)]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with asyncio.TaskGroup() as tasks:
        for server, name in zip(servers, ("kit", "bare"), strict=True):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(folder / f"{name}.sock"))
            tasks.create_task(server.serve(sockets=[listener]))
        while not all(server.started for server in servers):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        (folder / "ready").touch()
        await stopped.wait()
        for server in servers:
            server.should_exit = True
    await house.close()


def _server(app: ASGIApp) -> uvicorn.Server:
    server = uvicorn.Server(
        uvicorn.Config(app, lifespan="off", access_log=False, log_config=None, proxy_headers=False)
    )
    server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
    return server


async def _bare(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
