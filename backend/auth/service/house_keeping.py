"""What auth does by itself: move signing keys on, forget what is over, recall who left."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Select, delete
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.signing import SigningKeys
from backend.kit.clock import utc
from backend.kit.ids import SessionId, UserId
from backend.kit.parts import Parts
from backend.kit.tokens.revocations import REMEMBER_SECONDS

INTERVAL_SECONDS = 60
KEEP_BEGINNINGS = timedelta(days=1)
KEEP_USED_REFRESH = timedelta(days=7)
"""A copy that turns up later is refused all the same; it only no longer ends the session."""
KEEP_SEEN_SECRETS = timedelta(days=400)

_log = structlog.get_logger("sosa.auth")


class Duty(Protocol):
    """Work that is due from time to time."""

    async def advance(self) -> None: ...


class HouseKeeping:
    """The background work of auth. It does not mind running in several processes at once."""

    def __init__(self, parts: Parts, signing: SigningKeys, duties: Sequence[Duty] = ()) -> None:
        self._duties = duties
        self._parts = parts
        self._signing = signing

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.tidy()
            except Exception:  # noqa: BLE001 - logged, and tried again
                # A database that is away for a moment must not end this for good.
                _log.exception("house_keeping_failed")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def tidy(self) -> None:
        """Do what is due."""
        await self._signing.advance()
        await self.sweep()
        for duty in self._duties:
            await duty.advance()

    async def recall_ended(self) -> None:
        """Put lately ended sessions on the list again: a restart must not revive their tokens."""
        since = utc(self._parts.clock) - timedelta(seconds=REMEMBER_SECONDS)
        async with self._parts.database.reading() as session:
            query = select(models.Session.id).where(col(models.Session.ended_at) >= since)
            ended = list(await session.scalars(query))
            raised = list(await session.execute(_changed_roles_since(since)))
        for session_id in ended:
            self._parts.revocations.revoke_session(SessionId(session_id))
        for user_id, epoch in raised:
            self._parts.revocations.raise_epoch(UserId(user_id), epoch)

    async def sweep(self) -> None:
        """Delete what nobody will ask for again."""
        now = utc(self._parts.clock)
        async with self._parts.database.transaction() as session:
            await session.execute(
                delete(models.Preauth).where(col(models.Preauth.expires_at) < now - KEEP_BEGINNINGS)
            )
            await session.execute(
                delete(models.SeenSecret).where(
                    col(models.SeenSecret.created) < now - KEEP_SEEN_SECRETS
                )
            )
            for waiting in (
                delete(models.Letter).where(col(models.Letter.expires_at) < now),
                delete(models.PendingEmail).where(col(models.PendingEmail.code_expires_at) < now),
            ):
                await session.execute(waiting)
            await session.execute(
                delete(models.Refresh).where(col(models.Refresh.used_at) < now - KEEP_USED_REFRESH)
            )


def _changed_roles_since(since: datetime) -> Select[str, int]:
    """Accounts whose tokens were ended lately for a change of roles, and their epochs.

    Every other reason to raise an epoch ends the sessions too, which are recalled by themselves.
    """
    event, user = models.SecurityEvent, models.User
    changed = select(event.user_id).where(
        col(event.name).in_(("role_granted", "role_revoked")), col(event.at) >= since
    )
    return select(col(user.id), col(user.epoch)).where(col(user.id).in_(changed))
