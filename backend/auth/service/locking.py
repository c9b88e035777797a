"""What members lock their account with: an app that makes codes, recovery codes."""

from backend.auth import contract, models
from backend.auth.contract import Confirmed, NoSecondFactorError, Sealed
from backend.auth.service import limits
from backend.auth.service.core import Feature
from backend.auth.service.factors import has_second_factor
from backend.kit.callers import Member
from backend.kit.values import NOTHING, Nothing


class Locking(Feature):
    """Implements `contract.Factors`, but for the step of signing in."""

    async def get_locks(
        self,
        caller: Member,
        request: contract.GetLocks,  # noqa: ARG002
    ) -> contract.Locks:
        async with self._parts.database.reading() as session:
            totp = await session.get(models.Totp, caller.user_id)
            passkeys = await self._core.factors.passkeys.list_of(session, caller.user_id)
            return contract.Locks(
                has_password=await session.get(models.Password, caller.user_id) is not None,
                totp_since=totp.confirmed_at if totp else None,
                passkeys=tuple(entry_of(passkey) for passkey in passkeys),
                recovery_codes=await self._core.factors.codes.count(session, caller.user_id),
            )

    async def begin_totp(self, caller: Confirmed, request: contract.BeginTotp) -> Sealed:  # noqa: ARG002
        live = await self._core.get_live(caller.member.session_id)
        async with self._parts.database.transaction() as session:
            # The row of the account is held: begun twice at once, the second waits for the first.
            user = await session.get_one(models.User, live.user.id, with_for_update=True)
            begun = await self._core.factors.totp.begin(session, user)
        return Sealed(sealed=self._core.issuing.seal(live, caller.jti, begun))

    async def confirm_totp(self, caller: Confirmed, request: contract.ConfirmTotp) -> Nothing:
        await self._parts.limits.spend(limits.STEP_UP, caller.member.session_id)
        async with self._parts.database.transaction() as session:
            await self._core.factors.totp.confirm(session, caller.member.user_id, request.code)
            await self._core.note(session, caller.member, "totp_added")
        return NOTHING

    async def remove_totp(self, caller: Confirmed, request: contract.RemoveTotp) -> Nothing:  # noqa: ARG002
        async with self._parts.database.transaction() as session:
            # First: it holds the account, so that two factors cannot each go as the last but one.
            await self._core.note(session, caller.member, "totp_removed")
            await self._core.factors.totp.remove(session, caller.member.user_id)
            await self._core.factors.settle_removal(session, caller.member.user_id)
        return NOTHING

    async def make_recovery_codes(
        self,
        caller: Confirmed,
        request: contract.MakeRecoveryCodes,  # noqa: ARG002
    ) -> Sealed:
        user_id = caller.member.user_id
        live = await self._core.get_live(caller.member.session_id)
        async with self._parts.database.transaction() as session:
            await self._core.note(session, caller.member, "recovery_codes_made")
            if not await has_second_factor(session, user_id):
                raise NoSecondFactorError
            codes = await self._core.factors.codes.make(session, user_id)
        return Sealed(sealed=self._core.issuing.seal(live, caller.jti, {"codes": codes}))


def entry_of(passkey: models.Passkey) -> contract.PasskeyEntry:
    """A passkey as its owner sees it."""
    return contract.PasskeyEntry(
        id=passkey.id,
        name=passkey.name,
        is_backed_up=passkey.is_backed_up,
        created=passkey.created,
        last_used=passkey.last_used,
    )
