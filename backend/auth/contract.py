"""Who you are: the promise of the auth service. Its words on the wire are in auth.md 5 and 9.

InvalidRequestError
├── KindNotOfferedError       this way of signing in is not offered here
└── WeakPasswordError
MalformedRequestError
└── WeakDeviceSecretError
ConflictError
├── DeviceSecretReusedError   a device secret is good for one beginning
└── UsernameTakenError
ForbiddenError
└── TooYoungError
UnauthenticatedError
├── InvalidCredentialsError   whichever of the two was wrong
├── InvalidGrantError         no refresh cookie, or one of a session that ended
├── ReuseDetectedError        it was used before, or by another device: the session ended
├── DeviceRevokedError
└── InvalidTicketError
PreauthGoneError
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.kit.callers import Member, Service, Visitor
from backend.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    MalformedRequestError,
    SosaError,
    UnauthenticatedError,
)
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.op import op
from backend.kit.tokens.proofs import DeviceKey
from backend.kit.values import Event, Nothing, Request, Value

MAX_BODY = 16_384
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


@dataclass(eq=False)
class KindNotOfferedError(InvalidRequestError):
    code = "kind_not_offered"


@dataclass(eq=False)
class WeakPasswordError(InvalidRequestError):
    code = "weak_password"


@dataclass(eq=False)
class WeakDeviceSecretError(MalformedRequestError):
    code = "weak_device_secret"


@dataclass(eq=False)
class DeviceSecretReusedError(ConflictError):
    code = "device_secret_reused"


@dataclass(eq=False)
class UsernameTakenError(ConflictError):
    code = "username_taken"


@dataclass(eq=False)
class TooYoungError(ForbiddenError):
    """The answer to the age question; the browser remembers it for a day."""

    code = "too_young"

    def headers(self) -> dict[str, str]:
        """Keep the same browser from simply answering again. It says nothing about the person."""
        cookie = "sosa_later=1; Max-Age=86400; Path=/auth/v1/preauth; HttpOnly; SameSite=Strict"
        return {"Set-Cookie": cookie}


@dataclass(eq=False)
class InvalidCredentialsError(UnauthenticatedError):
    code = "invalid_credentials"


@dataclass(eq=False)
class InvalidGrantError(UnauthenticatedError):
    message: str = "Your sign-in has run out. Please sign in again."
    code = "invalid_grant"


@dataclass(eq=False)
class ReuseDetectedError(UnauthenticatedError):
    message: str = (
        "Somebody tried to use a copy of your sign-in, so we ended it. Please sign in again."
    )
    code = "reuse_detected"


@dataclass(eq=False)
class DeviceRevokedError(UnauthenticatedError):
    message: str = "This device was signed out from another one. Please sign in again."
    code = "device_revoked"


@dataclass(eq=False)
class InvalidTicketError(UnauthenticatedError):
    message: str = "That ticket is not good here."
    code = "invalid_ticket"


@dataclass(eq=False)
class PreauthGoneError(SosaError):
    """The beginning was used, has expired, was tried too often, or was of another kind."""

    message: str = "That took a little too long. Let us start over."
    code = "preauth_gone"
    status = 410


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


class Applicant(Value, tag="applicant"):
    """Whoever began, proven by the keys of the beginning. Nobody else can bring it to an end."""

    preauth_id: str
    jti: str
    """The request's name; the sealed answer repeats it."""
    network: str
    has_to_wait: bool
    """Whether this browser was told lately to come back when older."""


class Holder(Value, tag="holder"):
    """A device with a refresh cookie, proven by the key of the device the cookie was given to."""

    session_id: SessionId
    refresh_hash: str
    jti: str


class Leaver(Value, tag="leaver"):
    """A browser that signs out: a Holder, or a refresh cookie alone on a page of ours.

    Signing out must never be impossible, so it works when the device's keys are lost.
    """

    session_id: SessionId | None
    """None when the session is over already."""


