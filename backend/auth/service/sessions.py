"""Sessions: a member signed in on a device, from the first token to the end."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import SessionRevoked
from backend.auth.service.beginnings import Beginning
from backend.auth.service.certainty import acr_of, joined
from backend.auth.service.device_keys import DeviceKeys, open_keys
from backend.auth.service.standing import list_roles
from backend.kit.callers import Member
from backend.kit.clock import utc
from backend.kit.database import Database
from backend.kit.ids import DeviceId, SessionId, UserId, new_id
from backend.kit.parts import Parts

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=180)
MAX_LIVE = 20
DEVICE_TABLE = "auth_device"


@dataclass(frozen=True, slots=True)
class Live:
    """A live session with its member and its device."""

    user: models.User
    session: models.Session
    device: models.Device
    keys: DeviceKeys = field(repr=False)
    roles: tuple[str, ...] = ("member",)

    @property
    def member(self) -> Member:
        """The member, as every service sees them."""
        return Member(
            user_id=UserId(self.user.id),
            session_id=SessionId(self.session.id),
            device_id=DeviceId(self.device.id),
            roles=self.roles,
            acr=self.session.acr,
            auth_time=int(self.session.auth_time.timestamp()),
        )

    @property
    def amr(self) -> tuple[str, ...]:
        """How they proved who they are."""
        return tuple(self.session.amr.split())


class Sessions:
    """Opens, finds and ends sessions, inside the transactions of the service."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(
        self, session: AsyncSession, user: models.User, beginning: Beginning, amr: str
    ) -> Live:
        """Sign a user in on a device that is new by construction: its keys are this beginning's."""
        device = self._new_device(user, beginning, utc(self._parts.clock))
        session.add(device)
        await session.flush()
        opened = await self.start(session, user.id, device.id, amr)
        return Live(user, opened, device, beginning.keys, await list_roles(session, user))

    async def start(
        self, session: AsyncSession, user_id: str, device_id: str, amr: str
    ) -> models.Session:
        """A new session of a user on a device that is there."""
        now = utc(self._parts.clock)
        opened = models.Session(
            id=new_id(),
            user_id=user_id,
            device_id=device_id,
            amr=amr,
            acr=acr_of(amr),
            auth_time=now,
            created=now,
            last_used=now,
            idle_expires_at=now + IDLE,
            expires_at=now + ABSOLUTE,
            ended_at=None,
            end_reason=None,
        )
        session.add(opened)
        await session.flush()
        return opened

    async def end_surplus(self, session: AsyncSession, user_id: str) -> list[SessionId]:
        """End the oldest of more than 20 sessions; returns those that ended."""
        live = await self.list_live(session, user_id)
        surplus = [entry for entry, _ in live[MAX_LIVE:]]
        for entry in surplus:
            await self.end(session, entry, "surplus")
        return [SessionId(entry.id) for entry in surplus]

    async def end_all(
        self, session: AsyncSession, user_id: str, reason: str, *, but: str = ""
    ) -> list[SessionId]:
        """End all sessions of a user, but one perhaps; returns those that ended."""
        live = await self.list_live(session, user_id)
        ended = [entry for entry, _ in live if entry.id != but]
        for entry in ended:
            await self.end(session, entry, reason)
        return [SessionId(entry.id) for entry in ended]

    async def list_live(
        self, session: AsyncSession, user_id: str
    ) -> Sequence[tuple[models.Session, models.Device]]:
        """The live sessions of a user and their devices, newest first."""
        now = utc(self._parts.clock)
        query = (
            select(models.Session, models.Device)
            .join(models.Device, col(models.Device.id) == col(models.Session.device_id))
            .where(
                col(models.Session.user_id) == user_id,
                col(models.Session.ended_at).is_(None),
                col(models.Session.idle_expires_at) > now,
                col(models.Session.expires_at) > now,
            )
            .order_by(col(models.Session.id).desc())
        )
        return [(row[0], row[1]) for row in await session.execute(query)]

    async def find_live(self, session: AsyncSession, session_id: str) -> Live | None:
        """A session that has not ended, nor run out."""
        query = (
            select(models.Session, models.Device, models.User)
            .join(models.Device, col(models.Device.id) == col(models.Session.device_id))
            .join(models.User, col(models.User.id) == col(models.Session.user_id))
            .where(col(models.Session.id) == session_id)
        )
        row = (await session.execute(query)).first()
        if row is None or not self._is_live(row[0]) or row[1].leaves is None:
            return None
        if row[2].state != "active":
            return None
        device: models.Device = row[1]
        keys = open_keys(
            self._parts.keyring, DEVICE_TABLE, device.id, device.kid, device.leaves or ""
        )
        return Live(row[2], row[0], device, keys, await list_roles(session, row[2]))

    async def find_newest(self, session: AsyncSession, device_id: str) -> models.Session | None:
        """The last session of a device, live or not."""
        newest = (
            select(models.Session)
            .where(col(models.Session.device_id) == device_id)
            .order_by(col(models.Session.id).desc())
        )
        return (await session.scalars(newest)).first()

    async def end_those_of_bots(
        self, session: AsyncSession, owner_id: str, reason: str
    ) -> list[SessionId]:
        """End the sessions of somebody's bots, whose secrets stay; returns those that ended."""
        query = (
            select(models.Session)
            .join(models.User, col(models.User.id) == col(models.Session.user_id))
            .where(col(models.User.owner_id) == owner_id, col(models.Session.ended_at).is_(None))
        )
        open_ones = list(await session.scalars(query))
        for entry in open_ones:
            await self.end_but_keys(session, entry, reason)
        return [SessionId(entry.id) for entry in open_ones]

    async def end(self, session: AsyncSession, ended: models.Session, reason: str) -> None:
        """End a session and tell the house. Twice is once.

        The device's keys go with it: they could only prove that somebody is who they no longer are.
        """
        if ended.ended_at is not None:
            return
        await session.execute(
            update(models.Device)
            .where(col(models.Device.id) == ended.device_id)
            .values(leaves=None)
        )
        await self.end_but_keys(session, ended, reason)

    async def end_but_keys(self, session: AsyncSession, ended: models.Session, reason: str) -> None:
        """The same, where the device's keys are good for another session."""
        ended.ended_at, ended.end_reason = utc(self._parts.clock), reason
        session.add(ended)
        # A sealed successor would outlive the session it belongs to.
        await session.execute(
            update(models.Refresh)
            .where(col(models.Refresh.session_id) == ended.id)
            .values(successor=None)
        )
        event = SessionRevoked(user_id=UserId(ended.user_id), session_id=SessionId(ended.id))
        await self._parts.outbox.add(session, event)

    async def confirm(self, session: AsyncSession, live: Live, amr: str) -> None:
        """They proved just now by `amr` that it is them; the session goes on as it is."""
        live.session.auth_time = utc(self._parts.clock)
        live.session.amr = joined(live.session.amr, amr)
        live.session.acr = acr_of(live.session.amr)
        session.add(live.session)

    async def touch(self, session: AsyncSession, live: Live) -> None:
        """The session was used just now."""
        now = utc(self._parts.clock)
        live.session.last_used = live.device.last_seen = now
        live.session.idle_expires_at = now + IDLE
        session.add_all([live.session, live.device])

    def add_refresh(self, session: AsyncSession, session_id: str) -> str:
        """A new refresh token of a session. Only its hash is kept."""
        token = secrets.token_urlsafe(32)
        session.add(
            models.Refresh(
                hash=hash_of(token),
                session_id=session_id,
                created=utc(self._parts.clock),
                used_at=None,
                successor=None,
            )
        )
        return token

    def _is_live(self, entry: models.Session) -> bool:
        now = utc(self._parts.clock)
        return entry.ended_at is None and now < min(entry.idle_expires_at, entry.expires_at)

    def _new_device(self, user: models.User, beginning: Beginning, now: datetime) -> models.Device:
        device_id = new_id()
        return models.Device(
            id=device_id,
            kid=beginning.keys.kid,
            user_id=user.id,
            name=beginning.device_name,
            platform=beginning.device_platform,
            leaves=beginning.keys.seal(self._parts.keyring, DEVICE_TABLE, device_id),
            created=now,
            last_seen=now,
        )


def hash_of(token: str) -> str:
    """How a token of 256 random bits is kept: nothing slower is needed to make it unguessable."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def end_all(database: Database, reason: str) -> None:
    """End every session there is.

    After a restore the rows are of an earlier day: a session that was ended since, because its
    device was stolen perhaps, would be alive again, and its thief signed in.
    """
    live = col(models.Session.ended_at).is_(None)
    async with database.transaction() as session:
        # The same as `end` does for one, without an event each: nobody is listening yet.
        await session.execute(update(models.Device).values(leaves=None))
        await session.execute(update(models.Refresh).values(successor=None))
        ended = {"ended_at": datetime.now(UTC), "end_reason": reason}
        await session.execute(update(models.Session).where(live).values(**ended))
