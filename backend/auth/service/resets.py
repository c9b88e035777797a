"""A new password that waits until everything that was asked for has been shown."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import PreauthGoneError, WeakPasswordError
from backend.auth.service import mail_texts
from backend.auth.service.accounts import Accounts
from backend.auth.service.addresses import Addresses
from backend.auth.service.beginnings import Beginning
from backend.auth.service.factors import has_second_factor
from backend.auth.service.notices import Notices
from backend.auth.service.password_rules import TOO_SHORT
from backend.auth.service.security_log import SecurityLog
from backend.auth.service.sessions import Sessions
from backend.auth.service.standing import lock_user
from backend.auth.service.waiting import PendingReset, Waiting
from backend.kit.ids import SessionId
from backend.kit.parts import Parts


class Takeover:
    """Gives an account to whoever has just chosen its password, and to nobody beside them."""

    def __init__(self, accounts: Accounts, addresses: Addresses, sessions: Sessions) -> None:
        self._accounts = accounts
        self._addresses = addresses
        self._sessions = sessions

    async def set_password(
        self,
        session: AsyncSession,
        user_id: str,
        hashed: str,
        *,
        is_short: bool,
        keep: str = "",
    ) -> list[SessionId]:
        """Set the password and end every session but `keep`; returns those that ended.

        A change of address that waits for its code ends as well: whoever asked for it may be whom
        the password is changed against. Raises WeakPasswordError for a short one without a second
        factor beside it, however they came to be without.
        """
        await lock_user(session, user_id)
        if is_short and not await has_second_factor(session, user_id):
            raise WeakPasswordError(TOO_SHORT, "password")
        await self._accounts.change_password(session, user_id, hashed, is_short=is_short)
        await self._addresses.drop_pending(session, user_id)
        live = await self._sessions.list_live(session, user_id)
        ended = [entry for entry, _ in live if entry.id != keep]
        for entry in ended:
            await self._sessions.end(session, entry, "password")
        return [SessionId(entry.id) for entry in ended]


class Resets:
    """Brings a reset to its end, inside of the transaction that lets its owner in."""

    def __init__(
        self,
        parts: Parts,
        waiting: Waiting,
        takeover: Takeover,
        notices: Notices,
        log: SecurityLog,
    ) -> None:
        self._origin = parts.settings.origin
        self._waiting = waiting
        self._takeover = takeover
        self._notices = notices
        self._log = log

    async def finish(
        self, session: AsyncSession, beginning: Beginning, user: models.User
    ) -> list[SessionId]:
        """Set the password that waits, if the beginning is a reset; returns the ended sessions.

        Raises PreauthGoneError when no password was chosen.
        """
        if beginning.kind != "reset":
            return []
        pending = await self._waiting.get(session, beginning.id, PendingReset)
        if pending.hashed is None:
            raise PreauthGoneError
        ended = await self._takeover.set_password(
            session, user.id, pending.hashed, is_short=pending.is_short
        )
        name = beginning.device_name
        await self._log.add(session, user.id, "password_reset", device_name=name)
        text = mail_texts.password_changed(user.username, self._origin)
        self._notices.add_to(session, pending.email, text)
        return ended
