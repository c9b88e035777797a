"""E-mail addresses: kept as keyed hashes, and nobody's before a code has shown whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import EmailTakenError
from backend.auth.service.beginnings import was_changed
from backend.kit.clock import utc
from backend.kit.macs import root_of
from backend.kit.parts import Parts

_LABEL = "email 1"
_TABLE = "auth_user_email"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has verified an address."""

    user_id: str
    username: str
    state: str


class Addresses:
    """Keeps and finds addresses, inside the transactions of the service."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def hmac(self, email: str) -> str:
        """How an address is kept; it is the normal spelling that counts."""
        return self._parts.keyring.mac(_LABEL, email)

    def hmacs(self, email: str) -> tuple[str, ...]:
        """How it may have been kept, under roots that went before; the present one first."""
        return self._parts.keyring.macs(_LABEL, email)

    def seal(self, user_id: str, email: str) -> str:
        """The address itself, for a member who wants to be written to."""
        return self._parts.keyring.seal(_TABLE, "sealed_address", user_id, email.encode())

    async def find_owner(self, session: AsyncSession, hmacs: Sequence[str]) -> Owner | None:
        """Whose verified address it is."""
        query = (
            select(models.User.id, models.User.username, models.User.state)
            .join(models.UserEmail, col(models.UserEmail.user_id) == col(models.User.id))
            .where(
                col(models.UserEmail.hmac).in_(hmacs),
                col(models.UserEmail.verified_at).is_not(None),
            )
        )
        row = (await session.execute(query)).first()
        return Owner(*row) if row else None

    async def find_open(self, session: AsyncSession, user_id: str) -> str | None:
        """The address to write to, of a member who wants that."""
        row = await session.get(models.UserEmail, user_id)
        if row is None or row.verified_at is None or row.sealed_address is None:
            return None
        return self.open(row)

    def open(self, row: models.UserEmail) -> str:
        """The address of a row that keeps it. Raises SealBrokenError."""
        keyring, sealed = self._parts.keyring, row.sealed_address or ""
        return keyring.open_sealed(_TABLE, "sealed_address", row.user_id, sealed).decode()

    async def keep_verified(
        self, session: AsyncSession, user_id: str, hmacs: Sequence[str], sealed: str | None = None
    ) -> None:
        """Make an address a member's, who has shown that it is. Raises EmailTakenError.

        Whatever anyone else has begun with it and not verified ends here: else somebody who
        claimed your address before you came could still be there, or come back, afterwards.
        """
        owner = await self.find_owner(session, hmacs)
        if owner is not None and owner.user_id != user_id:
            raise EmailTakenError
        await self._drop_claims(session, user_id, hmacs)
        await self._drop_waiting(session, hmacs)
        row = models.UserEmail(
            user_id=user_id,
            hmac=hmacs[0],
            sealed_address=sealed,
            verified_at=utc(self._parts.clock),
        )
        await session.merge(row)
        await session.flush()

    async def renew(self, session: AsyncSession, user_id: str, email: str) -> bool:
        """Keep a member's address under the present root; returns whether that changed anything.

        Nothing is done when it is another, or is under that root already. `email` is either what
        they have just shown to be theirs, or what is kept sealed.
        """
        newest, *others = self.hmacs(email)
        row = models.UserEmail
        stale = [hmac for hmac in others if self._parts.keyring.is_stale(root_of(hmac))]
        if stale:
            others_own = select(row.user_id).where(
                col(row.hmac) == newest, col(row.verified_at).is_not(None)
            )
            is_own = (col(row.user_id) == user_id, col(row.hmac).in_(stale), ~others_own.exists())
            moved = update(row).where(*is_own).values(hmac=newest)
            return was_changed(await session.execute(moved))
        return False

    async def drop_pending(self, session: AsyncSession, user_id: str) -> None:
        """Forget that a member wants another address, whoever it was that said so."""
        mine = col(models.PendingEmail.user_id) == user_id
        await session.execute(delete(models.PendingEmail).where(mine))

    async def _drop_claims(self, session: AsyncSession, user_id: str, hmacs: Sequence[str]) -> None:
        others = (
            col(models.UserEmail.hmac).in_(hmacs),
            col(models.UserEmail.verified_at).is_(None),
            col(models.UserEmail.user_id) != user_id,
        )
        await session.execute(delete(models.UserEmail).where(*others))

    async def _drop_waiting(self, session: AsyncSession, hmacs: Sequence[str]) -> None:
        waiting = delete(models.PendingEmail).where(col(models.PendingEmail.hmac).in_(hmacs))
        await session.execute(waiting)
        registering = (
            col(models.Preauth.address_hmac).in_(hmacs), col(models.Preauth.kind) == "register",
        )  # fmt: skip
        ended = {"code_hmac": None, "sealed_pending": None}
        await session.execute(update(models.Preauth).where(*registering).values(**ended))
