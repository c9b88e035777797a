"""What members do with passkeys: make them, sign in with them, throw them away."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import contract, models
from backend.auth.contract import Admission, Applicant, Ceremony, Confirmed, PreauthGoneError
from backend.auth.service import limits
from backend.auth.service.account_rules import network_of
from backend.auth.service.core import Feature
from backend.auth.service.locking import entry_of
from backend.auth.service.second_step import KINDS, STEP, owner_of
from backend.kit.errors import NotFoundError
from backend.kit.values import NOTHING, Nothing

_ALONE = "sign_in"
_MAKING = "make"


class PasskeyDoors(Feature):
    """Implements `contract.Passkeys`."""

    async def ask_for_passkey(
        self,
        caller: Applicant,
        request: contract.AskForPasskey,  # noqa: ARG002
    ) -> Ceremony:
        async with self._parts.database.reading() as session:
            beginning = await self._core.beginnings.get(session, caller.preauth_id)
            allowed: list[str] = []
            if beginning.step == STEP and beginning.kind in KINDS:
                # The names of somebody's passkeys are told to those alone who know the password.
                found = await self._core.factors.passkeys.list_of(session, owner_of(beginning))
                allowed = [passkey.credential_id for passkey in found]
            elif (beginning.kind, beginning.step) != ("login", ""):
                raise PreauthGoneError
        is_alone = beginning.step != STEP
        purpose = _ALONE if is_alone else STEP
        expected = await self._core.factors.passkeys.expect(purpose, beginning.id)
        options = expected.ceremonies.request_options(
            allowed, expected.challenge, must_verify=is_alone
        )
        return Ceremony(options=options)

    async def sign_in_with_passkey(
        self, caller: Applicant, request: contract.SignInWithPasskey
    ) -> Admission:
        await self._parts.limits.spend(limits.PASSKEY_NETWORK, network_of(caller.network))
        beginning = await self._core.get_beginning(caller, "login")
        passkeys = self._core.factors.passkeys
        expected = await passkeys.spend(_ALONE, beginning.id)
        async with self._parts.database.transaction() as session:
            # It knew its owner, by a PIN, a finger or a face: what they have and what they know or
            # are. One that anybody could have touched is no more than a second factor.
            found = await passkeys.recognise(
                session, request.credential, expected, must_verify=True
            )
            user = await session.get_one(models.User, found.user_id)
            admitted = await self._core.admit(session, beginning, user, found.amr, is_enough=True)
        return await self._core.admission(caller, admitted)

    async def begin_passkey(
        self,
        caller: Confirmed,
        request: contract.BeginPasskey,  # noqa: ARG002
    ) -> Ceremony:
        member = caller.member
        async with self._parts.database.reading() as session:
            user = await session.get_one(models.User, member.user_id)
            found = await self._core.factors.passkeys.check_room(session, member.user_id)
        expected = await self._core.factors.passkeys.expect(_MAKING, member.session_id)
        taken = [passkey.credential_id for passkey in found]
        options = expected.ceremonies.creation_options(user, taken, expected.challenge)
        return Ceremony(options=options)

    async def add_passkey(
        self, caller: Confirmed, request: contract.AddPasskey
    ) -> contract.PasskeyEntry:
        member, passkeys = caller.member, self._core.factors.passkeys
        expected = await passkeys.spend(_MAKING, member.session_id)
        async with self._parts.database.transaction() as session:
            await self._core.note(session, member, "passkey_added", request.name)
            row = await passkeys.add(
                session, member.user_id, request.name, request.credential, expected
            )
        return entry_of(row)

    async def rename_passkey(self, caller: Confirmed, request: contract.RenamePasskey) -> Nothing:
        async with self._parts.database.transaction() as session:
            passkey = await self._get_own(session, caller, request.passkey_id)
            passkey.name = request.name
            session.add(passkey)
        return NOTHING

    async def remove_passkey(self, caller: Confirmed, request: contract.RemovePasskey) -> Nothing:
        member = caller.member
        async with self._parts.database.transaction() as session:
            passkey = await self._get_own(session, caller, request.passkey_id)
            # The line holds the account: two factors cannot each go as the last but one.
            await self._core.note(session, member, "passkey_removed", passkey.name)
            await session.delete(passkey)
            await session.flush()
            await self._core.factors.settle_removal(session, member.user_id)
        return NOTHING

    async def _get_own(
        self, session: AsyncSession, caller: Confirmed, passkey_id: str
    ) -> models.Passkey:
        passkey = await session.get(models.Passkey, passkey_id)
        if passkey is None or passkey.user_id != caller.member.user_id:
            raise NotFoundError("There is no such passkey.")
        return passkey
