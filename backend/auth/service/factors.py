"""Second factors: which an account has, whether one shown is good, and what may go."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import LastFactorError, SecondFactor
from backend.auth.service.passkeys import Expected, PasskeyBox
from backend.auth.service.recovery_codes import RecoveryCodes
from backend.auth.service.totp import TotpApps
from backend.kit.parts import Parts


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows."""

    type: SecondFactor
    value: str = field(repr=False)
    expected: Expected | None = None
    """What a passkey's answer is checked against."""


class Factors:
    """Takes second factors, inside the transactions of the service."""

    def __init__(self, parts: Parts) -> None:
        self.totp = TotpApps(parts)
        self.codes = RecoveryCodes(parts)
        self.passkeys = PasskeyBox(parts)

    async def expect(self, type_: SecondFactor, value: str, purpose: str, owner: str) -> Shown:
        """What somebody shows, with what it is checked against; to be called before a transaction.

        Raises BadFactorError.
        """
        is_passkey = type_ == "passkey"
        expected = await self.passkeys.spend(purpose, owner) if is_passkey else None
        return Shown(type_, value, expected)

    async def use(self, session: AsyncSession, user_id: str, shown: Shown) -> str:
        """Take what is shown, and return what it proves (RFC 8176). Raises BadFactorError."""
        if shown.expected is not None:
            found = await self.passkeys.recognise(session, shown.value, shown.expected, of=user_id)
            return found.amr
        if shown.type == "totp":
            await self.totp.use(session, user_id, shown.value)
        else:
            await self.codes.use(session, user_id, shown.value)
        return "otp"

    async def settle_removal(self, session: AsyncSession, user_id: str) -> None:
        """After a factor was deleted: undo that if it was the last of its kind that must be there.

        Raises LastFactorError. Recovery codes go with the factor that they stood in for.
        """
        password = await session.get(models.Password, user_id)
        elsewhere = select(models.ProviderUser.subject).where(
            col(models.ProviderUser.user_id) == user_id
        )
        is_linked = (await session.scalars(elsewhere.limit(1))).first() is not None
        left = await list_methods(session, user_id)
        if password is None and not is_linked and "passkey" not in left:
            raise LastFactorError(
                "That is the only key to your account. Set a password first, then throw it away."
            )
        if left:
            return
        if password is not None and password.is_short:
            raise LastFactorError(
                "Your password is a short one, and that is only fine beside a second lock."
                " Give it 15 characters or more first."
            )
        await self.codes.remove(session, user_id)


async def has_second_factor(session: AsyncSession, user_id: str) -> bool:
    """Whether the account is asked for more than its password. Then the password may be short."""
    return bool(await list_methods(session, user_id))


async def list_methods(session: AsyncSession, user_id: str) -> tuple[SecondFactor, ...]:
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
    kinds: tuple[tuple[SecondFactor, Any], ...] = (("totp", totp), ("passkey", passkey))
    found: list[SecondFactor] = [
        name for name, query in kinds if (await session.scalars(query)).first() is not None
    ]
    if found and (await session.scalars(code)).first() is not None:
        found.append("recovery_code")
    return tuple(found)
