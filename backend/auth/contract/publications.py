"""What auth tells the house: its public keys, and what happened."""

from backend.kit.ids import SessionId, UserId
from backend.kit.values import Event, Request, Value


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


class SessionRevoked(Event):
    """A session ended: signed out, revoked, or its refresh token was stolen.

    Its sockets close within a second.
    """

    user_id: UserId
    session_id: SessionId
