"""Tickets: how a socket learns who is there, with no credential in a URL (docs/sign-in.md 7)."""

from dataclasses import dataclass

import msgspec

from backend.auth.contract import GetTicket, InvalidTicketError, RedeemTicket
from backend.auth.service.sessions import hash_of
from backend.kit.errors import UnauthenticatedError
from backend.kit.ids import SessionId
from backend.kit.parts import Parts
from backend.kit.tokens.proofs import Claim, DeviceKey, ProofVerifier

LIFE_SECONDS = 30
SOCKET_SECONDS = 900
"""How long a socket may go on before it authenticates again."""


class Stub(msgspec.Struct, frozen=True):
    """What is kept of a ticket, under its hash."""

    session_id: SessionId
    aud: str
    origin: str
    bind: str | None


@dataclass(frozen=True, slots=True)
class TicketBox:
    """Keeps tickets until they are spent or forgotten."""

    parts: Parts

    async def keep(self, ticket: str, session_id: SessionId, request: GetTicket) -> None:
        """Remember a ticket for 30 seconds."""
        stub = Stub(session_id, request.aud, self.parts.settings.origin, request.bind)
        await self.parts.ephemera.put(_key(ticket), msgspec.json.encode(stub), LIFE_SECONDS)

    async def find(self, request: RedeemTicket) -> Stub:
        """The ticket, if it fits the socket that shows it. Raises InvalidTicketError."""
        kept = await self.parts.ephemera.find(_key(request.ticket))
        if kept is None:
            raise InvalidTicketError
        stub = msgspec.json.decode(kept, type=Stub)
        if (stub.aud, stub.origin, stub.bind) != (request.aud, request.origin, request.bind):
            raise InvalidTicketError
        return stub

    async def spend(self, request: RedeemTicket, device: DeviceKey) -> None:
        """Use the ticket up. Raises InvalidTicketError.

        The proof comes first: otherwise whoever saw a ticket could not use it, but spoil it.
        """
        origin = self.parts.settings.origin
        if not request.htu.startswith(f"{origin}/"):
            raise InvalidTicketError
        claim = Claim("WS", request.htu, presented=request.ticket, cn=request.cn)
        proofs = ProofVerifier(request.aud, ephemera=self.parts.ephemera, clock=self.parts.clock)
        try:
            await proofs.verify(request.proof, device, claim)
        except UnauthenticatedError:
            raise InvalidTicketError from None
        if await self.parts.ephemera.pop(_key(request.ticket)) is None:
            raise InvalidTicketError


def _key(ticket: str) -> str:
    return f"ticket:{hash_of(ticket)}"
