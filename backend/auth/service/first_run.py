"""The first owner: by a code that whoever starts the house is shown."""

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import WrongHouseCodeError
from backend.auth.service import limits
from backend.auth.service.beginnings import was_changed
from backend.auth.service.core import Core, Feature
from backend.auth.service.governing import grant
from backend.auth.service.standing import lock_user, raise_epoch
from backend.kit.callers import Member
from backend.kit.clock import utc
from backend.kit.errors import NotFoundError
from backend.kit.ids import UserId
from backend.kit.values import NOTHING, Nothing

LIFE = timedelta(days=1)
_NAME = "first_run"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it looks like something else."""
_LENGTH = 10
"""50 bits: at a thousand guesses a second for the whole day of its life, one in ten million."""
_LOOKALIKES = str.maketrans("OIL", "011", "- ")


class FirstRun(Feature):
    """Implements the first run of `contract.Governing`."""

    async def get_first_run(
        self,
        caller: Member,  # noqa: ARG002 - every member may know that nobody minds the house yet
        request: contract.GetFirstRun,  # noqa: ARG002
    ) -> contract.FirstRun:
        async with self._parts.database.reading() as session:
            return contract.FirstRun(is_open=not await has_owner(session))

    async def claim_house(
        self, caller: contract.Confirmed, request: contract.ClaimHouse
    ) -> Nothing:
        member = caller.member
        await self._parts.limits.spend(limits.FIRST_RUN, member.user_id)
        async with self._parts.database.transaction() as session:
            # Whoever deletes the row has used the code: of any number of tries at once, one.
            used = delete(models.HouseCode).where(
                col(models.HouseCode.hmac).in_(_macs(self._core, request.code)),
                col(models.HouseCode.expires_at) > utc(self._parts.clock),
            )
            if not was_changed(await session.execute(used)) or await has_owner(session):
                raise WrongHouseCodeError
            user = await make_owner(session, self._core, member.user_id)
        self._parts.revocations.raise_epoch(UserId(user.id), user.epoch)
        return NOTHING

    async def offer_house(self) -> str | None:
        """A new code for whoever starts the house, or None when it has its owner.

        The one before is worthless from now on. It is returned once and kept as a keyed hash.
        """
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        async with self._parts.database.transaction() as session:
            await session.execute(delete(models.HouseCode))
            if await has_owner(session):
                return None
            expires_at = utc(self._parts.clock) + LIFE
            row = models.HouseCode(
                name=_NAME, hmac=_macs(self._core, code)[0], expires_at=expires_at
            )
            await session.merge(row)
        return f"{code[:5]}-{code[5:]}"


async def create_owner(core: Core, username: str) -> None:
    """Make somebody an owner, on the word of whoever holds the machine. Raises NotFoundError."""
    async with core.parts.database.transaction() as session:
        query = select(models.User.id).where(
            col(models.User.username_key) == username.strip().lower(),
            col(models.User.state) == "active",
            col(models.User.is_bot).is_(False),
        )
        user_id = (await session.scalars(query)).first()
        if user_id is None:
            raise NotFoundError(f"Nobody here goes by the name {username!r}: register it first.")
        if await session.get(models.UserRole, (user_id, "owner")) is None:
            await make_owner(session, core, user_id)
        await session.execute(delete(models.HouseCode))


async def has_owner(session: AsyncSession) -> bool:
    """Whether the house has an owner."""
    query = select(models.UserRole.user_id).where(col(models.UserRole.role) == "owner").limit(1)
    return (await session.scalars(query)).first() is not None


async def make_owner(session: AsyncSession, core: Core, user_id: str) -> models.User:
    """Give somebody the role of owner; nobody else is asked."""
    user = await lock_user(session, user_id)
    if user is None or user.is_bot:
        raise WrongHouseCodeError
    await grant(session, core.parts.clock.now(), user, "owner", None)
    await raise_epoch(session, core.parts, user)
    await core.log.add(session, user.id, "role_granted", detail="owner")
    return user


def _macs(core: Core, code: str) -> tuple[str, ...]:
    spelt = code.upper().translate(_LOOKALIKES)
    return core.parts.keyring.macs("first run 1", spelt)
