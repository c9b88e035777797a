"""Which roles an account has, and whether it may come in."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import AccountBannedError, AccountSuspendedError, EpochRaised
from backend.auth.contract.roles import RANKS
from backend.kit.ids import UserId
from backend.kit.parts import Parts


async def list_roles(session: AsyncSession, user: models.User) -> tuple[str, ...]:
    """The roles of an account as its tokens say them: what everyone is, then the highest first."""
    query = select(models.UserRole.role).where(col(models.UserRole.user_id) == user.id)
    granted = set(await session.scalars(query))
    return ("bot" if user.is_bot else "member", *(role for role in RANKS if role in granted))


async def lock_user(session: AsyncSession, user_id: str) -> models.User | None:
    """An account as it is now; nobody else changes it before the transaction ends."""
    return await session.get(models.User, user_id, with_for_update=True, populate_existing=True)


def check_standing(user: models.User, now: datetime) -> None:
    """Raise unless the account may come in now. A suspension that is over is lifted.

    Called when somebody has proven that it is theirs, and only then: whether a stranger's account
    is suspended, and why, is nobody else's business.
    """
    if user.state == "suspended" and user.state_until and user.state_until <= now:
        user.state, user.state_until, user.state_reason = "active", None, ""
    if user.state == "suspended" and user.state_until:
        end = f"{user.state_until:%d %B %Y, %H:%M} UTC"
        raise AccountSuspendedError(
            f"Your account is having a rest until {end}. The reason: {user.state_reason}"
        )
    if user.state not in {"active", "deleting"}:
        raise AccountBannedError(f"You cannot come in any more. The reason: {user.state_reason}")


async def raise_epoch(session: AsyncSession, parts: Parts, user: models.User) -> None:
    """End the access tokens of an account at once; whoever holds a session gets new ones.

    To be followed by `parts.revocations.raise_epoch` after the commit, so that it counts in this
    process without waiting for the outbox.
    """
    user.epoch += 1
    session.add(user)
    await parts.outbox.add(session, EpochRaised(user_id=UserId(user.id), epoch=user.epoch))
