"""Devices that lost their cookie and kept their keys, and the session they get for it."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.service.certainty import AMR_OF_DEVICE
from backend.auth.service.device_keys import DeviceKeys, open_keys
from backend.auth.service.sessions import DEVICE_TABLE, IDLE, Live, Sessions
from backend.auth.service.standing import list_roles
from backend.kit.clock import utc
from backend.kit.parts import Parts


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A device that lost its cookie and kept its keys, and the session it had."""

    session: models.Session
    device: models.Device
    keys: DeviceKeys = field(repr=False)


class Lapses:
    """Finds what lapsed and puts something in its place, inside the transactions of the service."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions

    async def find(self, session: AsyncSession, device_id: str) -> Lapsed | None:
        """The session that a device can still have another in the place of, if there is one.

        None when somebody ended it, when its 180 days are over, and when the device was not seen
        for 30.
        """
        device = await session.get(models.Device, device_id)
        entry = await self._sessions.find_newest(session, device_id)
        now = utc(self._parts.clock)
        if device is None or device.leaves is None or now - device.last_seen >= IDLE:
            return None
        if entry is None or entry.ended_at is not None or entry.expires_at <= now:
            return None
        keys = open_keys(self._parts.keyring, DEVICE_TABLE, device.id, device.kid, device.leaves)
        return Lapsed(entry, device, keys)

    async def replace(self, session: AsyncSession, user: models.User, lapsed: Lapsed) -> Live:
        """A new session for a device whose cookie is lost; the keys stay, the session goes.

        It ends when the first one would have, or a device would never have to sign in again. Nor
        does it say that somebody showed just now who they are.
        """
        before, device = lapsed.session, lapsed.device
        await self._sessions.end_but_keys(session, before, "replaced")
        opened = await self._sessions.start(session, user.id, device.id, AMR_OF_DEVICE)
        opened.expires_at, opened.auth_time = before.expires_at, before.auth_time
        device.last_seen = opened.created
        session.add_all([opened, device])
        return Live(user, opened, device, lapsed.keys, await list_roles(session, user))
