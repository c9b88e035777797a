"""The rooms' logs as they are read: heads, pages of history, and the rings of the newest events."""

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.database import Database
from backend.kit.errors import NotFoundError
from backend.kit.ids import MessageId, RoomId, new_id
from backend.messaging.contract import (
    MAX_PAGE,
    ListMessages,
    ListReplies,
    ListRevisions,
    Message,
    MessagePage,
    Revision,
    Revisions,
    RoomEvent,
    RoomHead,
)
from backend.messaging.service.reading import IS_THERE, complete, events_of, read_events, selected
from backend.messaging.service.ring import RING_EVENTS, RING_MESSAGES, Ring, Rings
from backend.messaging.service.tables import EVENTS, MESSAGES, REVISIONS, ROOMS


class RoomLog:
    """Reads the logs. The rows are the truth; the rings are their newest end."""

    def __init__(self, database: Database, rings: Rings) -> None:
        self._database = database
        self._rings = rings
        self._readers: WeakValueDictionary[RoomId, asyncio.Lock] = WeakValueDictionary()

    async def ring(self, room_id: RoomId) -> Ring:
        """The room's ring. It is current until the caller next awaits."""
        if ring := self._rings.find(room_id):
            return ring
        # When a process has just started, everybody joins at once: one of them reads, the others
        # wait.
        lock = self._readers.setdefault(room_id, asyncio.Lock())
        async with lock:
            while True:
                if ring := self._rings.find(room_id):
                    return ring
                with self._rings.expecting(room_id):
                    self._rings.keep(room_id, await self.read_ring(room_id))

    async def heads(self, room_ids: Sequence[RoomId]) -> tuple[RoomHead, ...]:
        """The ends of the rooms' logs; a log that was never asked for begins here."""
        known = await self._read_heads(room_ids)
        if missing := [room_id for room_id in room_ids if room_id not in known]:
            await self._begin(missing)
            known |= await self._read_heads(missing)
        return tuple(known.values())

    async def page(self, request: ListMessages) -> MessagePage:
        """A page of history by key, which stays as fast at the thousandth page as at the first."""
        (head,) = await self.heads([request.room_id])
        messages, more = await self._database.look(lambda reader: _read_page(reader, request))
        return MessagePage(epoch=head.epoch, messages=tuple(messages), more=more)

    async def list_thread(self, request: ListReplies) -> MessagePage:
        """A page of the thread that a message belongs to. Raises NotFoundError."""
        (head,) = await self.heads([request.room_id])

        def read(reader: Connection) -> list[Message]:
            row = _find(reader, request.room_id, request.message_id)
            query = (
                selected()
                .where(
                    MESSAGES.c.thread_id == (row.thread_id or row.id),
                    MESSAGES.c.seq > request.after,
                    IS_THERE,
                )
                .order_by(MESSAGES.c.seq)
                .limit(request.limit + 1)
            )
            return complete(reader, query)

        found = await self._database.look(read)
        more = len(found) > request.limit
        return MessagePage(epoch=head.epoch, messages=tuple(found[: request.limit]), more=more)

    async def list_pins(self, room_id: RoomId) -> MessagePage:
        """The pinned messages, the one pinned last first."""
        (head,) = await self.heads([room_id])
        query = (
            selected()
            .where(MESSAGES.c.room_id == room_id, MESSAGES.c.pinned_at.is_not(None), IS_THERE)
            .order_by(MESSAGES.c.pinned_at.desc())
            .limit(MAX_PAGE + 1)
        )
        found = await self._database.look(lambda reader: complete(reader, query))
        return MessagePage(
            epoch=head.epoch, messages=tuple(found[:MAX_PAGE]), more=len(found) > MAX_PAGE
        )

    async def list_revisions(self, request: ListRevisions) -> Revisions:
        """What a message said before. Raises NotFoundError."""
        query = (
            sa.select(REVISIONS)
            .where(REVISIONS.c.message_id == request.message_id)
            .order_by(REVISIONS.c.seq)
            .limit(MAX_PAGE)
        )

        def read(reader: Connection) -> Revisions:
            _find(reader, request.room_id, request.message_id)
            rows = reader.execute(query).all()
            return Revisions(
                revisions=tuple(Revision(text=row.text, until=row.until) for row in rows)
            )

        return await self._database.look(read)

    async def read_ring(self, room_id: RoomId) -> Ring:
        """The room's ring as the rows have it now. It is not kept."""
        while True:
            ring = await self._database.look(lambda reader: _read_ring(reader, room_id))
            if ring is not None:
                return ring
            await self._begin([room_id])

    async def after(self, room_id: RoomId, seq: int, limit: int) -> list[RoomEvent]:
        """The events after a place in the log, oldest first."""
        query = events_of(room_id).where(EVENTS.c.seq > seq).order_by(EVENTS.c.seq).limit(limit)
        return await self._database.look(lambda reader: read_events(reader, query))

    async def _read_heads(self, room_ids: Sequence[RoomId]) -> dict[RoomId, RoomHead]:
        query = sa.select(ROOMS).where(ROOMS.c.room_id.in_(room_ids))
        rows = await self._database.look(lambda reader: reader.execute(query).all())
        return {
            row.room_id: RoomHead(room_id=row.room_id, epoch=row.epoch, seq=row.head_seq)
            for row in rows
        }

    async def _begin(self, room_ids: Sequence[RoomId]) -> None:
        statement = self._database.insert_ignore(ROOMS)
        rows = [new_room(room_id) for room_id in room_ids]
        await self._database.transact(lambda writer: writer.execute(statement, rows))


