"""Registrations that wait for the code that was sent to their address."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import UsernameTakenError
from backend.auth.service import codes, mail_texts
from backend.auth.service.accounts import Accounts, Form
from backend.auth.service.addresses import Addresses
from backend.auth.service.beginnings import Beginning, Beginnings
from backend.auth.service.codes import Codes, new_code
from backend.auth.service.letters import Letters
from backend.auth.service.waiting import PendingAccount, Waiting
from backend.kit.clock import utc
from backend.kit.parts import Parts


class Applications:
    """Keeps registrations, and makes accounts of them."""

    def __init__(
        self,
        parts: Parts,
        accounts: Accounts,
        addresses: Addresses,
        beginnings: Beginnings,
        letters: Letters,
        waiting: Waiting,
    ) -> None:
        self._parts = parts
        self._accounts = accounts
        self._addresses = addresses
        self._beginnings = beginnings
        self._letters = letters
        self._waiting = waiting
        self._codes = Codes(parts)

    async def keep(
        self, session: AsyncSession, beginning: Beginning, form: Form, email: str, hashed: str
    ) -> None:
        """Keep a registration and write to its address. Raises UsernameTakenError.

        For an address that has an account everything is the same, down to the code that nobody is
        told: only who reads its mail learns the difference.
        """
        if not await self._accounts.is_free(session, form.username_key):
            raise UsernameTakenError("That name is taken. Add a little something?", "username")
        hmacs, code = self._addresses.hmacs(email), new_code()
        origin = self._parts.settings.origin
        is_known = await self._addresses.find_owner(session, hmacs) is not None
        welcome = mail_texts.welcome_code(code, origin)
        text = mail_texts.already_a_member(origin) if is_known else welcome
        self._letters.add(session, email, text, codes.LIFE)
        pending = PendingAccount(
            username=form.username,
            username_key=form.username_key,
            email=email,
            age_band=form.age_band,
            hashed=hashed,
        )
        await self._beginnings.update(
            session,
            beginning.id,
            step="verify_email",
            sealed_pending=self._waiting.seal(beginning.id, pending),
            address_hmac=hmacs[0],
            expires_at=utc(self._parts.clock) + codes.LIFE,
            **self._codes.columns(beginning.id, code),
        )

    async def accept(self, session: AsyncSession, beginning: Beginning) -> models.User:
        """Make the account. Raises UsernameTakenError, EmailTakenError, PreauthGoneError."""
        pending = await self._waiting.get(session, beginning.id, PendingAccount)
        form = Form(pending.username, pending.username_key, None, pending.age_band)
        user = await self._accounts.make(session, form, pending.hashed)
        hmacs = self._addresses.hmacs(pending.email)
        await self._addresses.keep_verified(session, user.id, hmacs)
        return user
