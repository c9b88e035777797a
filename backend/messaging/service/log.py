"""The rooms' logs as they are read: heads, pages of history, and the rings of the newest events."""

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

import sqlalchemy as sa

from backend.kit.database import Database
from backend.kit.ids import RoomId, new_id
from backend.messaging.contract import ListMessages, MessagePage, RoomEvent, RoomHead
from backend.messaging.service.ring import RING_EVENTS, Ring, Rings
from backend.messaging.service.tables import EVENTS, MESSAGES, ROOMS, to_event, to_message


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
        query = sa.select(MESSAGES).where(MESSAGES.c.room_id == request.room_id)
        if request.after is not None:
            query = query.where(MESSAGES.c.seq > request.after).order_by(MESSAGES.c.seq)
        else:
            query = query.order_by(MESSAGES.c.seq.desc())
        if request.before is not None:
            query = query.where(MESSAGES.c.seq < request.before)
        # One row more than asked tells whether there are more.
        query = query.limit(request.limit + 1)
        rows = await self._database.look(lambda reader: reader.execute(query).mappings().all())
        messages = [to_message(row) for row in rows[: request.limit]]
        if request.after is None:
            messages.reverse()
        return MessagePage(
            epoch=head.epoch, messages=tuple(messages), more=len(rows) > request.limit
        )

    async def read_ring(self, room_id: RoomId) -> Ring:
        """The room's ring as the rows have it now. It is not kept."""
        (head,) = await self.heads([room_id])
        query = (
            sa.select(MESSAGES, EVENTS.c.kind)
            .join(EVENTS, EVENTS.c.message_id == MESSAGES.c.id)
            .where(EVENTS.c.room_id == room_id)
            .order_by(EVENTS.c.seq.desc())
            .limit(RING_EVENTS)
        )
        rows = await self._database.look(lambda reader: reader.execute(query).mappings().all())
        events = [to_event(row) for row in rows]
        # The head was read a moment earlier; the events say where the log really ends.
        return Ring(head.epoch, events[0].seq if events else head.seq, events[::-1])

    async def after(self, room_id: RoomId, seq: int, limit: int) -> list[RoomEvent]:
        """The events after a place in the log, oldest first."""
        query = (
            sa.select(MESSAGES, EVENTS.c.kind)
            .join(EVENTS, EVENTS.c.message_id == MESSAGES.c.id)
            .where(EVENTS.c.room_id == room_id, EVENTS.c.seq > seq)
            .order_by(EVENTS.c.seq)
            .limit(limit)
        )
        rows = await self._database.look(lambda reader: reader.execute(query).mappings().all())
        return [to_event(row) for row in rows]

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
