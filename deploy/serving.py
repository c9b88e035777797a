"""What the server processes of the house have in common: where they listen, and how they serve."""

import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from backend.messaging.live.wire import WireProtocol
from deploy import CannotStartError

MAX_FRAME_BYTES = 1024 * 1024
GRACE_SECONDS = 3
"""How long open requests may go on after SIGTERM. Sockets are closed at once: they resume."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port. Raises CannotStartError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bound(socket.socket(family, kind, protocol), address)
    except OSError as error:
        raise CannotStartError(
            f"SoSa cannot listen on {host}:{port} ({error.strerror}). "
            "Choose another port with SOSA_PORT, or another address with SOSA_HOST."
        ) from error


def listen_at(path: Path) -> socket.socket:
    """Take a Unix socket. Who may connect is up to its folder. Raises CannotStartError."""
    try:
        # What a process that was killed left behind is in the way.
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        listener = _bound(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), str(path))
        path.chmod(0o660)
    except OSError as error:
        raise CannotStartError(f"SoSa cannot listen at {path} ({error.strerror}).") from error
    return listener


def serve(app: Callable[[], ASGIApp], listener: socket.socket, greeting: str) -> None:
    """Serve until told to stop. Raises CannotStartError when it cannot even begin."""
    config = uvicorn.Config(
        app,
        factory=True,
        loop="uvloop",
        ws=WireProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        # Chat frames are short: compressing each costs more than it saves, in memory above all.
        ws_per_message_deflate=False,
        # The URL of Reflex's socket holds the client token, which opens the visitor's state.
        access_log=False,
        # The house sets up the logs when it opens (backend.kit.logs), for libraries too.
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
        # The proof of a request names its address; a stranger's headers must not change it.
        proxy_headers=False,
        server_header=False,
    )
    server = _Server(config, greeting)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    server.run(sockets=[listener])
    if not server.started:
        raise CannotStartError("SoSa could not start. The lines above say why.")


def _bound(listener: socket.socket, address: Any) -> socket.socket:  # noqa: ANN401 - of any family
    try:
        # A restart must not wait a minute for the connections of the one before.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _stay(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: uvicorn has stopped already when it raises the signal again, and all is well."""


class _Server(uvicorn.Server):
    """Says where it is once it serves."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            print(f"\n  {self._greeting}\n", flush=True)
