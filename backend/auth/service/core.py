"""What the operations of auth are made of, and the one door that lets anyone in."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import (
    Admission,
    Applicant,
    PreauthGoneError,
    SignedIn,
    TooYoungError,
)
from backend.auth.service.accounts import Accounts
from backend.auth.service.beginnings import Beginning, Beginnings
from backend.auth.service.elsewhere import Elsewhere
from backend.auth.service.factors import list_methods
from backend.auth.service.issuing import Issuing
from backend.auth.service.passwords import Passwords
from backend.auth.service.refreshing import Refreshing
from backend.auth.service.security_log import SecurityLog
from backend.auth.service.sessions import Live, Sessions
from backend.auth.service.signing import SigningKeys
from backend.auth.service.tickets import TicketBox
from backend.kit.ids import SessionId
from backend.kit.parts import Parts
from backend.kit.tokens.errors import InvalidTokenError


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who was let in, or who is asked for a second factor first."""

    live: Live | None = None
    token: str = field(default="", repr=False)
    ended: tuple[SessionId, ...] = ()
    """Older sessions that had to make room."""
    methods: tuple[str, ...] = ()


class Core:
    """Shared by the features of the service. Its methods run inside of their transactions."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.signing = SigningKeys(parts)
        self.sessions = Sessions(parts)
        self.issuing = Issuing(parts, self.signing)
        self.tickets = TicketBox(parts)
        self.beginnings = Beginnings(parts)
        self.elsewhere = Elsewhere(parts)
        self.accounts = Accounts(parts)
        self.passwords = Passwords()
        self.refreshing = Refreshing(parts, self.sessions)
        self.log = SecurityLog(parts)

    async def get_beginning(self, caller: Applicant, *kinds: str, step: str = "") -> Beginning:
        """What the caller began, if it is of such a kind and has come just so far.

        A beginning leads where it was meant to lead: a reset is no way around a password, and a
        second factor is asked for when the first was right. Raises PreauthGoneError.
        """
        async with self.parts.database.reading() as session:
            beginning = await self.beginnings.get(session, caller.preauth_id)
        if beginning.kind not in kinds or beginning.step != step:
            raise PreauthGoneError
        return beginning

    async def check_age(self, caller: Applicant, beginning: Beginning, answer: str) -> None:
        """Raise TooYoungError for the answer, and for who gave that answer a moment ago."""
        if answer == "under_13":
            async with self.parts.database.transaction() as session:
                await self.beginnings.mark_too_young(session, beginning.id)
        if answer == "under_13" or beginning.is_too_young or caller.has_to_wait:
            raise TooYoungError("SoSa is for people of 13 and up. See you in a while, crocodile!")

    async def admit(
        self,
        session: AsyncSession,
        beginning: Beginning,
        user: models.User,
        amr: str,
        *,
        is_enough: bool = False,
    ) -> Admitted:
        """Let a user in who proved it by `amr`, or ask for a second factor where there is one.

        Every way in comes through here, so none leads past the second factor. `is_enough`: they
        have shown it. Uses the beginning up when it lets them in. Raises PreauthGoneError.
        """
        methods = () if is_enough else await list_methods(session, user.id)
        if methods:
            waiting = {"step": "second_factor", "user_id": user.id, "amr": amr}
            await self.beginnings.update(session, beginning.id, **waiting)
            return Admitted(methods=methods)
        await self.beginnings.claim(session, beginning.id)
        live = await self.sessions.open(session, user, beginning, amr)
        token = self.sessions.add_refresh(session, live.session.id)
        ended = await self.sessions.end_surplus(session, user.id)
        await self.log.add(session, user.id, "signed_in", device_name=live.device.name)
        return Admitted(live, token, tuple(ended))

    async def admission(self, caller: Applicant, admitted: Admitted) -> Admission:
        """The answer to whoever was admitted. To be called after the commit."""
        self.revoke(*admitted.ended)
        if admitted.live is None:
            return Admission(next="second_factor", methods=admitted.methods)
        sealed = await self.issuing.tokens(admitted.live, caller.jti)
        return Admission(sealed=sealed, refresh=admitted.token)

    async def signed_in(self, live: Live, jti: str, token: str) -> SignedIn:
        """Fresh tokens for a session that goes on."""
        return SignedIn(sealed=await self.issuing.tokens(live, jti), refresh=token)

    async def get_live(self, session_id: SessionId) -> Live:
        """A live session. Raises InvalidTokenError."""
        async with self.parts.database.reading() as session:
            live = await self.sessions.find_live(session, session_id)
        if live is None:
            raise InvalidTokenError
        return live

    async def end(self, session: AsyncSession, session_id: SessionId, reason: str) -> None:
        """End a session, if there is one."""
        entry = await session.get(models.Session, session_id)
        if entry is not None:
            await self.sessions.end(session, entry, reason)

    def revoke(self, *session_ids: SessionId) -> None:
        """Have ended sessions count as ended, after the commit.

        Without waiting for the outbox: in this process it counts at once.
        """
        for session_id in session_ids:
            self.parts.revocations.revoke_session(session_id)


class Feature:
    """A part of the contract. Each operation opens its one transaction."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._parts = core.parts
