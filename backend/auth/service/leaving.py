"""Leaving: 14 days to think it over, and then for good."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import (
    Admission,
    Applicant,
    Confirmed,
    PreauthGoneError,
    UserDeleted,
    UserForgotten,
)
from backend.auth.service.beginnings import was_changed
from backend.auth.service.core import Core, Feature
from backend.auth.service.forgetting import erase
from backend.auth.service.governing import check_not_last_owner
from backend.auth.service.standing import lock_user, raise_epoch
from backend.kit.clock import utc
from backend.kit.ids import SessionId, UserId, new_id
from backend.kit.settings import SERVICES

GRACE = timedelta(days=14)
RETELL = timedelta(hours=1)
"""After which a service that has not answered is told again: its event may be among the dead."""
BATCH = 100
WAYS_IN = ("login", "oauth", "reset")


class Leaving(Feature):
    """Implements the leaving of `contract.Privacy`."""

    async def delete_account(
        self,
        caller: Confirmed,
        request: contract.DeleteAccount,  # noqa: ARG002
    ) -> contract.SignedOut:
        ended: list[SessionId] = []
        async with self._parts.database.transaction() as session:
            await check_not_last_owner(session, caller.member.user_id)
            leaving = await self._with_bots(session, caller.member.user_id)
            for user in leaving:
                ended += await self._send_off(session, user)
        self._core.revoke(*ended)
        for user in leaving:
            self._parts.revocations.raise_epoch(UserId(user.id), user.epoch)
        return contract.SignedOut()

    async def undelete(self, caller: Applicant, request: contract.Undelete) -> Admission:  # noqa: ARG002
        beginning = await self._core.get_beginning(caller, *WAYS_IN, step="undelete")
        async with self._parts.database.transaction() as session:
            returning = await self._with_bots(session, beginning.user_id or "", "deleting")
            for user in returning:
                await self._welcome_back(session, user)
            if not returning:
                raise PreauthGoneError
            admitted = await self._core.admit(
                session, beginning, returning[0], beginning.amr, is_enough=True
            )
        return await self._core.admission(caller, admitted)

    async def on_user_forgotten(self, event: UserForgotten) -> None:
        """A service has done its part; with the last of them the job is done."""
        async with self._parts.database.transaction() as session:
            job = await session.get(models.PrivacyJob, event.job_id, with_for_update=True)
            if job is not None and job.kind == "delete" and job.state == "working":
                acknowledge(job, event.service)
                if is_acknowledged(job):
                    job.state = "done"
                session.add(job)

    async def _with_bots(
        self, session: AsyncSession, user_id: str, state: str = "active"
    ) -> list[models.User]:
        """An account and its bots, locked, those of them in a state; the account comes first."""
        bots = select(models.User.id).where(
            col(models.User.owner_id) == user_id, col(models.User.state) == state
        )
        users = [
            await lock_user(session, found)
            for found in (user_id, *await session.scalars(bots.order_by(col(models.User.id))))
        ]
        return [user for user in users if user is not None and user.state == state]

    async def _send_off(self, session: AsyncSession, user: models.User) -> list[SessionId]:
        now = utc(self._parts.clock)
        user.state, user.state_until = "deleting", now + GRACE
        await raise_epoch(session, self._parts, user)
        job = models.PrivacyJob(
            id=new_id(),
            user_id=user.id,
            kind="delete",
            state="waiting",
            due=now + GRACE,
            acknowledged="",
            created=now,
        )
        session.add(job)
        ended = await self._core.sessions.end_all(session, user.id, "deleting")
        await self._core.log.add(session, user.id, "deletion_asked", actor_id=user.owner_id)
        return ended

    async def _welcome_back(self, session: AsyncSession, user: models.User) -> None:
        user.state, user.state_until = "active", None
        session.add(user)
        cancelled = update(models.PrivacyJob).where(
            col(models.PrivacyJob.user_id) == user.id,
            col(models.PrivacyJob.kind) == "delete",
            col(models.PrivacyJob.state) == "waiting",
        )
        await session.execute(cancelled.values(state="cancelled"))
        await self._core.log.add(session, user.id, "deletion_cancelled", actor_id=user.owner_id)


class Departures:
    """The deletions that are due, brought to their end in the background."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._parts = core.parts

    async def advance(self) -> None:
        """Begin what is due, and tell again what was not answered."""
        now = utc(self._parts.clock)
        job = models.PrivacyJob
        query = select(job).where(
            col(job.kind) == "delete",
            col(job.state).in_(("waiting", "working")),
            col(job.due) <= now,
        )
        async with self._parts.database.reading() as session:
            due = list(await session.scalars(query.order_by(col(job.due)).limit(BATCH)))
        for found in due:
            await self._advance(found)

    async def _advance(self, found: models.PrivacyJob) -> None:
        job = models.PrivacyJob
        now = utc(self._parts.clock)
        async with self._parts.database.transaction() as session:
            # Of several processes, and of a job and a change of mind, the first to write goes on.
            # Accounts are locked before jobs everywhere, so that nobody waits in a circle.
            user = await lock_user(session, found.user_id)
            taken = (
                update(job)
                .where(
                    col(job.id) == found.id,
                    col(job.state) == found.state,
                    col(job.due) == found.due,
                )
                .values(state="working", due=now + RETELL)
            )
            if user is None or not was_changed(await session.execute(taken)):
                return
            if found.state == "waiting":
                await erase(session, self._parts.keyring, user)
                first = update(job).where(col(job.id) == found.id).values(acknowledged="auth")
                await session.execute(first)
            event = UserDeleted(job_id=found.id, user_id=UserId(found.user_id))
            await self._parts.outbox.add(session, event)


def acknowledge(job: models.PrivacyJob, service: str) -> None:
    """Write down that a service has done its part. Twice is once."""
    job.acknowledged = " ".join(sorted({*job.acknowledged.split(), service}))


def is_acknowledged(job: models.PrivacyJob) -> bool:
    """Whether every service has done its part."""
    return set(SERVICES) <= set(job.acknowledged.split())
