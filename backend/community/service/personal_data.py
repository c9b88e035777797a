"""What community does when somebody wants their data, or leaves."""

import json
from typing import Protocol

from sqlmodel import col, delete, select

from backend.auth.contract import AddExportPart, Auth, ExportWanted, UserDeleted, UserForgotten
from backend.community.models import CommunityRow, MembershipRow
from backend.kit.callers import Service
from backend.kit.parts import Parts

NAME = "community"
_ITSELF = Service(name=NAME)


class Peers(Protocol):
    """The service that gathers."""

    @property
    def auth(self) -> Auth: ...


class PersonalData:
    """Reacts to what auth says. Twice is once."""

    def __init__(self, parts: Parts[Peers]) -> None:
        self._parts = parts

    async def on_export_wanted(self, event: ExportWanted) -> None:
        """Bring the memberships."""
        query = (
            select(CommunityRow.name, MembershipRow.joined_at)
            .join(MembershipRow, col(MembershipRow.community_id) == CommunityRow.id)
            .where(MembershipRow.user_id == event.user_id)
            .order_by(col(MembershipRow.joined_at))
        )
        async with self._parts.database.reading() as session:
            found = [
                {"community": name, "joined": joined.isoformat()}
                for name, joined in await session.execute(query)
            ]
        part = AddExportPart(
            export_id=event.export_id,
            name="communities.json",
            content=json.dumps(found, indent=2, ensure_ascii=False),
            is_last=True,
        )
        await self._parts.peers.auth.add_export_part(_ITSELF, part)

    async def on_user_deleted(self, event: UserDeleted) -> None:
        """Forget the memberships, and say so in the same transaction."""
        theirs = col(MembershipRow.user_id) == event.user_id
        async with self._parts.database.transaction() as session:
            await session.execute(delete(MembershipRow).where(theirs))
            await self._parts.outbox.add(session, UserForgotten(job_id=event.job_id, service=NAME))
