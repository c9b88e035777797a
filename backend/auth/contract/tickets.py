"""Tickets for sockets, and tokens for services that act for a member."""

from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Recipient
from backend.auth.contract.entrance import MAX_BODY, Sealed
from backend.kit.callers import Member, Service
from backend.kit.ids import SessionId
from backend.kit.op import op
from backend.kit.values import Request, Value


class GetTicket(Request):
    """Asks for a ticket for a socket; `bind` ties it to something else the socket must show."""

    aud: Literal["messaging", "ui"]
    bind: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}(?!\n)$")] | None = None
    """b64u(SHA-256(client token)) for the UI."""


class RedeemTicket(Request):
    """A ticket and a proof that a device showed on a socket, and what the socket itself knows."""

    ticket: str
    proof: str
    aud: Literal["messaging", "ui"]
    origin: str
    """The Origin header of the handshake."""
    htu: str
    """Public origin and path of the socket; the proof must name it."""
    cn: str | None = None
    """The challenge that the socket was given, where it was given one."""
    bind: str | None = None
    """What the ticket was bound to when it was asked for: b64u(SHA-256(client token)) for the
    UI."""


class Delegate(Request):
    """A member who is attached at the asking service, and where it wants to act for them."""

    session_id: SessionId
    aud: Literal["auth", "profiles", "messaging", "community"]
    kid: str
    """Which of its identity keys the asking service will prove itself with."""


class Delegated(Value):
    """A token that lets the asking service act for the member at one service, for a minute."""

    token: str
    expires_at: int
    """Unix seconds."""


class Redeemed(Value):
    """Who stands behind a ticket."""

    member: Member
    username: str
    expires_at: int
    """When the socket must authenticate again or be closed, in Unix seconds; 15 minutes at most."""


class Tickets(Protocol):
    """How sockets and services come to act for a member."""

    @op("POST", "/auth/v1/tickets", max_body_bytes=MAX_BODY)
    async def get_ticket(self, caller: Recipient, request: GetTicket) -> Sealed:
        """A ticket for a socket, good once and for 30 seconds. Sealed is `{ticket, expires_in}`.

        Raises RateLimitedError.
        """
        ...

    @op("POST", "/internal/auth/v1/tickets/redeem", allow=("messaging", "ui"), is_once=True)
    async def redeem_ticket(self, caller: Service, request: RedeemTicket) -> Redeemed:
        """Spend a ticket: of any number of tries one succeeds.

        It takes a proof by the key of the device that asked for it. Raises InvalidTicketError, one
        answer for every cause.
        """
        ...

    @op("POST", "/internal/auth/v1/delegations", allow=("ui",))
    async def delegate(self, caller: Service, request: Delegate) -> Delegated:
        """Let a service act for a member who showed it a ticket within the last 15 minutes.

        Raises NotFoundError for everybody else's sessions, and for those that ended.
        """
        ...