def _read_page(reader: Connection, request: ListMessages) -> tuple[list[Message], bool]:
    if request.around is None:
        return _read_run(reader, request, request.after, request.before, request.limit)
    half = request.limit // 2
    newer, _ = _read_run(reader, request, request.around - 1, None, request.limit - half)
    older, more = _read_run(reader, request, None, request.around, half)
    return older + newer, more


def _read_run(
    reader: Connection, request: ListMessages, after: int | None, before: int | None, limit: int
) -> tuple[list[Message], bool]:
    query = selected().where(MESSAGES.c.room_id == request.room_id, IS_THERE)
    if after is not None:
        query = query.where(MESSAGES.c.seq > after).order_by(MESSAGES.c.seq)
    else:
        query = query.order_by(MESSAGES.c.seq.desc())
    if before is not None:
        query = query.where(MESSAGES.c.seq < before)
    # One row more than asked tells whether there are more.
    found = complete(reader, query.limit(limit + 1))
    run = found[:limit] if after is not None else found[:limit][::-1]
    return run, len(found) > limit


def _read_ring(reader: Connection, room_id: RoomId) -> Ring | None:
    room = reader.execute(sa.select(ROOMS).where(ROOMS.c.room_id == room_id)).one_or_none()
    if room is None:
        return None
    newest = events_of(room_id).order_by(EVENTS.c.seq.desc()).limit(RING_EVENTS)
    events = read_events(reader, newest)
    # The room's row was read a moment earlier; the events say where the log really ends. What was
    # said since is not in this ring yet.
    head = events[0].seq if events else room.head_seq
    run = (
        selected()
        .where(MESSAGES.c.room_id == room_id, MESSAGES.c.seq <= head, IS_THERE)
        .order_by(MESSAGES.c.seq.desc())
        .limit(RING_MESSAGES)
    )
    page = complete(reader, run)
    return Ring(room.epoch, head, events[::-1], page[::-1])


def _find(reader: Connection, room_id: RoomId, message_id: MessageId) -> sa.Row[str, str | None]:
    query = sa.select(MESSAGES.c.id, MESSAGES.c.thread_id).where(
        MESSAGES.c.id == message_id, MESSAGES.c.room_id == room_id, IS_THERE
    )
    row = reader.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("That message is not there (any more).", "message_id")
    return row


def new_room(room_id: RoomId) -> dict[str, str | int]:
    """The row of a log that begins."""
    return {"room_id": room_id, "epoch": new_id(), "head_seq": 0}


async def begin_epochs(database: Database) -> None:
    """Give every room another epoch. Seqs go on where the rows end."""

    def begin(writer: sa.Connection) -> None:
        for room_id in writer.scalars(sa.select(ROOMS.c.room_id)).all():
            statement = sa.update(ROOMS).where(ROOMS.c.room_id == room_id)
            writer.execute(statement.values(epoch=new_id()))

    await database.transact(begin)
