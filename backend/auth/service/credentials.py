"""What members do with their own password and e-mail address."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.auth import contract, models
from backend.auth.contract import (
    BadCodeError,
    Confirmed,
    InvalidCredentialsError,
    MailNotOfferedError,
)
from backend.auth.service import codes, limits, mail_texts
from backend.auth.service.account_rules import check_email
from backend.auth.service.codes import new_code
from backend.auth.service.core import Feature
from backend.auth.service.factors import list_methods
from backend.auth.service.guesses import Try
from backend.auth.service.password_rules import is_short
from backend.auth.service.passwords import normalized
from backend.kit.callers import Member
from backend.kit.errors import NotFoundError
from backend.kit.values import NOTHING, Nothing


class Credentials(Feature):
    """Implements `contract.Credentials`."""

    async def change_password(self, caller: Confirmed, request: contract.ChangePassword) -> Nothing:
        member = caller.member
        await self._check_current(member, request.current)
        async with self._parts.database.reading() as session:
            user = await session.get_one(models.User, member.user_id)
            has_factor = bool(await list_methods(session, user.id))
        password = await self._core.rules.check(
            request.password, user.username, has_factor=has_factor
        )
        hashed = await self._core.passwords.hash(password)
        async with self._parts.database.transaction() as session:
            ended = await self._core.takeover.set_password(
                session,
                user.id,
                hashed,
                is_short=is_short(password),
                keep=member.session_id,
            )
            await self._log(session, member, "password_changed")
            text = mail_texts.password_changed(user.username, self._parts.settings.origin)
            await self._core.notices.add(session, user.id, text)
        self._core.revoke(*ended)
        return NOTHING

    async def get_email(
        self,
        caller: Member,
        request: contract.GetEmail,  # noqa: ARG002
    ) -> contract.EmailState:
        async with self._parts.database.reading() as session:
            row = await session.get(models.UserEmail, caller.user_id)
            pending = await session.get(models.PendingEmail, caller.user_id)
        return contract.EmailState(
            has_mail=self._core.letters.are_sent,
            is_set=row is not None,
            is_verified=row is not None and row.verified_at is not None,
            is_pending=pending is not None and self._core.codes.is_open(pending),
            has_notices=row is not None and row.sealed_address is not None,
        )

    async def change_email(
        self, caller: Confirmed, request: contract.ChangeEmail
    ) -> contract.CodeSent:
        if not self._core.letters.are_sent:
            raise MailNotOfferedError
        email = check_email(request.email)
        hmacs = self._core.addresses.hmacs(email)
        await self._parts.limits.spend(limits.MAIL_MEMBER, caller.member.user_id)
        await self._parts.limits.spend(limits.MAIL, hmacs[0])
        user_id, code = caller.member.user_id, new_code()
        sealed = self._core.addresses.seal(user_id, email) if request.wants_notices else None
        async with self._parts.database.transaction() as session:
            owner = await self._core.addresses.find_owner(session, hmacs)
            is_others = owner is not None and owner.user_id != user_id
            self._write(session, email, code, is_others=is_others)
            await session.merge(
                models.PendingEmail(
                    user_id=user_id,
                    hmac=hmacs[0],
                    sealed_address=sealed,
                    code_tries=0,
                    **self._core.codes.columns(user_id, code),
                )
            )
        return contract.CodeSent()

    async def confirm_email(self, caller: Confirmed, request: contract.ConfirmEmail) -> Nothing:
        user_id = caller.member.user_id
        async with self._parts.database.transaction() as session:
            is_right = await self._core.codes.is_right(
                session, models.PendingEmail, user_id, request.code
            )
            if is_right:
                await self._adopt(session, caller.member)
        if is_right is None:
            raise NotFoundError("That code has run out. Ask for another one?")
        if not is_right:
            raise BadCodeError
        return NOTHING

    async def remove_email(
        self,
        caller: Confirmed,
        request: contract.RemoveEmail,  # noqa: ARG002
    ) -> Nothing:
        async with self._parts.database.transaction() as session:
            await self._core.addresses.drop_pending(session, caller.member.user_id)
            row = await session.get(models.UserEmail, caller.member.user_id)
            if row is not None:
                await self._tell_old(session, caller.member)
                await session.delete(row)
                await self._log(session, caller.member, "email_removed")
        return NOTHING

    async def stop_notices(
        self,
        caller: Confirmed,
        request: contract.StopNotices,  # noqa: ARG002
    ) -> Nothing:
        mine = col(models.UserEmail.user_id) == caller.member.user_id
        async with self._parts.database.transaction() as session:
            await session.execute(update(models.UserEmail).where(mine).values(sealed_address=None))
            await self._log(session, caller.member, "notices_stopped")
        return NOTHING

    async def _check_current(self, member: Member, current: str | None) -> None:
        """Whoever sits down at an open screen does not know it. Raises InvalidCredentialsError."""
        async with self._parts.database.reading() as session:
            hashed = await self._core.accounts.find_hash(session, member.user_id)
        if hashed is None:
            return
        guess = Try()
        # A lane of the session's own: strangers who guess at the account take nothing from it.
        await self._core.guesses.spend_session(guess, member.session_id)
        if not await self._core.passwords.is_right(normalized(current or ""), hashed):
            raise InvalidCredentialsError("That is not your present password.", "current")
        await self._core.guesses.forgive(guess)

    def _write(self, session: AsyncSession, email: str, code: str, *, is_others: bool) -> None:
        # The code of an address that is somebody else's is never told, so it opens nothing; and
        # whoever asked for it sees no difference.
        origin = self._parts.settings.origin
        asked = mail_texts.address_code(code, origin)
        text = mail_texts.address_in_use(origin) if is_others else asked
        self._core.letters.add(session, email, text, codes.LIFE)

    async def _adopt(self, session: AsyncSession, member: Member) -> None:
        pending = await session.get_one(models.PendingEmail, member.user_id)
        await self._tell_old(session, member)
        await self._core.addresses.keep_verified(
            session, member.user_id, (pending.hmac,), pending.sealed_address
        )
        await self._log(session, member, "email_verified")

    async def _tell_old(self, session: AsyncSession, member: Member) -> None:
        user = await session.get_one(models.User, member.user_id)
        text = mail_texts.address_changed(user.username, self._parts.settings.origin)
        await self._core.notices.add(session, user.id, text)

    async def _log(self, session: AsyncSession, member: Member, name: str) -> None:
        device = await session.get(models.Device, member.device_id)
        device_name = device.name if device else ""
        await self._core.log.add(session, member.user_id, name, device_name=device_name)
