"""What messaging does when somebody wants their data, or leaves."""

import json
from collections.abc import AsyncGenerator
from typing import Any, Protocol

import sqlalchemy as sa

from backend.auth.contract import AddExportPart, Auth, ExportWanted, UserDeleted, UserForgotten
from backend.kit.callers import Service
from backend.kit.clock import utc
from backend.kit.ids import GONE, RoomId, new_id
from backend.kit.parts import Parts
from backend.messaging.service.file_rows import discard_of_member, list_of_member
from backend.messaging.service.ring import Rings
from backend.messaging.service.tables import DEEDS, MESSAGES, REACTIONS, REVISIONS, ROOMS

NAME = "messaging"
BATCH = 500
"""Messages of one file, and of one transaction."""
MAX_GIVEN = 10_000
"""Emoji in what they take along: about a megabyte."""
_ITSELF = Service(name=NAME)


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
        """Bring everything they wrote, oldest first, in files of 500 messages."""
        number = 0
        async for rows in self._batches(event.user_id):
            number += 1
            told = await self._parts.database.look(lambda reader, rows=rows: _tell(reader, rows))
            await self._bring(event.export_id, f"messages-{number:05}.json", told, is_last=False)
        given = await self._parts.database.look(lambda reader: _list_given(reader, event.user_id))
        await self._bring(event.export_id, "reactions.json", given, is_last=False)
        await self._bring_files(event)
        await self._bring(event.export_id, "end.json", [{"files": number}], is_last=True)

    async def on_user_deleted(self, event: UserDeleted) -> None:
        """Take their name off everything they wrote. What others answered to stays."""
        rooms = await self._parts.database.transact(
            lambda writer: _forget_deeds(writer, event.user_id)
        )
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

    async def _bring_files(self, event: ExportWanted) -> None:
        """What the files are that they brought. Their bytes do not fit into parts of an archive."""
        after, number = "", 0
        while told := await self._parts.database.look(
            lambda reader, after=after: list_of_member(reader, event.user_id, after, BATCH)
        ):
            number += 1
            await self._bring(event.export_id, f"files-{number:05}.json", told, is_last=False)
            after = told[-1]["id"]

    async def _bring(
        self, export_id: str, name: str, rows: list[dict[str, Any]], *, is_last: bool
    ) -> None:
        content = json.dumps(rows, indent=1, ensure_ascii=False)
        part = AddExportPart(export_id=export_id, name=name, content=content, is_last=is_last)
        await self._parts.peers.auth.add_export_part(_ITSELF, part)


def _tell(reader: sa.Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What they wrote as they get it: with what it said before, and without what they deleted."""
    earlier: dict[str, list[str]] = {}
    edited = [row["id"] for row in rows if row["edited_at"]]
    query = sa.select(REVISIONS).where(REVISIONS.c.message_id.in_(edited)).order_by(REVISIONS.c.seq)
    for revision in reader.execute(query):
        earlier.setdefault(revision.message_id, []).append(revision.text)
    return [
        {
            "id": row["id"],
            "room_id": row["room_id"],
            "sent_at": row["sent_at"].isoformat(),
            "text": row["text"],
            "reply_to": row["reply_to"],
            "earlier": earlier.get(row["id"], []),
        }
        for row in rows
        if row["deleted_at"] is None
    ]


def _list_given(reader: sa.Connection, user_id: str) -> list[dict[str, Any]]:
    query = (
        sa.select(REACTIONS.c.message_id, REACTIONS.c.emoji)
        .where(REACTIONS.c.user_id == user_id)
        .order_by(REACTIONS.c.message_id)
        .limit(MAX_GIVEN)
    )
    return [dict(row) for row in reader.execute(query).mappings()]


def _forget_deeds(writer: sa.Connection, user_id: str) -> set[RoomId]:
    """Take away their emoji, and what their devices called what they did. Returns the rooms."""
    theirs = DEEDS.c.user_id == user_id
    rooms = set(writer.scalars(sa.select(DEEDS.c.room_id).where(theirs).distinct()))
    # In the same transaction, for whoever does it again would not find the rooms any more.
    for room_id in rooms:
        writer.execute(sa.update(ROOMS).where(ROOMS.c.room_id == room_id).values(epoch=new_id()))
    writer.execute(sa.delete(DEEDS).where(theirs))
    writer.execute(sa.delete(REACTIONS).where(REACTIONS.c.user_id == user_id))
    return rooms


def _anonymise(writer: sa.Connection, rows: list[dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows]
    writer.execute(sa.delete(REVISIONS).where(REVISIONS.c.message_id.in_(ids)))
    changed = (
        sa.update(MESSAGES)
        .where(MESSAGES.c.id.in_(ids))
        # The device must differ for each: together with what it called the message it is unique,
        # and the same for all would say which of them came from one hand.
        .values(author_id=GONE, device_id=sa.literal("gone-").concat(MESSAGES.c.id))
    )
    writer.execute(changed)
