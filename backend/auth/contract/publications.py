"""What auth tells the house: its public keys, and what happened."""

from typing import Protocol

from backend.kit.callers import Visitor
from backend.kit.ids import SessionId, UserId
from backend.kit.op import op
from backend.kit.values import Event, Request, Value

JWKS_PATH = "/auth/v1/.well-known/jwks.json"


class GetJwks(Request):
    """Takes nothing."""


class Jwk(Value):
    """A public key of Ed25519 (RFC 7517, RFC 8037)."""

    kty: str
    crv: str
    kid: str
    x: str
    use: str
    alg: str


class Jwks(Value):
    """Everything that access tokens may be signed with: the next key, the present one, the last."""

    keys: tuple[Jwk, ...]


class UserRegistered(Event):
    """An account was made."""

    user_id: UserId
    username: str
    is_bot: bool = False
    """The account is a bot's. Events of before there were bots do not say it."""


class SessionRevoked(Event):
    """A session ended: signed out, revoked, or its refresh token was stolen.

    Its sockets close within a second.
    """

    user_id: UserId
    session_id: SessionId


class EpochRaised(Event):
    """A member's access tokens of before are over; their sessions are not."""

    user_id: UserId
    epoch: int


class SigningKeyDropped(Event):
    """No token by that key is believed any more: somebody else may have it."""

    kid: str


class Publications(Protocol):
    """What anyone may know of auth."""

    @op("GET", JWKS_PATH)
    async def get_jwks(self, caller: Visitor, request: GetJwks) -> Jwks:
        """The JWK set as such, without our envelope. May be kept for five minutes."""
        ...
