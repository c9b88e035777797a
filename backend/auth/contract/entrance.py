"""Signing in, going on, and signing out."""

from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Applicant, Holder, Keyholder, Leaver
from backend.kit.callers import Visitor
from backend.kit.op import op
from backend.kit.values import Request, Value

MAX_BODY = 16_384
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Begin(Request):
    """The one request that carries a device secret, and the first of every way to sign in."""

    kind: Literal["register", "login", "oauth", "reset", "link", "confirm"]
    device_secret: str
    """32 random bytes."""
    device_name: DeviceName
    device_platform: DeviceName
    provider: str | None = None


class Begun(Value, omit_defaults=True):
    """What the device needs to derive the same keys, and to prove itself with them."""

    preauth: str
    salt: str
    kid: str
    nonce: str
    server_time: int
    authorize_url: str | None = None
    """For `oauth`: where the browser goes next."""
    state: str | None = None
    """For `oauth`: by what the browser recognises its own return."""


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
    """Kept as a keyed hash only. Where the house sends mail, a code to it is asked for next."""


class SignIn(Request):
    """Answers to the sign-in form."""

    preauth_id: str
    identifier: Annotated[str, msgspec.Meta(max_length=320)]
    """Username, or a verified e-mail address."""
    password: str


class Refresh(Request):
    """Takes nothing."""


class SignInByDevice(Request):
    """Takes nothing."""


class SignOut(Request):
    """Takes nothing."""


class Admission(Value):
    """A session, or what is still asked for.

    On the wire either `{sealed}`, which holds what SignedIn's does, or `{next, methods}`.
    """

    sealed: str | None = None
    refresh: str | None = None
    """Travels as the refresh cookie and not in the body. None: no cookie, no session yet."""
    known_device: str | None = None
    """Travels as the cookie by which this browser is known again, and not in the body."""
    next: Literal["verify_email", "second_factor", "new_password", "undelete"] | None = None
    methods: tuple[str, ...] = ()
    """The second factors that the account has: totp, passkey, recovery_code."""


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


class Entrance(Protocol):
    """Getting in, staying in, getting out."""

    @op("POST", "/auth/v1/preauth", max_body_bytes=MAX_BODY)
    async def begin(self, caller: Visitor, request: Begin) -> Begun:
        """Begin to sign in or register, within ten minutes.

        Raises WeakDeviceSecretError, DeviceSecretReusedError, KindNotOfferedError,
        RateLimitedError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/register", max_body_bytes=MAX_BODY)
    async def register(self, caller: Applicant, request: Register) -> Admission:
        """Make an account and sign in, or ask for the code that was sent to the address.

        Until `verify` there is no account then. Once more, with the code still out, sends another.
        Raises PreauthGoneError, TooYoungError, InvalidRequestError naming the field,
        WeakPasswordError, UsernameTakenError (the beginning can be used again), RateLimitedError,
        UnavailableError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/password", max_body_bytes=MAX_BODY)
    async def sign_in(self, caller: Applicant, request: SignIn) -> Admission:
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

    @op("POST", "/auth/v1/device/login", max_body_bytes=MAX_BODY)
    async def sign_in_by_device(self, caller: Keyholder, request: SignInByDevice) -> Admission:
        """Sign a device in again that kept its keys and lost its cookie.

        The new session takes the place of the one the device had, ends when that would have ended,
        and is of little weight (`acr` low) until the member shows who they are. Raises
        LoginRequiredError, RateLimitedError, and when its guard looks for the keys,
        DeviceRevokedError.
        """
        ...

    @op("POST", "/auth/v1/logout", max_body_bytes=MAX_BODY)
    async def sign_out(self, caller: Leaver, request: SignOut) -> SignedOut:
        """End the session. Twice is once."""
        ...
