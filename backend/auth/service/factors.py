"""Which second factors an account has."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models


async def list_methods(session: AsyncSession, user_id: str) -> tuple[str, ...]:
    """What the account may be asked for beside its first factor; nothing when it has none.

    Recovery codes are offered beside another factor only: alone they are none.
    """
    totp = select(models.Totp.user_id).where(
        col(models.Totp.user_id) == user_id, col(models.Totp.confirmed_at).is_not(None)
    )
    passkey = select(models.Passkey.id).where(col(models.Passkey.user_id) == user_id).limit(1)
    code = (
        select(models.RecoveryCode.id)
        .where(
            col(models.RecoveryCode.user_id) == user_id, col(models.RecoveryCode.used_at).is_(None)
        )
        .limit(1)
    )
    found = [
        name
        for name, query in (("totp", totp), ("passkey", passkey))
        if (await session.scalars(query)).first() is not None
    ]
    if found and (await session.scalars(code)).first() is not None:
        found.append("recovery_code")
    return tuple(found)
