"""Files in a folder of ours.

    incoming/<id>               what was put, until it is finished
    kept/<xx>/<id>/<variant>    what may be shown; xx are the last letters of the id
    work/<random>/              where one file is being worked on

Names are ids and variants, never what somebody called their file: so no name can point elsewhere.
Several processes may use one folder. Whatever appears in it appears whole, by `rename`.
"""

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from backend.kit.ids import FileId
from backend.messaging.contract.files import VARIANTS, FileTooLargeError, UploadIncompleteError
from backend.messaging.media.store import Print, Served, Way

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHUNK_BYTES = 256 * 1024
"""Bytes that are gathered before another thread writes them: a hop costs more than small writes."""
STALE_SECONDS = 3_600
"""What has been in work for so long was left behind by a process that was killed."""


class DiskStore:
    """A folder of the house's own, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._incoming, self._kept, self._work = (
            folder / name for name in ("incoming", "kept", "work")
        )

    async def way_in(self, file_id: FileId, size: int, seconds: int) -> Way | None:  # noqa: ARG002
        return None

    async def receive(self, file_id: FileId, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Take exactly `size` bytes as they come. They are never in memory as a whole.

        Raises FileTooLargeError as soon as there are more, and UploadIncompleteError for fewer;
        then nothing of them is kept.
        """
        draft = await asyncio.to_thread(self._begin, file_id)
        try:
            await _pour(draft, size, chunks)
            await asyncio.to_thread(draft.replace, self._raw(file_id))
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)

    async def measure(self, file_id: FileId) -> int:
        return (await asyncio.to_thread(self._raw(file_id).stat)).st_size

    @asynccontextmanager
    async def fetching(self, file_id: FileId) -> AsyncGenerator[Path]:
        folder = await asyncio.to_thread(self._work_on, file_id)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def keep(self, file_id: FileId, prints: Sequence[Print]) -> None:
        await asyncio.to_thread(self._keep, file_id, prints)

    async def way_out(self, file_id: FileId, variant: str, served: Served) -> Path | str:  # noqa: ARG002
        path = self._place(file_id) / _known(variant)
        await asyncio.to_thread(path.stat)
        return path

    async def drop(self, file_id: FileId) -> None:
        await asyncio.to_thread(self._drop, file_id)

    async def tidy(self) -> None:
        """Remove what processes that were killed left behind."""
        await asyncio.to_thread(self._tidy, time.time() - STALE_SECONDS)

    def _begin(self, file_id: FileId) -> Path:
        self._raw(file_id)
        _make(self._work)
        handle, name = tempfile.mkstemp(dir=self._work)
        os.close(handle)
        return Path(name)

    def _work_on(self, file_id: FileId) -> Path:
        _make(self._work)
        folder = Path(tempfile.mkdtemp(dir=self._work))
        try:
            # A second name and not another place: whoever is cut short here may begin again.
            os.link(self._raw(file_id), folder / "raw")
        except FileNotFoundError:
            folder.rmdir()
            raise
        return folder

    def _keep(self, file_id: FileId, prints: Sequence[Print]) -> None:
        place = self._place(file_id)
        _make(place)
        for item in prints:
            with item.path.open("rb") as opened:
                os.fsync(opened.fileno())
            item.path.chmod(0o600)
            item.path.replace(place / _known(item.variant))
        _sync(place)
        self._raw(file_id).unlink(missing_ok=True)

    def _drop(self, file_id: FileId) -> None:
        self._raw(file_id).unlink(missing_ok=True)
        shutil.rmtree(self._place(file_id), ignore_errors=True)

    def _tidy(self, before: float) -> None:
        if not self._work.is_dir():
            return
        for entry in self._work.iterdir():
            if entry.stat().st_mtime > before:
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def _raw(self, file_id: FileId) -> Path:
        _make(self._incoming)
        return self._incoming / _checked(file_id)

    def _place(self, file_id: FileId) -> Path:
        # The last letters are random, the first are the time: no folder gets all of a day.
        return self._kept / file_id[-2:] / _checked(file_id)


async def _pour(draft: Path, size: int, chunks: AsyncIterator[bytes]) -> None:
    taken, waiting = 0, bytearray()
    with draft.open("wb", buffering=0) as file:
        async for chunk in chunks:
            taken += len(chunk)
            if taken > size:
                raise FileTooLargeError("That is more than this file was said to be.")
            waiting += chunk
            if len(waiting) >= CHUNK_BYTES:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        if taken < size:
            raise UploadIncompleteError("The end of it is missing. Shall we try again?")
        await asyncio.to_thread(file.write, bytes(waiting))


def _checked(file_id: FileId) -> str:
    # The ids are our own and looked up before. This is the last wall: an id is the name of a file
    # here, and one with a slash in it would be the name of any file.
    if not _ID.fullmatch(file_id):
        raise FileNotFoundError(file_id)
    return file_id


def _known(variant: str) -> str:
    if variant not in VARIANTS:
        raise FileNotFoundError(variant)
    return variant


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
