"""Files on their way in: begun, put, finished; described and dropped until a message holds them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backend.kit.callers import Member
from backend.kit.clock import Clock, utc
from backend.kit.database import Database
from backend.kit.errors import NotFoundError
from backend.kit.ids import FileId
from backend.kit.tokens.revocations import Revocations
from backend.kit.values import NOTHING, Nothing
from backend.messaging.contract.files import (
    BeginUploads,
    DescribeFile,
    DropFile,
    File,
    FinishUpload,
    PictureTooBigError,
    UnreadablePictureError,
    Upload,
    UploadIncompleteError,
    Uploads,
)
from backend.messaging.media.darkroom import Darkroom, Developed
from backend.messaging.media.disk import DiskStore
from backend.messaging.media.links import UPLOAD, UPLOAD_SECONDS, Links
from backend.messaging.media.naming import with_ending
from backend.messaging.media.store import OCTETS, MediaStore, Print
from backend.messaging.service.beginning_files import begin_once, check_size, is_claimed_picture
from backend.messaging.service.file_rows import BEGUN, DROPPED, READY, REFUSED, to_file
from backend.messaging.service.tables import FILES

KEEP_READY = timedelta(hours=24)
"""How long a finished file waits for its message: a draft may sleep over night."""
_SMALLER = "image/webp"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counter:
    """What the parts of the file counter share."""

    database: Database
    clock: Clock
    revocations: Revocations
    store: MediaStore
    links: Links

    async def find(self, file_id: str) -> Row | None:
        """The row of a file."""
        query = sa.select(FILES).where(FILES.c.id == file_id)
        row = await self.database.look(lambda reader: reader.execute(query).mappings().first())
        return dict(row) if row else None


class Incoming:
    """Takes files."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._database = counter.database
        self._store = counter.store
        self._darkroom = Darkroom()

    async def begin(self, caller: Member, request: BeginUploads) -> Uploads:
        """The contract's `begin_uploads`."""
        for number, file in enumerate(request.files):
            check_size(file, number)
        work = partial(begin_once, caller, request.files, utc(self._counter.clock))
        try:
            rows = await self._database.transact(work)
        except IntegrityError:
            # The same ids came twice at once. The second look finds what the first wrote.
            rows = await self._database.transact(work)
        return Uploads(uploads=tuple([await self._way_in(caller, row) for row in rows]))

    async def receive(self, file_id: str, token: str, chunks: AsyncIterator[bytes]) -> None:
        """Take the bytes that come to our own door. Raises NotFoundError and what the store does.

        Twice is once; what is finished is left as it is.
        """
        counter = self._counter
        holder = counter.links.read(UPLOAD, file_id, token)
        row = await counter.find(file_id)
        if (
            row is None
            or row["user_id"] != holder.user_id
            or not isinstance(self._store, DiskStore)
        ):
            _lost()
        if counter.revocations.is_revoked(holder.session_id) or row["state"] not in {BEGUN, READY}:
            _lost()
        if row["state"] == BEGUN:
            await self._store.receive(FileId(file_id), row["size"], chunks)

    async def finish(self, caller: Member, request: FinishUpload) -> File:
        """The contract's `finish_upload`."""
        row = await self._own(caller, request.file_id)
        if row["state"] == READY:
            return to_file(row)
        if row["state"] == REFUSED:
            _refuse(row["kind"])
        await self._check_whole(row)
        try:
            async with self._store.fetching(request.file_id) as folder:
                return await self._develop(row, folder)
        except FileNotFoundError:
            # Finished by another request meanwhile, or collected.
            row = await self._own(caller, request.file_id)
            if row["state"] == READY:
                return to_file(row)
            _incomplete()

    async def describe(self, caller: Member, request: DescribeFile) -> File:
        """The contract's `describe_file`."""
        words = " ".join(request.alt.split())
        changed = _waiting(caller, request.file_id, READY).values(alt=words)
        done = await self._database.transact(lambda writer: writer.execute(changed).rowcount)
        row = await self._own(caller, request.file_id)
        if not done:
            _lost()
        return to_file(row)

    async def drop(self, caller: Member, request: DropFile) -> Nothing:
        """The contract's `drop_file`."""
        now = utc(self._counter.clock)
        dropped = _waiting(caller, request.file_id, BEGUN, READY, REFUSED)
        values = dropped.values(state=DROPPED, collect_at=now)
        await self._database.transact(lambda writer: writer.execute(values))
        return NOTHING

    async def _way_in(self, caller: Member, row: Row) -> Upload:
        file_id, until = FileId(row["id"]), row["begun_at"] + timedelta(seconds=UPLOAD_SECONDS)
        left = int((until - utc(self._counter.clock)).total_seconds())
        way = await self._store.way_in(file_id, row["size"], max(1, left))
        here = self._counter.links.to_upload(caller, file_id, int(until.timestamp()))
        return Upload(
            id=row["client_id"],
            file_id=file_id,
            method="PUT",
            url=way.url if way else here,
            headers=dict(way.headers) if way else {"Content-Type": OCTETS},
            expires_at=until,
        )

    async def _own(self, caller: Member, file_id: FileId) -> Row:
        row = await self._counter.find(file_id)
        if row is None or row["user_id"] != caller.user_id:
            _lost()
        if row["state"] not in {BEGUN, READY, REFUSED}:
            _lost()
        return row

    async def _check_whole(self, row: Row) -> None:
        try:
            there = await self._store.measure(FileId(row["id"]))
        except FileNotFoundError:
            there = 0
        if there != row["size"]:
            _incomplete()

    async def _develop(self, row: Row, folder: Path) -> File:
        found = await self._darkroom.develop(folder)
        verdict = _judge(found, row["claimed_type"])
        if verdict in {"broken", "too_big"}:
            await self._settle(row, {"state": REFUSED, "kind": verdict})
            _refuse(verdict)
        prints = _prints(found, folder) if verdict == "picture" else [_as_it_came(folder)]
        size = prints[0].path.stat().st_size
        await self._store.keep(FileId(row["id"]), prints)
        values = _described(found, row, size) if verdict == "picture" else {"kind": "file"}
        kept_until = utc(self._counter.clock) + KEEP_READY
        return await self._settle(row, {**values, "state": READY, "collect_at": kept_until})

    async def _settle(self, row: Row, values: Row) -> File:
        changed = sa.update(FILES).where(FILES.c.id == row["id"], FILES.c.state == BEGUN)
        done = await self._database.transact(
            lambda writer: writer.execute(changed.values(**values)).rowcount
        )
        now = await self._counter.find(row["id"])
        if now is None or (not done and now["state"] != READY):
            # Dropped or collected while it was looked at: then its bytes must not stay either.
            await self._store.drop(FileId(row["id"]))
            _lost()
        return to_file(now)


