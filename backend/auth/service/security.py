"""A member's security log, as they read it."""

from datetime import timedelta

from sqlalchemy import func, update
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.service.core import Feature
from backend.kit.callers import Member
from backend.kit.values import NOTHING, Nothing

PAGE = 50
_SAME_MOMENT = timedelta(seconds=10)


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
        async with self._parts.database.reading() as session:
            seen = select(models.User.seen_events).where(col(models.User.id) == caller.user_id)
            began = select(models.Session.created).where(
                col(models.Session.id) == caller.session_id
            )
            since = (await session.scalars(began)).first()
            query = (
                select(func.count())
                .select_from(event)
                .where(
                    col(event.user_id) == caller.user_id,
                    col(event.number) > seen.scalar_subquery(),
                )
            )
            if since is not None:
                # Who has just come in need not be told that somebody has just come in.
                is_own_arrival = (
                    (col(event.name) == "signed_in")
                    & (col(event.at) >= since - _SAME_MOMENT)
                    & (col(event.at) <= since + _SAME_MOMENT)
                )
                query = query.where(~is_own_arrival)
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
