"""What goes on with a code: registrations that wait for one, and forgotten passwords."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import contract, models
from backend.auth.contract import (
    Admission,
    Applicant,
    BadCodeError,
    BadPinError,
    MailSent,
    PinRight,
    PreauthGoneError,
)
from backend.auth.service import codes, limits, mail_texts
from backend.auth.service.account_rules import check_email, network_of
from backend.auth.service.addresses import Owner
from backend.auth.service.beginnings import Beginning
from backend.auth.service.codes import new_code
from backend.auth.service.core import Feature
from backend.auth.service.factors import list_methods
from backend.auth.service.password_rules import is_short
from backend.auth.service.waiting import PendingReset
from backend.kit.clock import utc


class Recovery(Feature):
    """Implements `contract.Recovery`."""

    async def verify(self, caller: Applicant, request: contract.Verify) -> Admission:
        beginning = await self._core.get_beginning(caller, "register", step="verify_email")
        admitted = None
        async with self._parts.database.transaction() as session:
            is_right = await self._is_right(session, beginning, request.code)
            if is_right:
                user = await self._core.applications.accept(session, beginning)
                admitted = await self._core.admit(session, beginning, user, "pwd")
        if admitted is None:
            raise PreauthGoneError if is_right is None else BadCodeError
        return await self._core.admission(caller, admitted)

    async def ask_reset(self, caller: Applicant, request: contract.AskReset) -> MailSent:
        email = check_email(request.email)
        beginning = await self._core.get_beginning(caller, "reset", or_step="pin")
        await self._parts.limits.spend(limits.MAIL_NETWORK, network_of(caller.network))
        hmacs = self._core.addresses.hmacs(email)
        async with self._parts.database.reading() as session:
            owner = await self._core.addresses.find_owner(session, hmacs)
        await self._count_asker(caller, owner, hmacs[0])
        async with self._parts.database.transaction() as session:
            await self._send_code(session, beginning, owner, email)
        return MailSent()

    async def check_pin(self, caller: Applicant, request: contract.CheckPin) -> PinRight:
        beginning = await self._core.get_beginning(caller, "reset", step="pin")
        user = None
        async with self._parts.database.transaction() as session:
            is_right = await self._is_right(session, beginning, request.pin)
            if is_right and beginning.user_id:
                user = await session.get_one(models.User, beginning.user_id)
                await self._renew_address(session, beginning, user.id)
                await self._go_on(session, beginning, step="new_password")
        if user is None:
            raise PreauthGoneError if is_right is None else BadPinError
        return PinRight(username=user.username)

    async def set_new_password(
        self, caller: Applicant, request: contract.SetNewPassword
    ) -> Admission:
        beginning = await self._core.get_beginning(caller, "reset", step="new_password")
        async with self._parts.database.reading() as session:
            user = await session.get_one(models.User, beginning.user_id)
            pending = await self._core.waiting.get(session, beginning.id, PendingReset)
            has_factor = bool(await list_methods(session, user.id))
        password = await self._core.rules.check(
            request.password, user.username, pending.email, has_factor=has_factor
        )
        hashed = await self._core.passwords.hash(password)
        chosen = PendingReset(email=pending.email, hashed=hashed, is_short=is_short(password))
        async with self._parts.database.transaction() as session:
            await self._go_on(
                session, beginning, sealed_pending=self._core.waiting.seal(beginning.id, chosen)
            )
            admitted = await self._core.admit(session, beginning, user, "otp")
        return await self._core.admission(caller, admitted)

    async def _count_asker(self, caller: Applicant, owner: Owner | None, hmac: str) -> None:
        # Whoever asks three times a day for somebody else's code must not use up the owner's three.
        # They are counted by who asks: a browser that has signed in to that account before has its
        # own, and each network has. A code is good where it was asked for, so that those that
        # others asked for are no better to guess at; only the mailbox has to be kept from them.
        known = self._core.known_devices.find(caller.known_device)
        is_owners = known is not None and owner is not None and known.user_id == owner.user_id
        lane = known.lane if known and is_owners else f"{hmac} {network_of(caller.network)}"
        for limit in (limits.RESET, limits.MAIL):
            await self._parts.limits.spend(limit, lane)
        if not is_owners:
            # At last, so that what a network is refused is not counted against everybody's.
            await self._parts.limits.spend(limits.RESET_ADDRESS, hmac)

    async def _send_code(
        self, session: AsyncSession, beginning: Beginning, owner: Owner | None, email: str
    ) -> None:
        # Known or not, the same is written and a mail goes out. Only its reader learns which.
        code, origin = new_code(), self._parts.settings.origin
        if owner is not None and owner.state in {"active", "deleting"}:
            text = mail_texts.reset_code(code, owner.username, origin)
        else:
            text, owner = mail_texts.nobody_here(origin), None
        self._core.letters.add(session, email, text, codes.LIFE)
        await self._go_on(
            session,
            beginning,
            step="pin",
            user_id=owner.user_id if owner else None,
            sealed_pending=self._core.waiting.seal(beginning.id, PendingReset(email=email)),
            **self._core.codes.columns(beginning.id, code),
        )

    async def _renew_address(
        self, session: AsyncSession, beginning: Beginning, user_id: str
    ) -> None:
        pending = await self._core.waiting.get(session, beginning.id, PendingReset)
        await self._core.addresses.renew(session, user_id, pending.email)

    async def _go_on(self, session: AsyncSession, beginning: Beginning, **values: object) -> None:
        """Note how far it has come; from here there are ten minutes again."""
        until = utc(self._parts.clock) + codes.LIFE
        await self._core.beginnings.update(session, beginning.id, expires_at=until, **values)

    async def _is_right(
        self, session: AsyncSession, beginning: Beginning, typed: str
    ) -> bool | None:
        return await self._core.codes.is_right(session, models.Preauth, beginning.id, typed)
