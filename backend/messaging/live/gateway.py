"""The live door of one process: who may be connected, and what all connections share."""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from backend.auth.contract import Auth, Redeemed, RedeemTicket
from backend.kit.callers import Member, Service
from backend.kit.clock import Clock
from backend.kit.ids import SessionId, UserId
from backend.kit.parts import Parts
from backend.messaging.live.audience import Audience, Listener
from backend.messaging.live.ports import LiveMessaging
from backend.messaging.live.turn import Turn

PATH = "/messaging/v1/live"
SUBPROTOCOL = "sosa.v1"
MAX_STRANGERS = 100
"""Connections of one network that have not said who they are yet."""
MAX_CONNECTIONS = 30
"""Connections of one member, at one process."""

_ITSELF = Service(name="messaging")


class Client(Listener, Protocol):
    """A connection as the gateway sees it."""

    @property
    def network(self) -> str: ...

    def revoked(self) -> None:
        """The session of this client has ended."""
        ...


class Revocations(Protocol):
    """Which sessions have ended."""

    def is_revoked(self, session_id: SessionId) -> bool: ...

    def listen(self, listener: Callable[[SessionId], None]) -> Callable[[], None]: ...


class Peers(Protocol):
    """The service that knows who stands behind a ticket."""

    @property
    def auth(self) -> Auth: ...


class Gateway:
    """What all connections share."""

    def __init__(
        self,
        service: LiveMessaging,
        peers: Peers,
        revocations: Revocations,
        clock: Clock,
        *,
        origin: str,
        rate_limit_scale: float = 1.0,
    ) -> None:
        self.service = service
        self.clock = clock
        self.origin = origin
        self.rate_limit_scale = rate_limit_scale
        self.audience = Audience(service.fanout)
        self.turn = Turn()
        self._peers = peers
        self._revocations = revocations
        self._strangers: Counter[str] = Counter()
        self._users: Counter[UserId] = Counter()
        self._sessions: dict[SessionId, set[Client]] = {}
        self._members: dict[Client, Member] = {}
        revocations.listen(self._on_revoked)

    def new_challenge(self) -> str:
        """What a proof must name here, so that one heard elsewhere is worth nothing."""
        return secrets.token_urlsafe(24)

    async def redeem(self, ticket: str, proof: str, challenge: str, origin: str) -> Redeemed:
        """Ask auth who stands behind a ticket and a proof. Raises UnauthenticatedError."""
        return await self._peers.auth.redeem_ticket(
            _ITSELF,
            RedeemTicket(
                ticket=ticket,
                proof=proof,
                aud="messaging",
                origin=origin,
                htu=self.origin + PATH,
                cn=challenge,
            ),
        )

    def welcome(self, client: Client) -> bool:
        """Count a client that nobody knows yet. False when its network has too many of them."""
        self._strangers[client.network] += 1
        return self._strangers[client.network] <= MAX_STRANGERS * self.rate_limit_scale

    async def admit(self, client: Client, member: Member) -> bool:
        """Count a client as a member's. False when the member has too many of them."""
        self._forget_stranger(client)
        self._members[client] = member
        self._users[member.user_id] += 1
        self._sessions.setdefault(member.session_id, set()).add(client)
        return self._users[member.user_id] <= MAX_CONNECTIONS * self.rate_limit_scale

    def forget(self, client: Client) -> None:
        """Count a client no more."""
        member = self._members.pop(client, None)
        if member is None:
            self._forget_stranger(client)
            return
        self._users[member.user_id] -= 1
        if not self._users[member.user_id]:
            del self._users[member.user_id]
        clients = self._sessions[member.session_id]
        clients.discard(client)
        if not clients:
            del self._sessions[member.session_id]

    def is_revoked(self, session_id: SessionId) -> bool:
        """Whether the session has ended."""
        return self._revocations.is_revoked(session_id)

    def _forget_stranger(self, client: Client) -> None:
        self._strangers[client.network] -= 1
        if not self._strangers[client.network]:
            del self._strangers[client.network]

    def _on_revoked(self, session_id: SessionId) -> None:
        for client in tuple(self._sessions.get(session_id, ())):
            client.revoked()


def open_gateway(service: LiveMessaging, parts: Parts[Peers]) -> Gateway:
    """A gateway on the parts of its service. Each host of a process has one, and counts its own."""
    return Gateway(
        service,
        parts.peers,
        parts.revocations,
        parts.clock,
        origin=parts.settings.origin,
        rate_limit_scale=parts.settings.rate_limit_scale,
    )