class Recipient(Value, tag="recipient"):
    """A Member who can be answered under seal."""

    member: Member
    jti: str
    """The request's name; the sealed answer repeats it."""


class Begin(Request):
    """The one request that carries a device secret, and the first of every way to sign in."""

    kind: Literal["register", "login", "oauth", "reset", "link"]
    device_secret: str
    """32 random bytes."""
    device_name: DeviceName
    device_platform: DeviceName
    provider: str | None = None


class Begun(Value):
    """What the device needs to derive the same keys, and to prove itself with them."""

    preauth: str
    salt: str
    kid: str
    nonce: str
    server_time: int


class Register(Request):
    """Answers to the registration form."""

    preauth_id: str
    username: str
    """3 to 32 of A-Z a-z 0-9 _ -, unique without regard to case."""
    password: str
    """15 to 256 characters, any of them."""
    age_answer: Literal["under_13", "13_15", "16_17", "18_plus"]
    terms: bool
    email: str | None = None
    """Kept as a keyed hash only."""


class SignIn(Request):
    preauth_id: str
    identifier: Annotated[str, msgspec.Meta(max_length=320)]
    """Username, or a verified e-mail address."""
    password: str


class Refresh(Request):
    """Takes nothing."""


class SignOut(Request):
    """Takes nothing."""


class SignedIn(Value):
    """A session, or its prolongation.

    Sealed is `{access: {audience: token}, expires_in, session, device_id, user, nonce}`.
    """

    sealed: str
    refresh: str
    """Travels as the refresh cookie and not in the body."""


class SignedOut(Value):
    """The session is over; the cookie goes with the answer."""


class Sealed(Value):
    """What only the device that asked can open."""

    sealed: str


class Account(Value):
    id: UserId
    username: str


class CurrentSession(Value):
    """Who the caller is, and how surely."""

    user: Account
    session: SessionId
    device_id: DeviceId
    amr: tuple[str, ...]
    acr: str


class SessionEntry(Value):
    id: SessionId
    device_id: DeviceId
    device_name: str
    device_platform: str
    created: datetime
    last_used: datetime
    is_current: bool


class SessionList(Value):
    """The caller's live sessions, newest first; at most 20."""

    sessions: tuple[SessionEntry, ...]


class DeviceEntry(Value):
    id: DeviceId
    name: str
    platform: str
    created: datetime
    last_seen: datetime
    is_current: bool


class DeviceList(Value):
    """The devices the caller is signed in on, newest first; at most 20."""

    devices: tuple[DeviceEntry, ...]


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


class GetSession(Request):
    """Takes nothing."""


class ListSessions(Request):
    """Takes nothing."""


class RevokeSession(Request):
    session_id: SessionId


class ListDevices(Request):
    """Takes nothing."""


class RenameDevice(Request):
    device_id: DeviceId
    name: DeviceName


class RevokeDevice(Request):
    device_id: DeviceId


class GetTicket(Request):
    """Asks for a ticket for a socket; `bind` ties it to something else the socket must show."""

    aud: Literal["messaging", "ui"]
    bind: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}$")] | None = None
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


class Redeemed(Value):
    """Who stands behind a ticket."""

    member: Member
    username: str
    expires_at: int
    """When the socket must authenticate again or be closed, in Unix seconds; 15 minutes at most."""


