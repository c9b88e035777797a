"""Codes of six characters that are mailed, and typed on the device that asked for them."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.beginnings import was_changed
from backend.kit.clock import utc
from backend.kit.parts import Parts

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like another, and no U to make a word of it."""
LENGTH = 6
LIFE = timedelta(minutes=10)
MAX_TRIES = 5
"""Of 2**30 codes: one guess in 200 million is right before the code is worthless."""
_LABEL = "code 1"

Row = type[models.Preauth] | type[models.PendingEmail]


def new_code() -> str:
    """A code that nobody can guess in five tries."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal(typed: str) -> str:
    """The code that somebody meant, however they typed it."""
    plain = "".join(filter(str.isalnum, typed)).upper()
    return plain.replace("O", "0").replace("I", "1").replace("L", "1")


class Codes:
    """Keeps and checks codes, inside the transactions of the service. Kept is a MAC only."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def columns(self, row_id: str, code: str) -> dict[str, Any]:
        """What to write into the row that waits for the code. The one before is worthless then."""
        return {
            "code_hmac": self._parts.keyring.mac(_LABEL, _of(row_id, code)),
            "code_expires_at": utc(self._parts.clock) + LIFE,
        }

    def is_open(self, row: models.Preauth | models.PendingEmail) -> bool:
        """Whether there is a code to try."""
        if row.code_hmac is None or row.code_expires_at is None:
            return False
        return row.code_tries < MAX_TRIES and row.code_expires_at > utc(self._parts.clock)

    async def is_right(
        self, session: AsyncSession, row: Row, row_id: str, typed: str
    ) -> bool | None:
        """Whether it is the code of that row; None when there is no code to try any more.

        The try is counted before anything is compared, and in one step: a thousand tries at once
        are five. The caller commits also when it was wrong. A right code is used up.
        """
        key = col(row.id if issubclass(row, models.Preauth) else row.user_id) == row_id
        is_open = (
            key,
            col(row.code_hmac).is_not(None),
            col(row.code_tries) < MAX_TRIES,
            col(row.code_expires_at) > utc(self._parts.clock),
        )
        counted = update(row).where(*is_open).values(code_tries=col(row.code_tries) + 1)
        if not was_changed(await session.execute(counted)):
            return None
        kept = (await session.scalars(select(row.code_hmac).where(key))).one() or ""
        if not self._parts.keyring.is_mac(kept, _LABEL, _of(row_id, normal(typed))):
            return False
        await session.execute(update(row).where(key).values(code_hmac=None))
        return True


def _of(row_id: str, code: str) -> str:
    # With the row's name: a code that was given to one device is no other's.
    return f"{row_id} {code}"
