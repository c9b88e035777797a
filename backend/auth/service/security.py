"""A member's security log, as they read it."""

from sqlalchemy import func, update
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.service.core import Feature
from backend.kit.callers import Member
from backend.kit.values import NOTHING, Nothing

PAGE = 50


class Security(Feature):
    """Implements `contract.Security`."""

    async def get_security_log(
        self, caller: Member, request: contract.GetSecurityLog
    ) -> contract.SecurityLogPage:
        own = col(models.SecurityEvent.user_id) == caller.user_id
        query = select(models.SecurityEvent).where(own)
        if request.before is not None:
            query = query.where(col(models.SecurityEvent.number) < request.before)
        query = query.order_by(col(models.SecurityEvent.number).desc()).limit(PAGE + 1)
        async with self._parts.database.reading() as session:
            lines = list(await session.scalars(query))
            broken = None
            if request.before is None:
                broken = await self._core.log.find_broken(session, caller.user_id)
        return contract.SecurityLogPage(
            events=tuple(_told(line) for line in lines[:PAGE]),
            more=len(lines) > PAGE,
            is_intact=broken is None,
        )

    async def count_unseen(
        self,
        caller: Member,
        request: contract.CountUnseen,  # noqa: ARG002
    ) -> contract.Unseen:
        event = models.SecurityEvent
        own = col(event.user_id) == caller.user_id
        seen = select(models.User.seen_events).where(col(models.User.id) == caller.user_id)
        began = select(models.Session.created).where(col(models.Session.id) == caller.session_id)
        # Who has just come in need not be told that somebody has just come in.
        arrival = select(func.coalesce(func.min(col(event.number)), 0)).where(
            own,
            col(event.name) == "signed_in",
            col(event.at) >= began.scalar_subquery(),
        )
        query = (
            select(func.count())
            .select_from(event)
            .where(
                own,
                col(event.number) > seen.scalar_subquery(),
                col(event.number) != arrival.scalar_subquery(),
            )
        )
        async with self._parts.database.reading() as session:
            return contract.Unseen(count=(await session.scalars(query)).one())

    async def mark_seen(self, caller: Member, request: contract.MarkSeen) -> Nothing:
        user = models.User
        newest = (
            select(func.coalesce(func.max(col(models.SecurityEvent.number)), 0))
            .where(col(models.SecurityEvent.user_id) == caller.user_id)
            .scalar_subquery()
        )
        # Never beyond what there is: that would hide what is still to come.
        async with self._parts.database.transaction() as session:
            await session.execute(
                update(user)
                .where(
                    col(user.id) == caller.user_id,
                    col(user.seen_events) < request.number,
                    newest >= request.number,
                )
                .values(seen_events=request.number)
            )
        return NOTHING


def _told(line: models.SecurityEvent) -> contract.SecurityEvent:
    return contract.SecurityEvent(
        number=line.number,
        at=line.at,
        name=line.name,
        is_own=line.actor_id == line.user_id,
        device_name=line.device_name,
        detail=line.detail,
    )