def _judge(found: Developed, claimed_type: str) -> str:
    """What a file is taken for: what is in it decides, and never the name or the type it came with.

    What begins like a picture and is none may still go as a file, unless its owner takes it for a
    picture: then they learn that nobody would see it, and that nothing was taken out of it.
    """
    if found.kind in {"picture", "too_big"}:
        return found.kind
    return "broken" if is_claimed_picture(claimed_type) else "file"


def _prints(found: Developed, folder: Path) -> list[Print]:
    return [
        Print(name, folder / name, found.media_type if name == "full" else _SMALLER)
        for name in found.variants
    ]


def _as_it_came(folder: Path) -> Print:
    return Print("full", folder / "raw", OCTETS)


def _described(found: Developed, row: Row, size: int) -> Row:
    return {
        "kind": "picture",
        "name": with_ending(row["name"], found.media_type),
        "size": size,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "is_moving": found.is_moving,
        "placeholder": found.placeholder,
        "variants": ",".join(found.variants),
    }


def _waiting(caller: Member, file_id: FileId, *states: str) -> sa.Update:
    return sa.update(FILES).where(
        FILES.c.id == file_id,
        FILES.c.user_id == caller.user_id,
        FILES.c.message_id.is_(None),
        FILES.c.state.in_(states),
    )


def _refuse(verdict: str) -> NoReturn:
    if verdict == "too_big":
        raise PictureTooBigError(
            "That picture has more dots than a herd of leopards. Make it smaller, and try again."
        )
    raise UnreadablePictureError(
        "We cannot make out this picture. JPEG, PNG, GIF and WebP are what we can show."
    )


def _incomplete() -> NoReturn:
    raise UploadIncompleteError("Not all of it arrived. Shall we try again?")


def _lost() -> NoReturn:
    raise NotFoundError("There is no such file, or it is not yours.", "file_id")
