"""Where it is said: the rules."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth.contract import UserRegistered
from backend.community.contract import (
    AccessList,
    Community,
    CommunityList,
    GetAccess,
    ListCommunities,
    RoomAccess,
)
from backend.community.models import CommunityRow, MembershipRow, RoomRow
from backend.community.service.personal_data import PersonalData
from backend.community.service.savanna import SOSA, SOSA_ROOMS
from backend.kit.callers import Member, Service
from backend.kit.clock import Clock, utc
from backend.kit.database import Database
from backend.kit.errors import UnavailableError
from backend.kit.ids import CommunityId, RoomId, UserId
from backend.kit.parts import Parts
from backend.kit.patience import look_until_found

PATIENCE_SECONDS = 2.0
"""How long a call waits for the event of the registration that it overtook."""
MAX_COMMUNITIES = 100
MAX_ROOMS = 100
"""Rooms of a community that are listed; positions are counted from 0."""
MAX_ACCESS = 1_000
"""Rooms in one answer about access."""


def build(parts: Parts[Any]) -> "HousedCommunity":
    """The service, on its parts."""
    return HousedCommunity(parts)


class CommunityService:
    """Implements Communities."""

    def __init__(
        self, database: Database, clock: Clock, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._database = database
        self._clock = clock
        self._patience_seconds = patience_seconds

    async def prepare(self) -> None:
        """Lay out the community that everyone starts in. Two processes may do so at once."""
        async with self._database.transaction() as session:
            for row in (SOSA, *SOSA_ROOMS):
                # What is there stays: its name and topics may have been changed since.
                await session.execute(
                    self._database.insert_ignore(type(row)).values(**row.model_dump())
                )

    async def on_user_registered(self, event: UserRegistered) -> None:
        """Let a new account in. Twice is once, and who joined first stays first."""
        async with self._database.transaction() as session:
            await session.execute(
                self._database.insert_ignore(MembershipRow).values(
                    community_id=SOSA.id, user_id=event.user_id, joined_at=utc(self._clock)
                )
            )

    async def list_communities(self, caller: Member, request: ListCommunities) -> CommunityList:  # noqa: ARG002 - it asks for nothing
        found = await look_until_found(
            lambda: self._find_communities(caller.user_id), patience_seconds=self._patience_seconds
        )
        if found is None:
            raise UnavailableError("The campfires are still being lit. Try again in a moment.")
        return CommunityList(communities=found)

    async def get_access(self, caller: Service, request: GetAccess) -> AccessList:  # noqa: ARG002 - the list of allowed services is the check
        found = await look_until_found(
            lambda: self._find_access(request.user_id, request.room_ids),
            patience_seconds=self._patience_seconds,
        )
        return AccessList(rooms=found or ())

    async def _find_communities(self, user_id: UserId) -> tuple[Community, ...] | None:
        """The communities somebody is in; None where they are in none yet."""
        async with self._database.reading() as session:
            query = (
                select(CommunityRow)
                .join(MembershipRow, col(MembershipRow.community_id) == CommunityRow.id)
                .where(MembershipRow.user_id == user_id)
                .order_by(col(MembershipRow.joined_at), col(MembershipRow.community_id))
                .limit(MAX_COMMUNITIES)
            )
            rows = (await session.execute(query)).scalars().all()
            return await _with_rooms(session, rows) if rows else None

    async def _find_access(
        self, user_id: UserId, room_ids: Sequence[RoomId] | None
    ) -> tuple[RoomAccess, ...] | None:
        """The rooms somebody may read, of those asked for; None where they are in no community yet.

        The outer join is what tells "in no community" from "in none of these rooms" in one query:
        only the latter comes back as rows, without a room.
        """
        is_theirs = col(RoomRow.community_id) == MembershipRow.community_id
        if room_ids is not None:
            is_theirs &= col(RoomRow.id).in_(room_ids)
        query = (
            select(col(RoomRow.id))
            .select_from(MembershipRow)
            .join(RoomRow, is_theirs, isouter=True)
            .where(MembershipRow.user_id == user_id)
            .order_by(col(RoomRow.community_id), col(RoomRow.position))
            .limit(MAX_ACCESS)
        )
        # Asked for every message that is sent, so in one crossing.
        ids = await self._database.look(lambda reader: reader.execute(query).scalars().all())
        if not ids:
            return None
        return tuple(RoomAccess(room_id=RoomId(id_), can_post=True) for id_ in ids if id_)


class HousedCommunity(CommunityService, PersonalData):
    """The service in a house, where it also answers for what it keeps of people."""

    def __init__(self, parts: Parts[Any]) -> None:
        CommunityService.__init__(self, parts.database, parts.clock)
        PersonalData.__init__(self, parts)


async def _with_rooms(session: AsyncSession, rows: Sequence[CommunityRow]) -> tuple[Community, ...]:
    query = (
        select(RoomRow)
        .where(
            col(RoomRow.community_id).in_([row.id for row in rows]),
            col(RoomRow.position) < MAX_ROOMS,
        )
        .order_by(col(RoomRow.position))
    )
    rooms = [row.to_room() for row in (await session.execute(query)).scalars()]
    return tuple(
        Community(
            id=CommunityId(row.id),
            name=row.name,
            description=row.description,
            rooms=tuple(room for room in rooms if room.community_id == row.id),
        )
        for row in rows
    )
