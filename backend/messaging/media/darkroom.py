"""Where files are looked at: a process for each, a few at a time."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from backend.kit.errors import UnavailableError
from backend.kit.http import context
from backend.kit.settings import bare_environment

AT_ONCE = 2
"""Pictures that are being developed; others wait their turn, and those who chat do not notice."""
MARGIN_SECONDS = 1.0
_PROGRAM = "backend.messaging.media.developing"

_log = structlog.get_logger("sosa.media")


class Developed(msgspec.Struct, frozen=True):
    """What was found and made; the words of `developing.Found`."""

    kind: Literal["picture", "file", "broken", "too_big"]
    media_type: str
    width: int | None
    height: int | None
    is_moving: bool
    placeholder: str
    variants: tuple[str, ...]


_TOO_BIG = Developed("too_big", "", None, None, is_moving=False, placeholder="", variants=())
_BROKEN = Developed("broken", "", None, None, is_moving=False, placeholder="", variants=())


class Darkroom:
    """Develops pictures, AT_ONCE at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def develop(self, folder: Path) -> Developed:
        """What is in `raw`, with the variants of a picture beside it. Raises UnavailableError."""
        try:
            async with asyncio.timeout(context.seconds_left() - MARGIN_SECONDS), self._turn:
                return await _run(folder)
        except TimeoutError:
            raise UnavailableError(
                "Everyone is showing pictures at once. Yours is kept: try again in a moment."
            ) from None


async def _run(folder: Path) -> Developed:
    # Nothing of our environment goes along: keys and passwords are in it.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        _PROGRAM,
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**bare_environment(), "PYTHONPATH": _our_path()},
    )
    try:
        said, wrong = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    code = await process.wait()
    if code == 0:
        return msgspec.json.decode(said, type=Developed)
    # Ended by one of its limits, or by a decoder that broke: an upload is never worth more.
    _log.warning("picture_not_developed", code=code, said=wrong[-300:].decode("latin-1"))
    return _TOO_BIG if code < 0 else _BROKEN


def _our_path() -> str:
    # Where we are imported from, which may be said relative to where we stand; it stands elsewhere.
    return os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
