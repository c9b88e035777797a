"""The whole of SoSa in one process on one port: `python -m deploy.monolith`, or `make run`.

Reflex's own production start builds the pages anew each time and writes every request with its
query into the log, the client token among them. This one builds only what has changed and keeps no
access log (ADR-0008).
"""

import fcntl
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TextIO

import uvicorn
from reflex_base import constants
from reflex_base.environment import environment

from backend.kit.settings import SettingError, Settings
from backend.messaging.live.wire import WireProtocol
from deploy import CannotStartError
from deploy.building import build_pages
from deploy.caching import CacheControl

APP = "sosa_app.sosa_app"
MAX_FRAME_BYTES = 1024 * 1024
GRACE_SECONDS = 3
"""How long open requests may go on after SIGTERM. Sockets are closed at once: they resume."""


def main() -> int:
    """Build what is needed, serve until told to stop, and return an exit code."""
    try:
        settings = Settings.from_environment()
        with _claim(settings.data_dir), _listen(settings.host, settings.port) as listener:
            _serve(listener, build_pages(), settings.origin)
    except (SettingError, CannotStartError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _claim(data_dir: Path) -> TextIO:
    """Make the data folder and hold it until the file is closed.

    Two monoliths on one folder would each fan out to their own members only, and nobody would
    notice but the people who miss half of a conversation.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("w")
    except OSError as error:
        raise CannotStartError(
            f"SoSa cannot write to its data folder {data_dir} ({error.strerror}). "
            "Give it one with SOSA_DATA_DIR."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStartError(
            f"Another SoSa is running on the data folder {data_dir}. "
            "Stop it, or give this one a folder of its own with SOSA_DATA_DIR."
        ) from error
    return lock


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before the pages are built, so that a taken one is known at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bind(socket.socket(family, kind, protocol), address)
    except OSError as error:
        raise CannotStartError(
            f"SoSa cannot listen on {host}:{port} ({error.strerror}). "
            "Choose another port with SOSA_PORT, or another address with SOSA_HOST."
        ) from error


def _bind(listener: socket.socket, address: tuple[str | int | bytes, ...]) -> socket.socket:
    try:
        # A restart must not wait a minute for the connections of the one before.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _serve(listener: socket.socket, pages: Path, origin: str) -> None:
    _tell_reflex(pages)
    config = uvicorn.Config(
        _app,
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
    server = _Server(config, origin)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stay)
    server.run(sockets=[listener])
    if not server.started:
        raise CannotStartError("SoSa could not start. The lines above say why.")


def _stay(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: uvicorn has stopped already when it raises the signal again, and all is well."""


class _Server(uvicorn.Server):
    """Says where it is once it serves."""

    def __init__(self, config: uvicorn.Config, origin: str) -> None:
        super().__init__(config)
        self._origin = origin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            print(f"\n  SoSa is at {self._origin}, come in.\n", flush=True)


def _tell_reflex(pages: Path) -> None:
    # Internal to Reflex, for its own workers: the pages are built, serve them with the rest.
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_WEB_WORKDIR.set(pages)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)


def _app() -> CacheControl:
    # Imported late: the import reads what `_tell_reflex` has set.
    return CacheControl(import_module(APP).app())


if __name__ == "__main__":
    sys.exit(main())
