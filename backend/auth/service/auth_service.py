"""The contract, operation by operation. Each opens its one transaction here (style.md 32)."""

from backend.auth import contract, models
from backend.auth.contract import (
    Applicant,
    Held,
    Holder,
    InvalidCredentialsError,
    Leaver,
    PreauthGoneError,
    ReuseDetectedError,
    SignedIn,
    TooYoungError,
)
from backend.auth.service import limits
from backend.auth.service.account_rules import network_of, normal_email
from backend.auth.service.accounts import Accounts, check_form
from backend.auth.service.beginnings import Beginning, Beginnings
from backend.auth.service.house_keeping import HouseKeeping
from backend.auth.service.issuing import Issuing
from backend.auth.service.membership import Membership
from backend.auth.service.passwords import Passwords, normalized
from backend.auth.service.refreshing import Refreshing
from backend.auth.service.sessions import Live, Sessions
from backend.auth.service.signing import SigningKeys
from backend.auth.service.tickets import Tickets
from backend.kit.callers import Visitor
from backend.kit.ids import SessionId
from backend.kit.parts import Parts
from backend.kit.tokens.proofs import DeviceKey


class AuthService(Membership):
    """Implements `Auth` and `ProofKeys`."""

    def __init__(self, parts: Parts) -> None:
        self.signing = SigningKeys(parts)
        sessions = Sessions(parts)
        issuing = Issuing(parts, self.signing)
        super().__init__(parts, sessions, issuing, Tickets(parts))
        self._beginnings = Beginnings(parts)
        self._accounts = Accounts(parts)
        self._passwords = Passwords()
        self._refreshing = Refreshing(parts, sessions)
        self._house_keeping = HouseKeeping(parts, self.signing)

    async def prepare(self) -> None:
        """Before anyone is served: the first key, and who was signed out just before a restart."""
        await self.signing.advance()
        await self._house_keeping.recall_ended()

    async def keep_house(self) -> None:
        """One round of what `run` does, where the clock asks for it."""
        await self._house_keeping.tidy()

    async def run(self) -> None:
        """Rotate keys and forget what may be forgotten, until cancelled."""
        await self._house_keeping.run()

    async def begin(self, caller: Visitor, request: contract.Begin) -> contract.Begun:
        await self._parts.limits.spend(limits.BEGIN, network_of(caller.network))
        async with self._parts.database.transaction() as session:
            return await self._beginnings.begin(session, request)

    async def register(self, caller: Applicant, request: contract.Register) -> SignedIn:
        await self._parts.limits.spend(limits.REGISTER, network_of(caller.network))
        beginning = await self._get_beginning(caller, "register")
        await self._check_age(caller, beginning, request.age_answer)
        form = check_form(request)
        # Also for a name that is taken: otherwise the time would tell, before any limit is felt.
        hashed = await self._passwords.hash(form.password)
        async with self._parts.database.transaction() as session:
            await self._beginnings.claim(session, beginning.id)
            user = await self._accounts.make(session, form, hashed)
            live = await self._sessions.open(session, user, beginning, "pwd")
            token = self._sessions.add_refresh(session, live.session.id)
        return await self._signed_in(live, caller.jti, token)

    async def sign_in(self, caller: Applicant, request: contract.SignIn) -> SignedIn:
        # One bucket for every spelling that could find the same account, and no name in its key.
        account = self._parts.keyring.mac("bucket", normal_email(request.identifier)).hex()
        await self._parts.limits.spend(limits.PASSWORD_NETWORK, network_of(caller.network))
        await self._parts.limits.spend(limits.PASSWORD_ACCOUNT, account)
        beginning = await self._get_beginning(caller, "login")
        user, rehashed = await self._recognise(request)
        async with self._parts.database.transaction() as session:
            await self._beginnings.claim(session, beginning.id)
            if rehashed:
                await self._accounts.update_password(session, user.id, rehashed)
            live = await self._sessions.open(session, user, beginning, "pwd")
            token = self._sessions.add_refresh(session, live.session.id)
            ended = await self._sessions.end_surplus(session, user.id)
        self._revoke(*ended)
        return await self._signed_in(live, caller.jti, token)

    async def refresh(self, caller: Holder, request: contract.Refresh) -> SignedIn:  # noqa: ARG002
        async with self._parts.database.transaction() as session:
            rotated = await self._refreshing.rotate(session, caller)
            if rotated is None:
                await self._end(session, caller.session_id, "reuse")
        if rotated is None:
            # Two have this token, and one of them has no right to it; nobody can tell which.
            self._revoke(caller.session_id)
            raise ReuseDetectedError
        return await self._signed_in(rotated.live, caller.jti, rotated.token)

    async def sign_out(
        self,
        caller: Leaver,
        request: contract.SignOut,  # noqa: ARG002
    ) -> contract.SignedOut:
        if caller.session_id is not None:
            async with self._parts.database.transaction() as session:
                await self._end(session, caller.session_id, "signed_out")
            self._revoke(caller.session_id)
        return contract.SignedOut()

    async def get_jwks(self, caller: Visitor, request: contract.GetJwks) -> contract.Jwks:  # noqa: ARG002
        return contract.Jwks(keys=await self.signing.published())

    async def get_applicant_key(self, preauth_id: str) -> DeviceKey:
        async with self._parts.database.reading() as session:
            beginning = await self._beginnings.get(session, preauth_id)
        return beginning.keys.for_audience("auth")

    async def count_bad_proof(self, preauth_id: str) -> None:
        async with self._parts.database.transaction() as session:
            await self._beginnings.count_bad_proof(session, preauth_id)

    async def get_held(self, refresh_token: str) -> Held:
        async with self._parts.database.reading() as session:
            return await self._refreshing.get_held(session, refresh_token)

    async def report_stolen(self, session_id: SessionId) -> None:
        async with self._parts.database.transaction() as session:
            await self._end(session, session_id, "reuse")
        self._revoke(session_id)

    async def _get_beginning(self, caller: Applicant, kind: str) -> Beginning:
        async with self._parts.database.reading() as session:
            beginning = await self._beginnings.get(session, caller.preauth_id)
        if beginning.kind != kind:
            # A beginning leads where it was meant to lead; a reset is no way around a password.
            raise PreauthGoneError
        return beginning

    async def _check_age(self, caller: Applicant, beginning: Beginning, answer: str) -> None:
        if answer == "under_13":
            async with self._parts.database.transaction() as session:
                await self._beginnings.mark_too_young(session, beginning.id)
        if answer == "under_13" or beginning.is_too_young or caller.has_to_wait:
            raise TooYoungError("SoSa is for people of 13 and up. See you in a while, crocodile!")

    async def _recognise(self, request: contract.SignIn) -> tuple[models.User, str | None]:
        """The user whose password this is, and its new hash where the old one is outdated."""
        async with self._parts.database.reading() as session:
            claimed = await self._accounts.find_claimed(session, request.identifier)
        hashed = claimed.hashed if claimed else None
        password = normalized(request.password)
        is_right = await self._passwords.is_right(password, hashed)
        if claimed is None or not is_right:
            raise InvalidCredentialsError("That name and password do not go together.")
        if self._passwords.is_outdated(claimed.hashed):
            return claimed.user, await self._passwords.hash(password)
        return claimed.user, None

    async def _signed_in(self, live: Live, jti: str, token: str) -> SignedIn:
        return SignedIn(sealed=await self._issuing.tokens(live, jti), refresh=token)
