"""The keys that access tokens are signed with, and how one follows the other (docs/sign-in.md 9).

A key is published before it signs (pending), signs (active), stays published until the last token
that it signed has run out (retiring), and is gone (retired). So nobody ever meets a token by a key
they could not know, and rotation under load refuses nobody.
"""

import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import Jwk, SigningKeyDropped
from backend.kit.clock import utc
from backend.kit.parts import Parts
from backend.kit.tokens import base64url
from backend.kit.tokens.access import SigningKey
from backend.kit.tokens.published import to_jwk
from backend.kit.tokens.revocations import Mark, names_key

PENDING = timedelta(minutes=15)
"""At least as long as anyone may go on with an old JWK set."""
RETIRING = timedelta(minutes=20)
"""At least as long as a token lives."""
ACTIVE = timedelta(days=30)
REREAD_SECONDS = 30
_TABLE = "auth_signing_key"


class SigningKeys:
    """The signing keys. Several processes may share them through the database."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._read_at = float("-inf")
        self._active: SigningKey | None = None
        self._published: tuple[Jwk, ...] = ()
        parts.revocations.listen_to_marks(self._on_mark)

    async def active(self) -> SigningKey:
        """The key to sign with."""
        await self._reread_if_due()
        if self._active is None:
            await self.advance()
        if self._active is None:
            raise RuntimeError("no signing key is active after one was made")
        return self._active

    async def published(self) -> tuple[Jwk, ...]:
        """Everything a token that is still good may be signed with, and what comes next."""
        await self.active()
        return self._published

    async def rotate(self) -> None:
        """Have a new key follow the active one, 15 minutes from now. Twice is once."""
        async with self._parts.database.transaction() as session:
            await self._take_turn(session)
            if not await self._in_state(session, "pending"):
                self._make(session, "pending")
        await self._read()

    async def drop_all(self) -> tuple[str, ...]:
        """In an emergency: no key of before signs or is believed any more; returns their names.

        A new one is made at once. To be followed by SigningKeyDropped for each.
        """
        now = utc(self._parts.clock)
        async with self._parts.database.transaction() as session:
            await self._take_turn(session)
            query = select(models.SigningKey).where(col(models.SigningKey.state) != "retired")
            dropped = list(await session.scalars(query))
            for key in dropped:
                key.state, key.changed_at, key.sealed_private = "retired", now, None
                session.add(key)
                await self._parts.outbox.add(session, SigningKeyDropped(kid=key.kid))
            await session.execute(update(models.User).values(epoch=col(models.User.epoch) + 1))
            self._make(session, "active")
        await self._read()
        return tuple(key.kid for key in dropped)

    async def list_states(self) -> list[tuple[str, str, datetime]]:
        """Name, state and time of the last change of every key that is not gone."""
        async with self._parts.database.reading() as session:
            query = select(models.SigningKey).where(col(models.SigningKey.state) != "retired")
            keys = await session.scalars(query.order_by(col(models.SigningKey.changed_at)))
            return [(key.kid, key.state, key.changed_at) for key in keys]

    async def advance(self) -> None:
        """Do what is due: make the first key or the next, and move keys on. To be called often."""
        now = utc(self._parts.clock)
        async with self._parts.database.transaction() as session:
            await self._take_turn(session)
            active = await self._in_state(session, "active")
            pending = await self._in_state(session, "pending")
            for key in await self._in_state(session, "retiring"):
                if now - key.changed_at >= RETIRING:
                    key.state, key.changed_at, key.sealed_private = "retired", now, None
            if not active:
                self._make(session, "active")
            elif pending and now - pending[0].changed_at >= PENDING:
                pending[0].state, pending[0].changed_at = "active", now
                for key in active:
                    key.state, key.changed_at = "retiring", now
            elif not pending and now - active[0].changed_at >= ACTIVE:
                self._make(session, "pending")
        await self._read()

    async def _take_turn(self, session: AsyncSession) -> None:
        # Two processes that both find no key, or none pending, would each make one. SQLite has one
        # writer anyway; the number means nothing but this.
        if self._parts.database.dialect == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(7305301)"))

    def _on_mark(self, mark: Mark) -> None:
        # A key that was dropped elsewhere must not sign here for another half minute.
        if names_key(mark):
            self._read_at = float("-inf")

    async def _reread_if_due(self) -> None:
        # Another process may have moved the keys on. Pending lasts far longer than this is behind.
        if self._parts.clock.now() - self._read_at >= REREAD_SECONDS:
            await self._read()

    async def _read(self) -> None:
        async with self._parts.database.reading() as session:
            query = select(models.SigningKey).where(col(models.SigningKey.state) != "retired")
            keys = list(await session.scalars(query))
        active = [key for key in keys if key.state == "active"]
        self._active = self._opened(max(active, key=lambda key: key.changed_at)) if active else None
        self._published = tuple(_to_jwk(key) for key in keys)
        self._read_at = self._parts.clock.now()

    def _opened(self, key: models.SigningKey) -> SigningKey:
        private = self._parts.keyring.open_sealed(
            _TABLE, "sealed_private", key.kid, key.sealed_private or ""
        )
        return SigningKey(key.kid, Ed25519PrivateKey.from_private_bytes(private))

    async def _in_state(self, session: AsyncSession, state: str) -> list[models.SigningKey]:
        query = select(models.SigningKey).where(col(models.SigningKey.state) == state)
        return list(await session.scalars(query))

    def _make(self, session: AsyncSession, state: str) -> None:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        # RFC 7638 in spirit: a name that follows from the key.
        kid = base64url.encode(hashlib.sha256(public).digest()[:16])
        sealed = self._parts.keyring.seal(
            _TABLE, "sealed_private", kid, private.private_bytes_raw()
        )
        session.add(
            models.SigningKey(
                kid=kid,
                state=state,
                public_key=base64url.encode(public),
                sealed_private=sealed,
                changed_at=utc(self._parts.clock),
            )
        )


def _to_jwk(key: models.SigningKey) -> Jwk:
    public = Ed25519PublicKey.from_public_bytes(base64url.decode(key.public_key))
    return Jwk(**to_jwk(key.kid, public))
