"""Signing in, going on, and signing out."""

from typing import Annotated, Literal

import msgspec

from backend.kit.values import Request, Value

DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


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
    """Answers to the sign-in form."""

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
