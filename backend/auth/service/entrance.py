"""Getting in by name and password, staying in, and getting out."""

from backend.auth import contract, models
from backend.auth.contract import (
    Admission,
    Applicant,
    Holder,
    InvalidCredentialsError,
    Leaver,
    ReuseDetectedError,
    SignedIn,
)
from backend.auth.service import limits
from backend.auth.service.account_rules import network_of, normal_email
from backend.auth.service.accounts import check_form
from backend.auth.service.core import Feature
from backend.auth.service.passwords import normalized
from backend.kit.callers import Visitor


class Entrance(Feature):
    """Implements `contract.Entrance`."""

    async def begin(self, caller: Visitor, request: contract.Begin) -> contract.Begun:
        await self._parts.limits.spend(limits.BEGIN, network_of(caller.network))
        elsewhere = await self._core.elsewhere.find_for(request)
        async with self._parts.database.transaction() as session:
            return await self._core.beginnings.begin(session, request, elsewhere)

    async def register(self, caller: Applicant, request: contract.Register) -> Admission:
        await self._parts.limits.spend(limits.REGISTER, network_of(caller.network))
        beginning = await self._core.get_beginning(caller, "register")
        await self._core.check_age(caller, beginning, request.age_answer)
        form = check_form(request)
        # Also for a name that is taken: otherwise the time would tell, before any limit is felt.
        hashed = await self._core.passwords.hash(form.password)
        async with self._parts.database.transaction() as session:
            user = await self._core.accounts.make(session, form, hashed)
            admitted = await self._core.admit(session, beginning, user, "pwd")
        return await self._core.admission(caller, admitted)

    async def sign_in(self, caller: Applicant, request: contract.SignIn) -> Admission:
        # One bucket for every spelling that could find the same account, and no name in its key.
        account = self._parts.keyring.mac("bucket", normal_email(request.identifier)).hex()
        await self._parts.limits.spend(limits.PASSWORD_NETWORK, network_of(caller.network))
        await self._parts.limits.spend(limits.PASSWORD_ACCOUNT, account)
        beginning = await self._core.get_beginning(caller, "login")
        user, rehashed = await self._recognise(request)
        async with self._parts.database.transaction() as session:
            if rehashed:
                await self._core.accounts.update_password(session, user.id, rehashed)
            admitted = await self._core.admit(session, beginning, user, "pwd")
        return await self._core.admission(caller, admitted)

    async def refresh(self, caller: Holder, request: contract.Refresh) -> SignedIn:  # noqa: ARG002
        async with self._parts.database.transaction() as session:
            rotated = await self._core.refreshing.rotate(session, caller)
            if rotated is None:
                await self._core.end(session, caller.session_id, "reuse")
        if rotated is None:
            # Two have this token, and one of them has no right to it; nobody can tell which.
            self._core.revoke(caller.session_id)
            raise ReuseDetectedError
        return await self._core.signed_in(rotated.live, caller.jti, rotated.token)

    async def sign_out(
        self,
        caller: Leaver,
        request: contract.SignOut,  # noqa: ARG002
    ) -> contract.SignedOut:
        if caller.session_id is not None:
            async with self._parts.database.transaction() as session:
                await self._core.end(session, caller.session_id, "signed_out")
            self._core.revoke(caller.session_id)
        return contract.SignedOut()

    async def _recognise(self, request: contract.SignIn) -> tuple[models.User, str | None]:
        """The user whose password this is, and its new hash where the old one is outdated."""
        async with self._parts.database.reading() as session:
            claimed = await self._core.accounts.find_claimed(session, request.identifier)
        hashed = claimed.hashed if claimed else None
        password = normalized(request.password)
        is_right = await self._core.passwords.is_right(password, hashed)
        if claimed is None or not is_right:
            raise InvalidCredentialsError("That name and password do not go together.")
        if self._core.passwords.is_outdated(claimed.hashed):
            return claimed.user, await self._core.passwords.hash(password)
        return claimed.user, None
