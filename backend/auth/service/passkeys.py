"""Passkeys: kept, asked for and recognised. What they say is checked in `ceremonies`."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import BadFactorError, FactorExistsError, TooManyPasskeysError
from backend.auth.service.beginnings import was_changed
from backend.kit.clock import utc
from backend.kit.ids import new_id
from backend.kit.parts import Parts

if TYPE_CHECKING:
    from backend.auth.service.ceremonies import Ceremonies

CHALLENGE_BYTES = 32
CHALLENGE_SECONDS = 600
MAX_PASSKEYS = 20
_CEREMONIES = "backend.auth.service.ceremonies"


@dataclass(frozen=True, slots=True)
class Expected:
    """What one answer is checked against."""

    challenge: bytes = field(repr=False)
    ceremonies: "Ceremonies"


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose passkey it was, and what that shows (RFC 8176)."""

    user_id: str
    amr: str


class PasskeyBox:
    """Keeps passkeys, and the challenges that wait for an answer."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def expect(self, purpose: str, owner: str) -> Expected:
        """A fresh challenge for one purpose of a beginning or session; the one before is gone."""
        challenge = os.urandom(CHALLENGE_BYTES)
        await self._parts.ephemera.put(_key(purpose, owner), challenge, CHALLENGE_SECONDS)
        return Expected(challenge, await self._open())

    async def spend(self, purpose: str, owner: str) -> Expected:
        """The challenge that an answer is to. It is used up, also by a wrong one.

        Raises BadFactorError.
        """
        challenge = await self._parts.ephemera.pop(_key(purpose, owner))
        if challenge is None:
            raise BadFactorError
        return Expected(challenge, await self._open())

    async def list_of(self, session: AsyncSession, user_id: str) -> Sequence[models.Passkey]:
        """The passkeys of an account, oldest first."""
        mine = col(models.Passkey.user_id) == user_id
        query = select(models.Passkey).where(mine).order_by(col(models.Passkey.id))
        return (await session.scalars(query)).all()

    async def check_room(self, session: AsyncSession, user_id: str) -> Sequence[models.Passkey]:
        """Those there are, if there may be another. Raises TooManyPasskeysError."""
        found = await self.list_of(session, user_id)
        if len(found) >= MAX_PASSKEYS:
            raise TooManyPasskeysError
        return found

    async def add(
        self, session: AsyncSession, user_id: str, name: str, credential: str, expected: Expected
    ) -> models.Passkey:
        """Keep a new passkey. Raises BadFactorError, FactorExistsError, TooManyPasskeysError."""
        await self.check_room(session, user_id)
        made = expected.ceremonies.check_made(credential, expected.challenge)
        row = models.Passkey(
            id=new_id(),
            user_id=user_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            is_backed_up=made.is_backed_up,
            transports=made.transports[:80],
            name=name,
            created=utc(self._parts.clock),
            last_used=None,
        )
        insert = self._parts.database.insert_ignore(models.Passkey).values(**row.model_dump())
        if not was_changed(await session.execute(insert)):
            # Whoever has it: one credential is one account's for good.
            raise FactorExistsError("We know that passkey already.")
        return row

    async def recognise(
        self,
        session: AsyncSession,
        credential: str,
        expected: Expected,
        *,
        of: str | None = None,
        must_verify: bool = False,
    ) -> Recognised:
        """Whose passkey answered, if it is `of` that user. Raises BadFactorError."""
        claimed = expected.ceremonies.credential_id_of(credential)
        query = select(models.Passkey).where(col(models.Passkey.credential_id) == claimed)
        row = (await session.scalars(query.with_for_update())).first()
        if row is None or of not in {None, row.user_id}:
            raise BadFactorError
        used = expected.ceremonies.check_used(
            credential, expected.challenge, row, must_verify=must_verify
        )
        # The counter moves from what was checked, or not at all: two answers of a copied key cannot
        # both be its next one.
        moved = (
            update(models.Passkey)
            .where(
                col(models.Passkey.id) == row.id,
                col(models.Passkey.sign_count) == row.sign_count,
            )
            .values(
                sign_count=used.sign_count,
                is_backed_up=used.is_backed_up,
                last_used=utc(self._parts.clock),
            )
        )
        if not was_changed(await session.execute(moved)):
            raise BadFactorError
        return Recognised(row.user_id, "pop mfa" if used.is_verified else "pop")

    async def _open(self) -> "Ceremonies":
        # In a thread, and when it is first needed: it takes 150 ms, which neither the others here
        # nor a function that knows no passkey should wait for.
        module = await asyncio.to_thread(import_module, _CEREMONIES)
        return cast("Ceremonies", module.Ceremonies(self._parts.settings.origin))


def _key(purpose: str, owner: str) -> str:
    return f"passkey:{purpose}:{owner}"
