"""What messaging does when somebody wants their data, or leaves."""

import json
from collections.abc import AsyncGenerator
from typing import Any, Protocol

import sqlalchemy as sa

from backend.auth.contract import AddExportPart, Auth, ExportWanted, UserDeleted, UserForgotten
from backend.kit.callers import Service
from backend.kit.clock import utc
from backend.kit.ids import GONE, RoomId, UserId, new_id
from backend.kit.parts import Parts
from backend.messaging.service.file_rows import discard_of_member, list_of_member
from backend.messaging.service.ring import Rings
from backend.messaging.service.tables import MESSAGES, ROOMS

NAME = "messaging"
BATCH = 500
"""Messages of one file, and of one transaction."""
_ITSELF = Service(name=NAME)
_TOLD = (
    "id", "room_id", "sent_at", "text", "files",
    "message_id", "begun_at", "kind", "name", "media_type", "size", "alt",
)  # fmt: skip
_TIMES = {"sent_at", "begun_at"}


class Peers(Protocol):
    """The service that gathers."""

    @property
    def auth(self) -> Auth: ...


class PersonalData:
    """Reacts to what auth says. Twice is once."""

    def __init__(self, parts: Parts[Any], rings: Rings) -> None:
        self._parts = parts
        self._rings = rings

    async def on_export_wanted(self, event: ExportWanted) -> None:
        """Bring everything they wrote and what they brought, oldest first, 500 in each file."""
        number = 0
        for name, batches in (("messages", self._batches), ("files", self._file_batches)):
            async for rows in batches(event.user_id):
                number += 1
                part = f"{name}-{number:05}.json"
                await self._bring(event.export_id, part, rows, is_last=False)
        await self._bring(event.export_id, "end.json", [{"files": number}], is_last=True)

    async def on_user_deleted(self, event: UserDeleted) -> None:
        """Take their name off everything they wrote. What others answered to stays."""
        rooms: set[RoomId] = set()
        async for rows in self._batches(event.user_id):
            rooms |= {row["room_id"] for row in rows}
            await self._parts.database.transact(lambda writer, rows=rows: _anonymise(writer, rows))
        async with self._parts.database.transaction() as session:
            # Readers who knew the author begin anew, and get the log as it is now.
            for room_id in rooms:
                begun = sa.update(ROOMS).where(ROOMS.c.room_id == room_id)
                await session.execute(begun.values(epoch=new_id()))
            connection = await session.connection()
            await connection.run_sync(discard_of_member, event.user_id, utc(self._parts.clock))
            await self._parts.outbox.add(session, UserForgotten(job_id=event.job_id, service=NAME))
        for room_id in rooms:
            self._rings.drop(room_id)

    async def _batches(self, user_id: str) -> AsyncGenerator[list[dict[str, Any]]]:
        # By the primary key: one walk along the table in all, which needs no index that every
        # message would pay for.
        after = ""
        while True:
            query = (
                sa.select(MESSAGES)
                .where(MESSAGES.c.author_id == user_id, MESSAGES.c.id > after)
                .order_by(MESSAGES.c.id)
                .limit(BATCH)
            )
            async with self._parts.database.reading() as session:
                rows = [dict(row) for row in (await session.execute(query)).mappings()]
            if not rows:
                return
            yield rows
            after = rows[-1]["id"]

    async def _file_batches(self, user_id: str) -> AsyncGenerator[list[dict[str, Any]]]:
        # What they are; their bytes do not fit into the parts of an archive.
        after = ""
        while rows := await self._parts.database.look(
            lambda reader, after=after: list_of_member(reader, UserId(user_id), after, BATCH)
        ):
            yield rows
            after = rows[-1]["id"]

    async def _bring(
        self, export_id: str, name: str, rows: list[dict[str, Any]], *, is_last: bool
    ) -> None:
        told = [
            {
                key: row[key].isoformat() if key in _TIMES and row[key] else row[key]
                for key in _TOLD
                if key in row
            }
            for row in rows
        ]
        content = json.dumps(told, indent=1, ensure_ascii=False)
        part = AddExportPart(export_id=export_id, name=name, content=content, is_last=is_last)
        await self._parts.peers.auth.add_export_part(_ITSELF, part)


def _anonymise(writer: sa.Connection, rows: list[dict[str, Any]]) -> None:
    changed = (
        sa.update(MESSAGES)
        .where(MESSAGES.c.id.in_([row["id"] for row in rows]))
        # The device must differ for each: together with what it called the message it is unique,
        # and the same for all would say which of them came from one hand.
        .values(author_id=GONE, device_id=sa.literal("gone-").concat(MESSAGES.c.id))
    )
    writer.execute(changed)
