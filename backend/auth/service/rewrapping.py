"""Sealing anew what is under an older key, so that the older key can go."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, select

from backend.auth import models
from backend.kit.keyring import Keyring
from backend.kit.parts import Parts

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values, and what its rows are called under the seal."""

    model: type[SQLModel]
    column: str
    keys: tuple[str, ...] = ("id",)

    @property
    def table(self) -> sa.Table:
        """The table, as statements see it."""
        return self.model.__table__  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - made by the metaclass

    def row_id(self, row: SQLModel) -> str:
        """The row's name: its key, or the parts of it with slashes between."""
        return "/".join(getattr(row, key) for key in self.keys)


SEALED = (
    Sealed(models.Password, "sealed_hash", ("user_id",)),
    Sealed(models.UserEmail, "sealed_address", ("user_id",)),
    Sealed(models.Totp, "sealed_secret", ("user_id",)),
    Sealed(models.Preauth, "leaves"),
    Sealed(models.Preauth, "sealed_exchange"),
    Sealed(models.Preauth, "sealed_pending"),
    Sealed(models.Device, "leaves"),
    Sealed(models.Refresh, "successor", ("hash",)),
    Sealed(models.SigningKey, "sealed_private", ("kid",)),
    Sealed(models.PrivacyPart, "sealed_content", ("job_id", "name")),
)
"""Every sealed column of auth. A test holds it to the models."""


class Rewrapping:
    """Moves values to the key that seals now, in batches, while everything goes on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def advance(self) -> None:
        """One batch of each column: what runs in the background need not hurry."""
        for sealed in SEALED:
            await self._move(sealed)

    async def finish(self, tell: Callable[[int], None]) -> None:
        """Go on until nothing is left under another key; `tell` is given what is still left."""
        while left := sum(
            count for kek, count in (await self.count()).items() if self._is_old(kek)
        ):
            tell(left)
            await self.advance()

    async def count(self) -> Counter[str]:
        """How many values are under which key."""
        found: Counter[str] = Counter()
        async with self._parts.database.reading() as session:
            for sealed in SEALED:
                value = sealed.table.c[sealed.column]
                # v1.<kek>.: the name of the key ends at the second dot.
                rest = func.substr(value, 4)
                values = select(func.substr(rest, 1, 8)).where(value.is_not(None), value != "")
                for start in await session.scalars(values):
                    found[start.partition(".")[0]] += 1
        return found

    def _is_old(self, kek: str) -> bool:
        return kek != self._parts.keyring.primary_kek

    async def _move(self, sealed: Sealed) -> None:
        keyring, value = self._parts.keyring, sealed.table.c[sealed.column]
        current = f"v1.{keyring.primary_kek}.%"
        query = (
            select(sealed.model)
            .where(value.is_not(None), value != "", value.not_like(current))
            .limit(BATCH)
        )
        async with self._parts.database.transaction() as session:
            for row in await session.scalars(query):
                await _rewrap(session, keyring, sealed, row)


async def _rewrap(session: AsyncSession, keyring: Keyring, sealed: Sealed, row: SQLModel) -> None:
    before: str = getattr(row, sealed.column)
    table, name, row_id = sealed.table.name, sealed.column, sealed.row_id(row)
    after = keyring.seal(table, name, row_id, keyring.open_sealed(table, name, row_id, before))
    columns = sealed.table.c
    is_same_row = [columns[key] == getattr(row, key) for key in sealed.keys]
    # Only what is still as it was read: a password that is changed at this moment stays changed.
    is_unchanged = columns[name] == before
    moved = update(sealed.table).where(*is_same_row, is_unchanged).values({name: after})
    await session.execute(moved)
