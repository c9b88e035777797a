"""Tickets for sockets, and acting for a member."""

import secrets

from backend.auth import contract
from backend.auth.contract import InvalidTicketError, NotForBotsError, Recipient
from backend.auth.service import limits
from backend.auth.service.core import Feature
from backend.auth.service.tickets import LIFE_SECONDS, SOCKET_SECONDS
from backend.kit.callers import Service
from backend.kit.errors import NotFoundError


class Ticketing(Feature):
    """Implements `contract.Tickets`."""

    async def get_ticket(self, caller: Recipient, request: contract.GetTicket) -> contract.Sealed:
        if request.aud == "ui" and "bot" in caller.member.roles:
            # Pages are for people. Their server acts for whoever is attached to it, past the guards
            # that keep bots out of what is not theirs.
            raise NotForBotsError
        await self._parts.limits.spend(limits.TICKETS, caller.member.session_id)
        live = await self._core.get_live(caller.member.session_id)
        ticket = secrets.token_urlsafe(32)
        await self._core.tickets.keep(ticket, caller.member.session_id, request)
        payload = {"ticket": ticket, "expires_in": LIFE_SECONDS}
        return contract.Sealed(sealed=self._core.issuing.seal(live, caller.jti, payload))

    async def redeem_ticket(
        self, caller: Service, request: contract.RedeemTicket
    ) -> contract.Redeemed:
        if caller.name != request.aud:
            # A service that was broken into must not learn who connects to another.
            raise InvalidTicketError
        stub = await self._core.tickets.find(request)
        async with self._parts.database.reading() as session:
            live = await self._core.sessions.find_live(session, stub.session_id)
        if live is None:
            raise InvalidTicketError
        await self._core.tickets.spend(request, live.keys.for_audience(request.aud))
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
            live = await self._core.sessions.find_live(session, request.session_id)
        if live is None:
            raise NotFoundError("There is no such session here.")
        return await self._core.issuing.delegation(live, caller.name, request)


def _attached(service: Service, session_id: str) -> str:
    return f"attached:{service.name}:{session_id}"
