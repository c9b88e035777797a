"""Recovery codes: on paper, for when the phone is gone."""

import secrets

from sqlalchemy import delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import BadFactorError
from backend.auth.service.beginnings import was_changed
from backend.kit.clock import utc
from backend.kit.ids import new_id
from backend.kit.parts import Parts

COUNT = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: what looks alike is there once."""
_CHARS = 24
"""120 bits: nobody guesses them, not even who has both the table and the key of its hashes."""
_GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011", "- \t")
_MAC_LABEL = "recovery code 1"


class RecoveryCodes:
    """Makes codes and takes each of them once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(self, session: AsyncSession, user_id: str) -> tuple[str, ...]:
        """Ten codes; those before are worthless."""
        await self.remove(session, user_id)
        codes = tuple(_code() for _ in range(COUNT))
        session.add_all(
            models.RecoveryCode(
                id=new_id(), user_id=user_id, code_hash=self._hashes(user_id, code)[0], used_at=None
            )
            for code in codes
        )
        return codes

    async def use(self, session: AsyncSession, user_id: str, code: str) -> None:
        """Take a code: of any number of tries with it, one succeeds. Raises BadFactorError."""
        spent = (
            update(models.RecoveryCode)
            .where(
                col(models.RecoveryCode.user_id) == user_id,
                col(models.RecoveryCode.code_hash).in_(self._hashes(user_id, code)),
                col(models.RecoveryCode.used_at).is_(None),
            )
            .values(used_at=utc(self._parts.clock))
        )
        if not was_changed(await session.execute(spent)):
            raise BadFactorError

    async def count(self, session: AsyncSession, user_id: str) -> int:
        """How many are unused."""
        query = select(func.count(col(models.RecoveryCode.id))).where(
            col(models.RecoveryCode.user_id) == user_id, col(models.RecoveryCode.used_at).is_(None)
        )
        return (await session.scalars(query)).one()

    async def remove(self, session: AsyncSession, user_id: str) -> None:
        """Forget all of them."""
        await session.execute(
            delete(models.RecoveryCode).where(col(models.RecoveryCode.user_id) == user_id)
        )

    def _hashes(self, user_id: str, code: str) -> tuple[str, ...]:
        # Of one account, so that a row is worth nothing in another's place. A slow hash would add
        # nothing: from 112 bits on a fast one is enough even without a key (ASVS 5.0, 6.5.2), and
        # ten slow ones for each try would be a way to keep the house busy.
        plain = code.upper().translate(_LOOKALIKES)
        return self._parts.keyring.macs(_MAC_LABEL, f"{user_id} {plain}")


def _code() -> str:
    plain = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARS))
    return "-".join(plain[start : start + _GROUP] for start in range(0, _CHARS, _GROUP))
