"""The whole of SoSa in one process on one port: `python -m deploy.monolith`, or `make run`.

Reflex's own production start builds the pages anew each time and writes every request with its
query into the log, the client token among them. This one builds only what has changed and keeps no
access log (ADR-0008).
"""

import fcntl
import sys
from importlib import import_module
from pathlib import Path
from typing import TextIO

from reflex_base import constants
from reflex_base.environment import environment

from backend.kit.settings import SettingError, Settings
from deploy import CannotStartError
from deploy.building import build_pages
from deploy.caching import CacheControl
from deploy.origin import PublicScheme
from deploy.serving import listen, serve

APP = "sosa_app.sosa_app"


def main() -> int:
    """Build what is needed, serve until told to stop, and return an exit code."""
    try:
        settings = Settings.from_environment()
        with _claim(settings.data_dir), listen(settings.host, settings.port) as listener:
            # The port is taken before the pages are built, so that a taken one is known at once.
            _tell_reflex(build_pages())
            serve(
                lambda: _app(settings.origin), listener, f"SoSa is at {settings.origin}, come in."
            )
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


def _tell_reflex(pages: Path) -> None:
    # Internal to Reflex, for its own workers: the pages are built, serve them with the rest.
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_WEB_WORKDIR.set(pages)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)


def _app(origin: str) -> PublicScheme:
    # Imported late: the import reads what `_tell_reflex` has set.
    return PublicScheme(CacheControl(import_module(APP).app()), origin)


if __name__ == "__main__":
    sys.exit(main())
