"""What the operations of auth are made of, and the one door that lets anyone in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import models
from backend.auth.contract import (
    Admission,
    Applicant,
    Keyholder,
    LoginRequiredError,
    PreauthGoneError,
    SignedIn,
    TooYoungError,
)
from backend.auth.service.accounts import Accounts
from backend.auth.service.addresses import Addresses
from backend.auth.service.applications import Applications
from backend.auth.service.beginnings import Beginning, Beginnings
from backend.auth.service.breaches import breaches_of
from backend.auth.service.codes import Codes
from backend.auth.service.elsewhere import Elsewhere
from backend.auth.service.factors import Factors, list_methods
from backend.auth.service.guesses import Guesses
from backend.auth.service.issuing import Issuing
from backend.auth.service.known_devices import KnownDevices
from backend.auth.service.lapses import Lapsed, Lapses
from backend.auth.service.letters import Letters
from backend.auth.service.notices import Notices
from backend.auth.service.password_rules import PasswordRules
from backend.auth.service.passwords import Passwords
from backend.auth.service.refreshing import Refreshing
from backend.auth.service.resets import Resets, Takeover
from backend.auth.service.security_log import SecurityLog
from backend.auth.service.sessions import Live, Sessions
from backend.auth.service.signing import SigningKeys
from backend.auth.service.standing import check_standing, lock_user
from backend.auth.service.tickets import TicketBox
from backend.auth.service.waiting import Waiting
from backend.kit import logs
from backend.kit.callers import Member
from backend.kit.clock import utc
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
    next: Literal["second_factor", "undelete"] = "second_factor"
    """What is asked for when they were not let in."""
    methods: tuple[str, ...] = ()
    known_device: str | None = field(default=None, repr=False)


_ENDINGS = {"signed_out": "signed_out", "reuse": "copy_detected"}
"""How the security log calls the end of a session, by its reason."""


class Core:
    """Shared by the features of the service. Its methods run inside of their transactions."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.signing = SigningKeys(parts)
        self.sessions = Sessions(parts)
        self.lapses = Lapses(parts, self.sessions)
        self.issuing = Issuing(parts, self.signing)
        self.tickets = TicketBox(parts)
        self.beginnings = Beginnings(parts)
        self.elsewhere = Elsewhere(parts)
        self.addresses = Addresses(parts)
        self.accounts = Accounts(parts, self.addresses)
        self.passwords = Passwords()
        self.factors = Factors(parts)
        self.rules = PasswordRules(self.passwords, breaches_of(parts.settings.breach_url))
        self.guesses = Guesses(parts)
        self.known_devices = KnownDevices(parts)
        self.codes = Codes(parts)
        self.letters = Letters(parts)
        self.notices = Notices(self.addresses, self.letters)
        self.waiting = Waiting(parts)
        self.applications = Applications(
            parts, self.accounts, self.addresses, self.beginnings, self.letters, self.waiting
        )
        self.takeover = Takeover(self.accounts, self.addresses, self.sessions)
        self.refreshing = Refreshing(parts, self.sessions)
        self.log = SecurityLog(parts)
        self.resets = Resets(parts, self.waiting, self.takeover, self.notices, self.log)

    async def get_beginning(
        self, caller: Applicant, *kinds: str, step: str = "", or_step: str = ""
    ) -> Beginning:
        """What the caller began, if it is of such a kind and has come just so far.

        A beginning leads where it was meant to lead: a reset is no way around a password, and a
        second factor is asked for when the first was right. `or_step` is the one it may be repeated
        from. Raises PreauthGoneError.
        """
        async with self.parts.database.reading() as session:
            beginning = await self.beginnings.get(session, caller.preauth_id)
        if beginning.kind not in kinds or beginning.step not in {step, or_step or step}:
            raise PreauthGoneError
        if beginning.user_id:
            logs.concern(beginning.user_id)
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
        beginning: Beginning | Lapsed,
        user: models.User,
        amr: str,
        *,
        is_enough: bool = False,
    ) -> Admitted:
        """Let a user in who proved it by `amr`, or ask for a second factor where there is one.

        Every way in comes through here, so none leads past the second factor, nor past a ban.
        `is_enough`: they have shown it. Uses the beginning up when it lets them in, or replaces the
        session that lapsed. Raises PreauthGoneError, LoginRequiredError for a device where more is
        asked for, AccountSuspendedError or AccountBannedError.
        """
        user = await self._get_welcome(session, user.id)
        methods = () if is_enough else await list_methods(session, user.id)
        if isinstance(beginning, Lapsed):
            if methods or user.state != "active":
                # Nothing was begun that could wait for the answer: the door has to be used.
                raise LoginRequiredError
            return await self._readmit(session, user, beginning)
        if methods:
            await self.beginnings.wait_for_factor(session, beginning, user.id, amr)
            return Admitted(methods=methods)
        if user.state == "deleting":
            waiting = {"step": "undelete", "user_id": user.id, "amr": amr}
            await self.beginnings.update(session, beginning.id, **waiting)
            return Admitted(next="undelete")
        # Before the beginning is used up, and with it what waits there; and only now that nothing
        # more is asked for: else whoever reads somebody's mail could sign them out at will.
        ended = await self.resets.finish(session, beginning, user)
        await self.beginnings.claim(session, beginning.id)
        live = await self.sessions.open(session, user, beginning, amr)
        name = live.device.name
        await self.log.add(session, user.id, "signed_in", device_name=name, by=live.amr)
        surplus = await self.sessions.end_surplus(session, user.id)
        if surplus:
            await self.log.add(session, user.id, "oldest_ended", detail="too many at once")
        return self._admitted(session, live, [*ended, *surplus])

    async def _readmit(self, session: AsyncSession, user: models.User, lapsed: Lapsed) -> Admitted:
        live = await self.lapses.replace(session, user, lapsed)
        await self.log.add(session, user.id, "signed_in_by_device", device_name=live.device.name)
        return self._admitted(session, live, [SessionId(lapsed.session.id)])

    def _admitted(self, session: AsyncSession, live: Live, ended: Sequence[SessionId]) -> Admitted:
        token = self.sessions.add_refresh(session, live.session.id)
        known = self.known_devices.issue(live.user.id)
        return Admitted(live, token, tuple(ended), known_device=known)

    async def admission(self, caller: Applicant | Keyholder, admitted: Admitted) -> Admission:
        """The answer to whoever was admitted. To be called after the commit."""
        self.revoke(*admitted.ended)
        if admitted.live is None:
            return Admission(next=admitted.next, methods=admitted.methods)
        sealed = await self.issuing.tokens(admitted.live, caller.jti)
        return Admission(sealed=sealed, refresh=admitted.token, known_device=admitted.known_device)

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
        if entry is None or entry.ended_at is not None:
            return
        await self.sessions.end(session, entry, reason)
        if reason in _ENDINGS:
            device = await session.get_one(models.Device, entry.device_id)
            name = _ENDINGS[reason]
            await self.log.add(session, entry.user_id, name, device_name=device.name)

    async def _get_welcome(self, session: AsyncSession, user_id: str) -> models.User:
        # As they are now: they may have been banned since the proof was looked at.
        user = await lock_user(session, user_id)
        if user is None or user.state == "deleted":
            raise PreauthGoneError
        check_standing(user, utc(self.parts.clock))
        session.add(user)
        return user

    async def note(
        self, session: AsyncSession, member: Member, name: str, detail: str = ""
    ) -> None:
        """Write a line of a member's security log that tells which of their devices it was.

        Until the transaction ends no other writes one: it also keeps them in turn.
        """
        device = await session.get(models.Device, member.device_id)
        device_name = device.name if device else ""
        await self.log.add(session, member.user_id, name, device_name=device_name, detail=detail)

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