class Auth(Protocol):
    """Accounts, sign-in, devices and sessions."""

    @op("POST", "/auth/v1/preauth", max_body_bytes=MAX_BODY)
    async def begin(self, caller: Visitor, request: Begin) -> Begun:
        """Begin to sign in or register, within ten minutes.

        Raises WeakDeviceSecretError, DeviceSecretReusedError, KindNotOfferedError,
        RateLimitedError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/register", max_body_bytes=MAX_BODY)
    async def register(self, caller: Applicant, request: Register) -> SignedIn:
        """Make an account and sign in.

        Raises PreauthGoneError, TooYoungError, InvalidRequestError naming the field,
        WeakPasswordError, UsernameTakenError (the beginning can be used again), RateLimitedError,
        UnavailableError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/password", max_body_bytes=MAX_BODY)
    async def sign_in(self, caller: Applicant, request: SignIn) -> SignedIn:
        """Sign in on a new device. The oldest of more than 20 sessions ends.

        Raises PreauthGoneError, InvalidCredentialsError, RateLimitedError, UnavailableError.
        """
        ...

    @op("POST", "/auth/v1/token", max_body_bytes=MAX_BODY)
    async def refresh(self, caller: Holder, request: Refresh) -> SignedIn:
        """New access tokens and cookie. Twice within 30 seconds gets the same cookie.

        Raises InvalidGrantError, ReuseDetectedError, DeviceRevokedError.
        """
        ...

    @op("POST", "/auth/v1/logout", max_body_bytes=MAX_BODY)
    async def sign_out(self, caller: Leaver, request: SignOut) -> SignedOut:
        """End the session. Twice is once."""
        ...

    @op("GET", "/auth/v1/.well-known/jwks.json")
    async def get_jwks(self, caller: Visitor, request: GetJwks) -> Jwks:
        """The JWK set as such, without our envelope. May be kept for five minutes."""
        ...

    @op("GET", "/auth/v1/session")
    async def get_session(self, caller: Member, request: GetSession) -> CurrentSession: ...

    @op("GET", "/auth/v1/sessions")
    async def list_sessions(self, caller: Member, request: ListSessions) -> SessionList: ...

    @op("DELETE", "/auth/v1/sessions/{session_id}")
    async def revoke_session(self, caller: Member, request: RevokeSession) -> Nothing:
        """End one of the caller's sessions, everywhere within a second. Raises NotFoundError."""
        ...

    @op("GET", "/auth/v1/devices")
    async def list_devices(self, caller: Member, request: ListDevices) -> DeviceList: ...

    @op("PATCH", "/auth/v1/devices/{device_id}", max_body_bytes=MAX_BODY)
    async def rename_device(self, caller: Member, request: RenameDevice) -> Nothing:
        """Give one of the caller's devices another name. Raises NotFoundError."""
        ...

    @op("DELETE", "/auth/v1/devices/{device_id}")
    async def revoke_device(self, caller: Member, request: RevokeDevice) -> Nothing:
        """End what the device has and forget its keys. Raises NotFoundError."""
        ...

    @op("POST", "/auth/v1/tickets", max_body_bytes=MAX_BODY)
    async def get_ticket(self, caller: Recipient, request: GetTicket) -> Sealed:
        """A ticket for a socket, good once and for 30 seconds. Sealed is `{ticket, expires_in}`.

        Raises RateLimitedError.
        """
        ...

    @op("POST", "/internal/auth/v1/tickets/redeem", allow=("messaging", "ui"))
    async def redeem_ticket(self, caller: Service, request: RedeemTicket) -> Redeemed:
        """Spend a ticket: of any number of tries one succeeds.

        It takes a proof by the key of the device that asked for it. Raises InvalidTicketError, one
        answer for every cause.
        """
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """What stands behind a refresh cookie, before the device has proven that it is its own."""

    session_id: SessionId
    refresh_hash: str
    device: DeviceKey


class ProofKeys(Protocol):
    """What auth's own guards ask it for. In the same process only: keys do not travel."""

    async def get_applicant_key(self, preauth_id: str) -> DeviceKey:
        """The key of a beginning. Raises PreauthGoneError."""
        ...

    async def count_bad_proof(self, preauth_id: str) -> None:
        """Somebody forged a proof under a beginning's own key id; after five it is gone."""
        ...

    async def get_held(self, refresh_token: str) -> Held:
        """What the cookie stands for.

        Raises InvalidGrantError, ReuseDetectedError or DeviceRevokedError.
        """
        ...

    async def report_stolen(self, session_id: SessionId) -> None:
        """End a session whose cookie came with a proof by another key."""
        ...
