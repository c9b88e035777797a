"""The table of sockets that another machine holds."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.callers import Member
from backend.kit.clock import Clock, utc
from backend.kit.database import Database
from backend.kit.ids import RoomId, SessionId, UserId
from backend.messaging.live.ports import Kept, owner_of
from backend.messaging.service.tables import CONNECTIONS, PRESENCE


class ConnectionTable:
    """Implements `Connections`, and knows who is in which room."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, connection: str, network: str, memory: bytes, ends_at: float) -> int:
        row = {"id": connection, "network": network, "memory": memory, "ends_at": _at(ends_at)}
        count = sa.select(sa.func.count()).where(
            CONNECTIONS.c.network == network,
            CONNECTIONS.c.user_id.is_(None),
            CONNECTIONS.c.ends_at > utc(self._clock),
        )

        def write(connected: Connection) -> int:
            connected.execute(CONNECTIONS.insert().values(**row))
            return connected.execute(count).scalar_one()

        return await self._database.transact(write)

    async def hear(self, connection: str, decide: Callable[[Kept], tuple[bytes, float]]) -> bool:
        def write(connected: Connection) -> bool:
            kept = _read(connected, connection)
            if kept is None:
                return False
            memory, ends_at = decide(kept)
            connected.execute(
                CONNECTIONS.update()
                .where(CONNECTIONS.c.id == connection)
                .values(memory=memory, ends_at=_at(ends_at))
            )
            return True

        return await self._database.transact(write)

    async def admit(self, connection: str, member: Member) -> int:
        of_user = sa.select(sa.func.count()).where(
            CONNECTIONS.c.user_id == member.user_id, CONNECTIONS.c.ends_at > utc(self._clock)
        )

        def write(connected: Connection) -> int:
            connected.execute(
                CONNECTIONS.update()
                .where(CONNECTIONS.c.id == connection)
                .values(
                    member=msgspec.json.encode(member),
                    user_id=member.user_id,
                    session_id=member.session_id,
                )
            )
            return connected.execute(of_user).scalar_one()

        return await self._database.transact(write)

    async def list_of_session(self, session_id: SessionId) -> Sequence[str]:
        return await self._list(CONNECTIONS.c.session_id == session_id)

    async def list_over(self) -> Sequence[str]:
        return await self._list(CONNECTIONS.c.ends_at <= utc(self._clock))

    async def forget(self, connections: Collection[str]) -> dict[RoomId, frozenset[UserId]]:
        """Delete connections. Returns who is in which room no more."""

        def write(connected: Connection) -> dict[RoomId, frozenset[UserId]]:
            mine = PRESENCE.c.connection_id.in_(connections)
            left = connected.execute(
                sa.select(PRESENCE.c.room_id, PRESENCE.c.user_id).where(mine).distinct()
            ).all()
            connected.execute(PRESENCE.delete().where(mine))
            connected.execute(CONNECTIONS.delete().where(CONNECTIONS.c.id.in_(connections)))
            gone: dict[RoomId, frozenset[UserId]] = {}
            for room_id, user_id in left:
                if not connected.execute(self._others(room_id, user_id)).first():
                    gone[room_id] = gone.get(room_id, frozenset()) | {user_id}
            return gone

        return await self._database.transact(write)

    async def arrive(self, room_id: RoomId, user_id: UserId, connection: str) -> bool:
        """Note that a connection is in a room. Whether its user was not there before."""
        insert = self._database.insert_ignore(PRESENCE).values(
            room_id=room_id, user_id=user_id, connection_id=connection
        )

        def write(connected: Connection) -> bool:
            was_there = connected.execute(self._others(room_id, user_id)).first()
            connected.execute(insert)
            return was_there is None

        return await self._database.transact(write)

    async def depart(self, room_id: RoomId, user_id: UserId, connection: str) -> bool:
        """Note that a connection is not in a room any more. Whether its user is not either."""
        mine = (PRESENCE.c.room_id == room_id) & (PRESENCE.c.connection_id == connection)

        def write(connected: Connection) -> bool:
            gone = connected.execute(PRESENCE.delete().where(mine)).rowcount
            return bool(gone) and not connected.execute(self._others(room_id, user_id)).first()

        return await self._database.transact(write)

    async def list_hearing(self, room_id: RoomId) -> Sequence[str]:
        """The connections that hear a room, or a member's own channel.

        One whose authentication is over hears nothing.
        """
        owner = owner_of(room_id)
        in_room = sa.select(PRESENCE.c.connection_id).where(PRESENCE.c.room_id == room_id)
        return await self._list(
            CONNECTIONS.c.ends_at > utc(self._clock),
            CONNECTIONS.c.id.in_(in_room) if owner is None else CONNECTIONS.c.user_id == owner,
        )

    async def list_online(self, room_id: RoomId, limit: int) -> Sequence[UserId]:
        """Who is in a room."""
        query = (
            sa.select(PRESENCE.c.user_id)
            .join(CONNECTIONS, CONNECTIONS.c.id == PRESENCE.c.connection_id)
            .where(PRESENCE.c.room_id == room_id, CONNECTIONS.c.ends_at > utc(self._clock))
            .distinct()
            .limit(limit)
        )
        return await self._database.look(lambda reader: reader.execute(query).scalars().all())

    def _others(self, room_id: RoomId, user_id: UserId) -> sa.Select[tuple[str]]:
        return (
            sa.select(PRESENCE.c.connection_id)
            .join(CONNECTIONS, CONNECTIONS.c.id == PRESENCE.c.connection_id)
            .where(
                PRESENCE.c.room_id == room_id,
                PRESENCE.c.user_id == user_id,
                CONNECTIONS.c.ends_at > utc(self._clock),
            )
            .limit(1)
        )

    async def _list(self, *wanted: sa.ColumnElement[bool]) -> Sequence[str]:
        query = sa.select(CONNECTIONS.c.id).where(*wanted)
        return await self._database.look(lambda reader: reader.execute(query).scalars().all())


def _read(connected: Connection, connection: str) -> Kept | None:
    # Frames of one connection are dealt with side by side, and each must see what the others left.
    query = sa.select(CONNECTIONS).where(CONNECTIONS.c.id == connection).with_for_update()
    row = connected.execute(query).mappings().first()
    if row is None:
        return None
    rooms = connected.execute(
        sa.select(PRESENCE.c.room_id).where(PRESENCE.c.connection_id == connection)
    )
    member = row["member"]
    return Kept(
        id=connection,
        network=row["network"],
        member=None if member is None else msgspec.json.decode(member, type=Member),
        memory=row["memory"],
        rooms=frozenset(rooms.scalars()),
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
