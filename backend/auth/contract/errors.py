"""Why auth says no.

InvalidRequestError
├── KindNotOfferedError       this way of signing in is not offered here
└── WeakPasswordError
MalformedRequestError
└── WeakDeviceSecretError
ConflictError
├── DeviceSecretReusedError   a device secret is good for one beginning
└── UsernameTakenError
ForbiddenError
├── BotOwnerAwayError         whoever answers for the bot may not come in themselves
├── NotForBotsError           this is for people
├── StepUpRequiredError       it is too long ago that they proved who they are
├── TooManyBotsError          five are enough
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

from backend.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    MalformedRequestError,
    SosaError,
    UnauthenticatedError,
)


@dataclass(eq=False)
class KindNotOfferedError(InvalidRequestError):
    """This way of signing in is not offered here."""

    code = "kind_not_offered"


@dataclass(eq=False)
class WeakPasswordError(InvalidRequestError):
    """Too short, too long, or too easy to guess."""

    code = "weak_password"


@dataclass(eq=False)
class WeakDeviceSecretError(MalformedRequestError):
    """Not 32 random bytes."""

    code = "weak_device_secret"


@dataclass(eq=False)
class DeviceSecretReusedError(ConflictError):
    """A device secret is good for one beginning."""

    code = "device_secret_reused"


@dataclass(eq=False)
class UsernameTakenError(ConflictError):
    """Somebody has that name, in whatever case."""

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
class StepUpRequiredError(ForbiddenError):
    """It is too long ago that they proved who they are, or they did so too weakly."""

    message: str = "Please show us once more that it is you."
    code = "step_up_required"


@dataclass(eq=False)
class NotForBotsError(ForbiddenError):
    """A bot asked for what only people have."""

    message: str = "This one is for people. Nothing personal, you are a fine bot."
    code = "not_for_bots"


@dataclass(eq=False)
class BotOwnerAwayError(ForbiddenError):
    """The bot's owner is suspended, banned or leaving."""

    message: str = "Whoever made this bot cannot come in at the moment, so neither can it."
    code = "bot_owner_away"


@dataclass(eq=False)
class TooManyBotsError(ForbiddenError):
    """A member has as many bots as a member may have."""

    message: str = "Five bots are a crowd already. Revoke one to make room."
    code = "quota"


@dataclass(eq=False)
class InvalidCredentialsError(UnauthenticatedError):
    """One of the two was wrong; it is not told which."""

    code = "invalid_credentials"


@dataclass(eq=False)
class InvalidGrantError(UnauthenticatedError):
    """No refresh cookie, or one of a session that is over."""

    message: str = "Your sign-in has run out. Please sign in again."
    code = "invalid_grant"


@dataclass(eq=False)
class ReuseDetectedError(UnauthenticatedError):
    """The cookie was used before, or by another device: the session ended."""

    message: str = (
        "Somebody tried to use a copy of your sign-in, so we ended it. Please sign in again."
    )
    code = "reuse_detected"


@dataclass(eq=False)
class DeviceRevokedError(UnauthenticatedError):
    """The device was revoked from another one."""

    message: str = "This device was signed out from another one. Please sign in again."
    code = "device_revoked"


@dataclass(eq=False)
class InvalidTicketError(UnauthenticatedError):
    """The ticket is not good; one answer for every cause."""

    message: str = "That ticket is not good here."
    code = "invalid_ticket"


@dataclass(eq=False)
class PreauthGoneError(SosaError):
    """The beginning was used, has expired, was tried too often, or was of another kind."""

    message: str = "That took a little too long. Let us start over."
    code = "preauth_gone"
    status = 410
