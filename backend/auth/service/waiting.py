"""What waits in a beginning for a code: sealed, for it holds an address and a password's hash."""

from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import PreauthGoneError
from backend.kit.parts import Parts

W = TypeVar("W", bound=msgspec.Struct)
_PLACE = ("auth_preauth", "sealed_pending")


class PendingAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A registration. There is no account yet, so there is none that a stranger could prepare."""

    username: str
    username_key: str
    email: str
    age_band: str
    hashed: str


class PendingReset(msgspec.Struct, frozen=True, kw_only=True):
    """A forgotten password."""

    email: str
    hashed: str | None = None
    """The hash of the new one, once it is chosen."""
    is_short: bool = False
    """Whether that one is fine beside a second factor only."""


class Waiting:
    """Seals and opens it."""

    def __init__(self, parts: Parts) -> None:
        self._keyring = parts.keyring

    def seal(self, beginning_id: str, what: PendingAccount | PendingReset) -> str:
        """What to keep in the row of that beginning."""
        return self._keyring.seal(*_PLACE, beginning_id, msgspec.json.encode(what))

    async def get(self, session: AsyncSession, beginning_id: str, kind: type[W]) -> W:
        """What waits there. Raises PreauthGoneError when nothing does any more."""
        row = await session.get(models.Preauth, beginning_id)
        if row is None or row.sealed_pending is None:
            raise PreauthGoneError
        opened = self._keyring.open_sealed(*_PLACE, beginning_id, row.sealed_pending)
        return msgspec.json.decode(opened, type=kind)
