"""The beginning of files on their way in: which may come, and what is noted of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.callers import Member
from backend.kit.ids import new_id
from backend.messaging.contract.files import (
    MAX_FILE_BYTES,
    MAX_PICTURE_BYTES,
    FileTooLargeError,
    NewFile,
    UploadIdTakenError,
)
from backend.messaging.media.links import UPLOAD_SECONDS
from backend.messaging.media.naming import tidy_name
from backend.messaging.media.store import OCTETS
from backend.messaging.service.file_rows import BEGUN, READY
from backend.messaging.service.quotas import check_quota
from backend.messaging.service.tables import FILES

_FIGURES = "image/svg"
"""Begins the type of drawings that may hold scripts. To us they are files, never pictures."""

Row = dict[str, Any]


def begin_once(
    caller: Member, files: Sequence[NewFile], now: datetime, connection: Connection
) -> list[Row]:
    """The rows of these files, in their order: those that are there already, and new ones.

    Raises UploadIdTakenError, and what `check_quota` does.
    """
    known_ids = sa.select(FILES).where(
        FILES.c.device_id == caller.device_id, FILES.c.client_id.in_([file.id for file in files])
    )
    known = {row["client_id"]: dict(row) for row in connection.execute(known_ids).mappings()}
    for number, file in enumerate(files):
        if file.id in known:
            _check_same(caller, known[file.id], file, number)
    wanted = {file.id: file for file in files if file.id not in known}
    if wanted:
        check_quota(connection, caller.user_id, [file.size for file in wanted.values()], now)
        fresh = {file.id: _new_row(caller, file, now) for file in wanted.values()}
        connection.execute(sa.insert(FILES), list(fresh.values()))
        known |= fresh
    return [known[file.id] for file in files]


def _new_row(caller: Member, file: NewFile, now: datetime) -> Row:
    return {
        "id": new_id(),
        "user_id": caller.user_id,
        "device_id": caller.device_id,
        "client_id": file.id,
        "state": BEGUN,
        "name": tidy_name(file.name, "file"),
        "claimed_type": file.media_type.lower(),
        "size": file.size,
        "begun_at": now,
        "collect_at": now + timedelta(seconds=UPLOAD_SECONDS),
        "room_id": None,
        "message_id": None,
        "place": 0,
        "kind": "",
        "media_type": OCTETS,
        "alt": "",
        "width": None,
        "height": None,
        "is_moving": False,
        "placeholder": "",
        "variants": "full",
    }


def check_size(file: NewFile, number: int) -> None:
    """Raises FileTooLargeError for what would never be let in."""
    most = MAX_PICTURE_BYTES if is_claimed_picture(file.media_type) else MAX_FILE_BYTES
    if file.size > most:
        raise FileTooLargeError(
            f"That one is heavier than an elephant: {most // 2**20} MB fit through the door.",
            f"files.{number}.size",
        )


def _check_same(caller: Member, row: Row, file: NewFile, number: int) -> None:
    is_same = (row["user_id"], row["size"]) == (caller.user_id, file.size)
    # What was finished has the size of what became of it.
    if row["user_id"] != caller.user_id or not (is_same or row["state"] == READY):
        raise UploadIdTakenError(
            "This id was used for another file. Choose a new one.", f"files.{number}.id"
        )
    if row["state"] not in {BEGUN, READY}:
        raise UploadIdTakenError(
            "That upload is over. Choose a new id to begin another.", f"files.{number}.id"
        )


def is_claimed_picture(media_type: str) -> bool:
    """Whether it is brought as a picture that is to be seen."""
    return media_type.lower().startswith("image/") and not media_type.lower().startswith(_FIGURES)
