"""What members do with their own sessions, devices and tickets."""

import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import contract, models
from backend.auth.contract import InvalidTicketError, Recipient
from backend.auth.service import limits
from backend.auth.service.issuing import Issuing
from backend.auth.service.sessions import Live, Sessions
from backend.auth.service.tickets import LIFE_SECONDS, SOCKET_SECONDS, Tickets
from backend.kit.callers import Member, Service
from backend.kit.errors import NotFoundError
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.parts import Parts
from backend.kit.tokens.errors import InvalidTokenError
from backend.kit.values import NOTHING, Nothing


class Membership:
    """The half of the contract that is for members."""

    def __init__(
        self, parts: Parts, sessions: Sessions, issuing: Issuing, tickets: Tickets
    ) -> None:
        self._parts = parts
        self._sessions = sessions
        self._issuing = issuing
        self._tickets = tickets

    async def get_session(
        self,
        caller: Member,
        request: contract.GetSession,  # noqa: ARG002
    ) -> contract.CurrentSession:
        live = await self._get_live(caller.session_id)
        return contract.CurrentSession(
            user=contract.Account(id=UserId(live.user.id), username=live.user.username),
            session=SessionId(live.session.id),
            device_id=DeviceId(live.device.id),
            amr=live.amr,
            acr=live.session.acr,
        )

    async def list_sessions(
        self,
        caller: Member,
        request: contract.ListSessions,  # noqa: ARG002
    ) -> contract.SessionList:
        async with self._parts.database.reading() as session:
            live = await self._sessions.list_live(session, caller.user_id)
        return contract.SessionList(
            sessions=tuple(
                contract.SessionEntry(
                    id=SessionId(entry.id),
                    device_id=DeviceId(device.id),
                    device_name=device.name,
                    device_platform=device.platform,
                    created=entry.created,
                    last_used=entry.last_used,
                    is_current=entry.id == caller.session_id,
                )
                for entry, device in live
            )
        )

    async def revoke_session(self, caller: Member, request: contract.RevokeSession) -> Nothing:
        async with self._parts.database.transaction() as session:
            entry = await session.get(models.Session, request.session_id)
            if entry is None or entry.user_id != caller.user_id:
                raise NotFoundError("There is no such session.")
            await self._sessions.end(session, entry, "revoked")
        self._revoke(request.session_id)
        return NOTHING

    async def list_devices(
        self,
        caller: Member,
        request: contract.ListDevices,  # noqa: ARG002
    ) -> contract.DeviceList:
        async with self._parts.database.reading() as session:
            live = await self._sessions.list_live(session, caller.user_id)
        return contract.DeviceList(
            devices=tuple(
                contract.DeviceEntry(
                    id=DeviceId(device.id),
                    name=device.name,
                    platform=device.platform,
                    created=device.created,
                    last_seen=device.last_seen,
                    is_current=device.id == caller.device_id,
                )
                for _, device in live
            )
        )

    async def rename_device(self, caller: Member, request: contract.RenameDevice) -> Nothing:
        async with self._parts.database.transaction() as session:
            device = await self._get_device(session, caller, request.device_id)
            device.name = request.name
            session.add(device)
        return NOTHING

    async def revoke_device(self, caller: Member, request: contract.RevokeDevice) -> Nothing:
        async with self._parts.database.transaction() as session:
            device = await self._get_device(session, caller, request.device_id)
            live = await self._sessions.list_live(session, caller.user_id)
            ended = [entry for entry, its_device in live if its_device.id == device.id]
            for entry in ended:
                await self._sessions.end(session, entry, "device_revoked")
        self._revoke(*(SessionId(entry.id) for entry in ended))
        return NOTHING

    async def get_ticket(self, caller: Recipient, request: contract.GetTicket) -> contract.Sealed:
        await self._parts.limits.spend(limits.TICKETS, caller.member.session_id)
        live = await self._get_live(caller.member.session_id)
        ticket = secrets.token_urlsafe(32)
        await self._tickets.keep(ticket, caller.member.session_id, request)
        payload = {"ticket": ticket, "expires_in": LIFE_SECONDS}
        return contract.Sealed(sealed=self._issuing.seal(live, caller.jti, payload))

    async def redeem_ticket(
        self, caller: Service, request: contract.RedeemTicket
    ) -> contract.Redeemed:
        if caller.name != request.aud:
            # A service that was broken into must not learn who connects to another.
            raise InvalidTicketError
        stub = await self._tickets.find(request)
        async with self._parts.database.reading() as session:
            live = await self._sessions.find_live(session, stub.session_id)
        if live is None:
            raise InvalidTicketError
        await self._tickets.spend(request, live.keys.for_audience(request.aud))
        expires_at = min(
            self._parts.clock.now() + SOCKET_SECONDS, live.session.expires_at.timestamp()
        )
        await self._parts.ephemera.put(_attached(caller, live.session.id), b"", SOCKET_SECONDS)
        return contract.Redeemed(
            member=live.member, username=live.user.username, expires_at=int(expires_at)
        )

    async def delegate(self, caller: Service, request: contract.Delegate) -> contract.Delegated:
        # A service may act for those who came to it and showed a ticket, and for nobody else: one
        # that was broken into cannot make itself anybody it has heard of.
        if await self._parts.ephemera.find(_attached(caller, request.session_id)) is None:
            raise NotFoundError("There is no such session here.")
        owner, _ = self._parts.keyring.identity_keys().get(request.kid, ("", None))
        if owner != caller.name:
            raise NotFoundError("There is no such key.", "kid")
        async with self._parts.database.reading() as session:
            live = await self._sessions.find_live(session, request.session_id)
        if live is None:
            raise NotFoundError("There is no such session here.")
        return await self._issuing.delegation(live, caller.name, request)

    async def _get_live(self, session_id: SessionId) -> Live:
        async with self._parts.database.reading() as session:
            live = await self._sessions.find_live(session, session_id)
        if live is None:
            raise InvalidTokenError
        return live

    async def _get_device(
        self, session: AsyncSession, caller: Member, device_id: DeviceId
    ) -> models.Device:
        device = await session.get(models.Device, device_id)
        if device is None or device.user_id != caller.user_id:
            raise NotFoundError("There is no such device.")
        return device

    async def _end(self, session: AsyncSession, session_id: SessionId, reason: str) -> None:
        entry = await session.get(models.Session, session_id)
        if entry is not None:
            await self._sessions.end(session, entry, reason)

    def _revoke(self, *session_ids: SessionId) -> None:
        # After the commit, and without waiting for the outbox: in this process it counts at once.
        for session_id in session_ids:
            self._parts.revocations.revoke_session(session_id)


def _attached(service: Service, session_id: str) -> str:
    return f"attached:{service.name}:{session_id}"
