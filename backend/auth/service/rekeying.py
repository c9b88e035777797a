"""Making keyed hashes anew under the newest root, so that an older root can go.

A hash does not tell what it is of. So it is made anew where that is known: an address that
somebody has just shown to be theirs (`Addresses.renew`), one that is kept sealed, and every line of
a security log. The others leave when they are used up or forgotten.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import func
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.addresses import Addresses
from backend.auth.service.security_log import SecurityLog
from backend.kit.key_files import FIRST
from backend.kit.keyring import SealBrokenError
from backend.kit.parts import Parts

BATCH = 100

_log = structlog.get_logger("sosa.auth")


@dataclass(frozen=True, slots=True)
class Keyed:
    """Keyed hashes of one kind, and how they leave an older root."""

    name: str
    column: Mapped[Any]
    leaves: str
    where: sa.ColumnElement[bool] | None = None
    """Which rows of the table, if not all."""
    mark: str = ""
    """What stands before the hash."""


KEYED = (
    Keyed(
        "addresses", col(models.UserEmail.hmac),
        "as their owners sign in with them, and by themselves where they are kept sealed",
    ),
    Keyed("new addresses", col(models.PendingEmail.hmac), "in ten minutes"),
    Keyed("codes for new addresses", col(models.PendingEmail.code_hmac), "in ten minutes"),
    Keyed("addresses of beginnings", col(models.Preauth.address_hmac), "in a day"),
    Keyed("codes of beginnings", col(models.Preauth.code_hmac), "in a day"),
    Keyed("code of the house", col(models.HouseCode.hmac), "when it is used, or shown anew"),
    Keyed("device secrets that were used", col(models.SeenSecret.hmac), "in 400 days"),
    Keyed(
        "recovery codes", col(models.RecoveryCode.code_hash),
        "when they are used, or their owner makes others",
        where=col(models.RecoveryCode.used_at).is_(None),
    ),
    Keyed("lines of security logs", col(models.SecurityEvent.mac), "by themselves"),
    Keyed(
        "ends of security logs", col(models.User.log_head), "by themselves",
        where=col(models.User.log_head) != "",
    ),
    Keyed(
        "names of who is gone", col(models.User.username_key), "never",
        where=col(models.User.state) == "deleted", mark="~",
    ),
)  # fmt: skip
"""Every keyed hash that auth keeps. A test holds it to the models."""


class Rekeying:
    """Counts keyed hashes by root, and moves those that can be moved, while everything goes on."""

    def __init__(self, parts: Parts, addresses: Addresses, log: SecurityLog) -> None:
        self._parts = parts
        self._addresses = addresses
        self._log = log
        self._settled: tuple[str, ...] = ()
        """The newest root, and those that nothing movable was found under."""

    @property
    def leaves(self) -> dict[str, str]:
        """How keyed hashes of each kind leave an older root."""
        return {keyed.name: keyed.leaves for keyed in KEYED}

    async def advance(self) -> None:
        """One batch of each kind."""
        keyring = self._parts.keyring
        root, older = (
            keyring.primary_root,
            [name for name in keyring.roots if keyring.is_stale(name)],
        )
        if not older or self._settled == (root, *older):
            return
        if not await self._move_addresses() + await self._move_logs():
            self._settled = (root, *older)

    async def finish(self, tell: Callable[[int], None]) -> None:
        """Go on until nothing can be moved any more; `tell` is given how many were moved so far."""
        moved = 0
        while batch := await self._move_addresses() + await self._move_logs():
            tell(moved := moved + batch)

    async def count(self, root: str) -> Counter[str]:
        """How many keyed hashes of which kind are under a root; no kind that has none."""
        found: Counter[str] = Counter()
        async with self._parts.database.reading() as session:
            for keyed in KEYED:
                under = select(func.count()).where(_is_under(keyed, root))
                if count := (await session.scalars(under)).one():
                    found[keyed.name] = count
        return found

    async def _move_addresses(self) -> int:
        """Make hashes of sealed addresses anew; returns how many could be."""
        row = models.UserEmail
        query = select(row).where(col(row.sealed_address).is_not(None), self._is_stale(KEYED[0]))
        moved = 0
        async with self._parts.database.transaction() as session:
            for found in await session.scalars(query.limit(BATCH)):
                try:
                    address = self._addresses.open(found)
                except SealBrokenError:
                    _log.warning("sealed_value_broken", table="auth_user_email", column="address")
                    continue
                moved += await self._addresses.renew(session, found.user_id, address)
        return moved

    async def _move_logs(self) -> int:
        """Bind logs anew; returns how many could be. One that was tampered with stays as it is."""
        user, event = models.User, models.SecurityEvent
        lines = select(event.user_id).where(self._is_stale(_keyed("lines of security logs")))
        ends = self._is_stale(_keyed("ends of security logs"))
        query = select(user.id).where(col(user.id).in_(lines) | ends).limit(BATCH)
        async with self._parts.database.reading() as session:
            owners = list(await session.scalars(query))
        moved = 0
        for user_id in owners:
            # A transaction each: whoever writes a line meanwhile waits for one log, not for all.
            async with self._parts.database.transaction() as session:
                is_whole = await self._log.renew(session, user_id)
            moved += is_whole
            if not is_whole:
                _log.warning("security_log_broken", user_id=user_id)
        return moved

    def _is_stale(self, keyed: Keyed) -> sa.ColumnElement[bool]:
        keyring = self._parts.keyring
        stale = [root for root in keyring.roots if keyring.is_stale(root)]
        return sa.or_(sa.false(), *(_is_under(keyed, root) for root in stale))


def _keyed(name: str) -> Keyed:
    return next(keyed for keyed in KEYED if keyed.name == name)


def _is_under(keyed: Keyed, root: str) -> sa.ColumnElement[bool]:
    bare = keyed.column.like(f"{keyed.mark}%") & keyed.column.not_like("%.%")
    is_under = bare if root == FIRST else keyed.column.like(f"{keyed.mark}{root}.%")
    return is_under if keyed.where is None else sa.and_(keyed.where, is_under)
