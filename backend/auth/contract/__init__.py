"""Who you are: the promise of the auth service. Its words on the wire are in auth.md 5 and 9."""

from dataclasses import dataclass
from typing import Protocol

from backend.auth.contract.belongings import (
    Account,
    CurrentSession,
    Delegate,
    Delegated,
    DeviceEntry,
    DeviceList,
    GetSession,
    GetTicket,
    ListDevices,
    ListSessions,
    Redeemed,
    RedeemTicket,
    RenameDevice,
    RevokeDevice,
    RevokeSession,
    SessionEntry,
    SessionList,
)
from backend.auth.contract.callers import (
    Applicant,
    Holder,
    Leaver,
    Recipient,
)
from backend.auth.contract.entrance import (
    Begin,
    Begun,
    Refresh,
    Register,
    Sealed,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
)
from backend.auth.contract.errors import (
    DeviceRevokedError,
    DeviceSecretReusedError,
    InvalidCredentialsError,
    InvalidGrantError,
    InvalidTicketError,
    KindNotOfferedError,
    PreauthGoneError,
    ReuseDetectedError,
    TooYoungError,
    UsernameTakenError,
    WeakDeviceSecretError,
    WeakPasswordError,
)
from backend.auth.contract.publications import (
    GetJwks,
    Jwk,
    Jwks,
    SessionRevoked,
    UserRegistered,
)
from backend.kit.callers import Member, Service, Visitor
from backend.kit.ids import SessionId
from backend.kit.op import op
from backend.kit.tokens.proofs import DeviceKey
from backend.kit.values import Nothing

__all__ = [
    "JWKS_PATH",
    "Account",
    "Applicant",
    "Auth",
    "Begin",
    "Begun",
    "CurrentSession",
    "Delegate",
    "Delegated",
    "DeviceEntry",
    "DeviceList",
    "DeviceRevokedError",
    "DeviceSecretReusedError",
    "GetJwks",
    "GetSession",
    "GetTicket",
    "Held",
    "Holder",
    "InvalidCredentialsError",
    "InvalidGrantError",
    "InvalidTicketError",
    "Jwk",
    "Jwks",
    "KindNotOfferedError",
    "Leaver",
    "ListDevices",
    "ListSessions",
    "PreauthGoneError",
    "ProofKeys",
    "Recipient",
    "RedeemTicket",
    "Redeemed",
    "Refresh",
    "Register",
    "RenameDevice",
    "ReuseDetectedError",
    "RevokeDevice",
    "RevokeSession",
    "Sealed",
    "SessionEntry",
    "SessionList",
    "SessionRevoked",
    "SignIn",
    "SignOut",
    "SignedIn",
    "SignedOut",
    "TooYoungError",
    "UserRegistered",
    "UsernameTakenError",
    "WeakDeviceSecretError",
    "WeakPasswordError",
]
MAX_BODY = 16_384
JWKS_PATH = "/auth/v1/.well-known/jwks.json"


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

    @op("GET", JWKS_PATH)
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
