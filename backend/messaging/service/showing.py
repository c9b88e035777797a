"""Files on their way out: links for those who may see them, and the door behind the links."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

from backend.kit.callers import Member
from backend.kit.errors import NotFoundError
from backend.kit.ids import FileId, RoomId, UserId
from backend.messaging.contract.files import VARIANTS, OpenedFile, OpenedFiles, OpenFiles
from backend.messaging.media.links import VIEW
from backend.messaging.media.naming import disposition
from backend.messaging.media.store import OCTETS, Served
from backend.messaging.service.file_rows import READY
from backend.messaging.service.tables import FILES
from backend.messaging.service.uploads import Counter

FindReadable = Callable[[UserId, Collection[RoomId]], Awaitable[Collection[RoomId]]]
"""Which of the rooms somebody may read."""
Row = dict[str, Any]
_SMALLER = "image/webp"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the door answers: a file of ours or an address, and what is said of the bytes."""

    place: Path | str
    served: Served


class Outgoing:
    """Shows files."""

    def __init__(self, counter: Counter, find_readable: FindReadable) -> None:
        self._counter = counter
        self._find_readable = find_readable

    async def open(self, caller: Member, request: OpenFiles) -> OpenedFiles:
        """The contract's `open_files`."""
        query = sa.select(FILES).where(FILES.c.id.in_(request.id), FILES.c.state == READY)
        rows = await self._counter.database.look(
            lambda reader: reader.execute(query).mappings().all()
        )
        seen = await self._seen_by(caller.user_id, [dict(row) for row in rows])
        until = datetime.fromtimestamp(self._counter.links.view_end(), UTC)
        return OpenedFiles(files=tuple(self._opened(caller, row, until) for row in seen))

    async def show(self, file_id: str, variant: str, token: str) -> Shown:
        """What is behind a link. Raises NotFoundError for whatever is not, or is not theirs now.

        The link says who asked for it. Whether they may still is asked here, each time: a session
        that ended or a room that was left closes the links that were made before.
        """
        counter = self._counter
        holder = counter.links.read(VIEW, file_id, token)
        row = await counter.find(file_id)
        if counter.revocations.is_revoked(holder.session_id) or row is None:
            _lost()
        if row["state"] != READY or variant not in row["variants"].split(","):
            _lost()
        if not await self._seen_by(holder.user_id, [row]):
            _lost()
        served = _served(row, variant, max(0, holder.until - int(counter.clock.now())))
        try:
            place = await counter.store.way_out(FileId(file_id), variant, served)
        except FileNotFoundError:
            _lost()
        return Shown(place, served)

    async def _seen_by(self, user_id: UserId, rows: list[Row]) -> list[Row]:
        rooms = {RoomId(row["room_id"]) for row in rows if row["room_id"] is not None}
        readable = set(await self._find_readable(user_id, rooms)) if rooms else set[RoomId]()
        return [
            row
            for row in rows
            if (row["user_id"] == user_id if row["room_id"] is None else row["room_id"] in readable)
        ]

    def _opened(self, caller: Member, row: Row, until: datetime) -> OpenedFile:
        there = row["variants"].split(",")
        names = VARIANTS if row["kind"] == "picture" else ("full",)
        links = self._counter.links
        urls = {
            name: links.to_view(caller, FileId(row["id"]), _nearest(name, there)) for name in names
        }
        return OpenedFile(id=FileId(row["id"]), urls=urls, expires_at=until)


def _nearest(name: str, there: Collection[str]) -> str:
    """The variant, or the next larger one that was made: of a small picture there is but one."""
    larger = VARIANTS[VARIANTS.index(name) :]
    return next(each for each in larger if each in there)


def _served(row: Row, variant: str, seconds: int) -> Served:
    is_picture = row["kind"] == "picture"
    media_type = OCTETS
    if is_picture:
        media_type = row["media_type"] if variant == "full" else _SMALLER
    # Only what we made ourselves is shown. Everything else is saved, whatever it is called: opened
    # here, it would be a page of our own origin.
    return Served(media_type, disposition(row["name"], is_shown=is_picture), seconds)


def _lost() -> NoReturn:
    raise NotFoundError("There is nothing here.")
