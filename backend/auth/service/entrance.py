"""Getting in by name and password, staying in, and getting out."""

from backend.auth import contract, models
from backend.auth.contract import (
    Admission,
    Applicant,
    Holder,
    InvalidCredentialsError,
    KindNotOfferedError,
    Leaver,
    ReuseDetectedError,
    SignedIn,
)
from backend.auth.service import limits, mail_texts
from backend.auth.service.account_rules import network_of, normal_email
from backend.auth.service.accounts import Claimed, check_form
from backend.auth.service.core import Feature
from backend.auth.service.guesses import Try
from backend.auth.service.known_devices import Known
from backend.auth.service.passwords import normalized
from backend.kit import logs
from backend.kit.callers import Visitor
from backend.kit.errors import UnavailableError

NO_MAIL = (
    "This place sends no mail, so it cannot send you a code. Are you still signed in somewhere?"
    " Ask whoever runs it for help otherwise."
)


class Entrance(Feature):
    """Implements `contract.Entrance`."""

    async def begin(self, caller: Visitor, request: contract.Begin) -> contract.Begun:
        if request.kind == "reset" and not self._core.letters.are_sent:
            raise KindNotOfferedError(NO_MAIL, "kind")
        await self._parts.limits.spend(limits.BEGIN, network_of(caller.network))
        elsewhere = await self._core.elsewhere.find_for(request)
        async with self._parts.database.transaction() as session:
            return await self._core.beginnings.begin(session, request, elsewhere)

    async def register(self, caller: Applicant, request: contract.Register) -> Admission:
        await self._parts.limits.spend(limits.REGISTER, network_of(caller.network))
        beginning = await self._core.get_beginning(caller, "register", or_step="verify_email")
        await self._core.check_age(caller, beginning, request.age_answer)
        form = check_form(request)
        password = await self._core.rules.check(request.password, form.username, form.email or "")
        email = form.email if self._core.letters.are_sent else None
        if email:
            await self._parts.limits.spend(limits.MAIL_NETWORK, network_of(caller.network))
            await self._parts.limits.spend(limits.MAIL, self._core.addresses.hmac(email))
        # Also for a name that is taken: otherwise the time would tell, before any limit is felt.
        hashed = await self._core.passwords.hash(password)
        async with self._parts.database.transaction() as session:
            if email:
                await self._core.applications.keep(session, beginning, form, email, hashed)
                return Admission(next="verify_email")
            user = await self._core.accounts.make(session, form, hashed)
            admitted = await self._core.admit(session, beginning, user, "pwd")
        return await self._core.admission(caller, admitted)

    async def sign_in(self, caller: Applicant, request: contract.SignIn) -> Admission:
        known = self._core.known_devices.find(caller.known_device)
        beginning = await self._core.get_beginning(caller, "login")
        user, rehashed = await self._recognise(caller, known, request)
        async with self._parts.database.transaction() as session:
            if rehashed:
                await self._core.accounts.update_password(session, user.id, rehashed)
            if "@" in request.identifier:
                email = normal_email(request.identifier)
                await self._core.addresses.renew(session, user.id, email)
            admitted = await self._core.admit(session, beginning, user, "pwd")
            if admitted.live and not (known and known.user_id == user.id):
                name, origin = admitted.live.device.name, self._parts.settings.origin
                text = mail_texts.new_browser(user.username, name, origin)
                await self._core.notices.add(session, user.id, text)
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

    async def _recognise(
        self, caller: Applicant, known: Known | None, request: contract.SignIn
    ) -> tuple[models.User, str | None]:
        """The user whose password this is, and its new hash where the old one is outdated.

        Counted before anything costly is done, in the lane of whoever tries (see `guesses`).
        """
        guess = Try()
        if known is None:
            await self._core.guesses.spend_network(guess, network_of(caller.network))
        async with self._parts.database.reading() as session:
            claimed = await self._core.accounts.find_claimed(session, request.identifier)
        if claimed:
            logs.concern(claimed.user.id)
        await self._count(guess, caller, known, claimed, request.identifier)
        password = normalized(request.password)
        hashed = claimed.hashed if claimed else None
        try:
            is_right = await self._core.passwords.is_right(password, hashed)
        except UnavailableError:
            await self._core.guesses.forgive(guess)
            raise
        if claimed is None or not is_right:
            raise InvalidCredentialsError("That name and password do not go together.")
        await self._core.guesses.forgive(guess)
        if self._core.passwords.is_outdated(claimed.hashed):
            return claimed.user, await self._core.passwords.hash(password)
        return claimed.user, None

    async def _count(
        self,
        guess: Try,
        caller: Applicant,
        known: Known | None,
        claimed: Claimed | None,
        identifier: str,
    ) -> None:
        guesses = self._core.guesses
        is_owners = known is not None and claimed is not None and known.user_id == claimed.user.id
        if known is not None and is_owners and await guesses.spend_known(guess, known):
            return
        if known is not None:
            await guesses.spend_network(guess, network_of(caller.network))
        # One bucket for every name of an account; and no name or address in a bucket's own.
        spelling = normal_email(identifier)
        who = claimed.user.id if claimed else self._parts.keyring.mac("bucket", spelling)
        await guesses.spend_account(guess, who)
