"""Sealing anew what is under an older key, so that the older key can go."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, select

from backend.auth import models
from backend.kit.keyring import Keyring, SealBrokenError
from backend.kit.parts import Parts

BATCH = 200
LOOK_AGAIN_SECONDS = 3_600
"""How long what was found settled is believed: looking walks along whole tables."""

_log = structlog.get_logger("sosa.auth")


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
    Sealed(models.PendingEmail, "sealed_address", ("user_id",)),
    Sealed(models.Letter, "sealed"),
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
        self._settled = ""
        """The key under which everything was when last looked."""
        self._settled_at = 0.0

    async def advance(self) -> None:
        """One batch of each column: what runs in the background need not hurry."""
        primary, now = self._parts.keyring.primary_kek, self._parts.clock.now()
        if primary == self._settled and now - self._settled_at < LOOK_AGAIN_SECONDS:
            return
        if not await self._move_some():
            self._settled, self._settled_at = primary, now

    async def finish(self, tell: Callable[[int], None]) -> int:
        """Go on until nothing can be moved any more; `tell` is given what is still left.

        Returns how many values are left under older keys: those that do not open at all.
        """
        while left := await self._count_old():
            tell(left)
            if not await self._move_some():
                break
        return left

    async def count(self) -> Counter[str]:
        """How many values are under which key. `?` counts those under no key of the ring."""
        found: Counter[str] = Counter()
        async with self._parts.database.reading() as session:
            for sealed in SEALED:
                value = sealed.table.c[sealed.column]
                filled = select(func.count()).where(value.is_not(None), value != "")
                known: Counter[str] = Counter()
                for kek in self._parts.keyring.keks:
                    under = filled.where(value.like(f"v1.{kek}.%"))
                    known[kek] = (await session.scalars(under)).one()
                known["?"] = (await session.scalars(filled)).one() - known.total()
                found += known
        return found

    async def _count_old(self) -> int:
        current = {self._parts.keyring.primary_kek, "?"}
        return sum(count for kek, count in (await self.count()).items() if kek not in current)

    async def _move_some(self) -> int:
        return sum([await self._move(sealed) for sealed in SEALED])

    async def _move(self, sealed: Sealed) -> int:
        keyring, value = self._parts.keyring, sealed.table.c[sealed.column]
        current = f"v1.{keyring.primary_kek}.%"
        query = (
            select(sealed.model)
            .where(value.is_not(None), value != "", value.not_like(current))
            .limit(BATCH)
        )
        async with self._parts.database.transaction() as session:
            rows = list(await session.scalars(query))
            return sum([await _rewrap(session, keyring, sealed, row) for row in rows])


async def _rewrap(session: AsyncSession, keyring: Keyring, sealed: Sealed, row: SQLModel) -> bool:
    before: str = getattr(row, sealed.column)
    table, name, row_id = sealed.table.name, sealed.column, sealed.row_id(row)
    try:
        after = keyring.seal(table, name, row_id, keyring.open_sealed(table, name, row_id, before))
    except SealBrokenError:
        # It opens for nobody. The others must not wait for it.
        _log.warning("sealed_value_broken", table=table, column=name)
        return False
    columns = sealed.table.c
    is_same_row = [columns[key] == getattr(row, key) for key in sealed.keys]
    # Only what is still as it was read: a password that is changed at this moment stays changed.
    is_unchanged = columns[name] == before
    moved = update(sealed.table).where(*is_same_row, is_unchanged).values({name: after})
    await session.execute(moved)
    return True
