"""A real server in the test's own loop, on a free port."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

OWN_PORTS = range(20_000, 32_000)
"""Below those that Linux hands out (net.ipv4.ip_local_port_range begins at 32768)."""


class _PromptServer(uvicorn.Server):
    """Looks often whether it should stop: a tenth of a second for each test is half a minute."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:  # noqa: ASYNC110 - uvicorn has a flag and no event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket | None = None) -> AsyncGenerator[str]:
    """Serve the app; yields its base URL."""
    listener = listener or free_socket()
    port: int = listener.getsockname()[1]
    server = _PromptServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            # As the product does: who called is for `network_of` to say.
            proxy_headers=False,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
    )
    server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.005)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def free_socket() -> socket.socket:
    """A bound socket on a free port, so that the port is known before the app is built."""
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer takes 40 ms longer.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


def free_port() -> int:
    """A port that was free a moment ago, for a process that binds it itself.

    Of those that the kernel gives to nobody who does not name them: seconds may pass until the
    process is there, and meanwhile others of the tests open sockets by the hundred.
    """
    while True:
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
