"""Who you are: the promise of the auth service."""

from typing import Literal, Protocol

from backend.kit.callers import Member, Service
from backend.kit.ids import SessionId, UserId
from backend.kit.op import op
from backend.kit.values import Event, Request, Value


class UserRegistered(Event):
    """An account was made."""

    user_id: UserId
    username: str


class SessionRevoked(Event):
    """A session ended: signed out, revoked, or its refresh token was stolen. Its sockets close within a second."""

    user_id: UserId
    session_id: SessionId


class RedeemTicket(Request):
    """A ticket and a proof that a device showed on a socket, with what the socket knows of itself."""

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
    """What the ticket was bound to when it was asked for: b64u(SHA-256(client token)) for the UI."""


class Redeemed(Value):
    """Who stands behind a ticket."""

    member: Member
    username: str
    expires_at: int
    """When the socket must authenticate again or be closed, in Unix seconds; 15 minutes at most."""


class Auth(Protocol):
    """Accounts, sign-in, devices and sessions."""

    @op("POST", "/internal/auth/v1/tickets/redeem", allow=("messaging", "ui"))
    async def redeem_ticket(self, caller: Service, request: RedeemTicket) -> Redeemed:
        """Spend a ticket: of any number of tries one succeeds, and only with a proof by the key
        of the device that asked for it. Raises InvalidTicketError, one answer for every cause."""
        ...
