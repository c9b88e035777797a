"""Refresh tokens: good once, and what happens when one comes twice (docs/sign-in.md 6).

RFC 9700 4.14 asks for it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import (
    DeviceRevokedError,
    Held,
    Holder,
    InvalidGrantError,
    ReuseDetectedError,
)
from backend.auth.service.sessions import Live, Sessions, hash_of
from backend.kit import logs
from backend.kit.clock import utc
from backend.kit.ids import SessionId
from backend.kit.parts import Parts

GRACE = timedelta(seconds=30)
"""How long a used token still gets the successor it got before: the answer may have been lost, or
two tabs asked at once. The same device's proof is needed, so it costs nothing in safety."""
_TABLE = "auth_refresh"


@dataclass(frozen=True, slots=True)
class Rotated:
    """The session goes on with the next token."""

    live: Live
    token: str = field(repr=False)


class Refreshing:
    """Rotates refresh tokens, inside the transactions of the service."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions

    async def get_held(self, session: AsyncSession, token: str) -> Held:
        """See the contract. Nothing is changed: the device has not proven anything yet."""
        refresh_hash = hash_of(token)
        row = await session.get(models.Refresh, refresh_hash)
        if row is None:
            raise InvalidGrantError
        live = await self._get_live(session, row.session_id)
        key = live.keys.for_audience("auth")
        return Held(SessionId(live.session.id), refresh_hash, key)

    async def rotate(self, session: AsyncSession, holder: Holder) -> Rotated | None:
        """The next token, or None for a copy: this one was used too long ago, or lost for good."""
        live = await self._get_live(session, holder.session_id)
        row = await session.get(models.Refresh, holder.refresh_hash, with_for_update=True)
        if row is None:
            raise InvalidGrantError
        if row.session_id != live.session.id:
            return None
        now = utc(self._parts.clock)
        if row.used_at is None:
            token = self._sessions.add_refresh(session, row.session_id)
            row.used_at = now
            row.successor = self._parts.keyring.seal(_TABLE, "successor", row.hash, token.encode())
            session.add(row)
            await self._sessions.touch(session, live)
            return Rotated(live, token)
        if now - row.used_at > GRACE or row.successor is None:
            return None
        again = self._parts.keyring.open_sealed(_TABLE, "successor", row.hash, row.successor)
        return Rotated(live, again.decode())

    async def _get_live(self, session: AsyncSession, session_id: str) -> Live:
        live = await self._sessions.find_live(session, session_id)
        if live is not None:
            logs.concern(live.user.id)
            return live
        ended = await session.get(models.Session, session_id)
        if ended:
            logs.concern(ended.user_id)
        if ended and ended.end_reason == "replaced" and self._is_late(ended):
            # A device said that its cookie was lost, and got another session by its keys. Now the
            # cookie is here: one of the two is a copy, and it is the later session that ends.
            successor = await self._sessions.find_newest(session, ended.device_id)
            if successor and successor.ended_at is None:
                return await self._get_live(session, successor.id)
        reason = ended.end_reason if ended else None
        if reason == "device_revoked":
            raise DeviceRevokedError
        if reason == "reuse":
            raise ReuseDetectedError
        raise InvalidGrantError

    def _is_late(self, ended: models.Session) -> bool:
        # Before that it may be an answer that crossed another on its way.
        return ended.ended_at is not None and utc(self._parts.clock) - ended.ended_at > GRACE
