"""Why auth says no.

InvalidRequestError
├── KindNotOfferedError       this way of signing in is not offered here
├── MailNotOfferedError       this house sends no mail
└── WeakPasswordError
MalformedRequestError
└── WeakDeviceSecretError
ConflictError
├── DeviceSecretReusedError   a device secret is good for one beginning
├── LastOwnerError            a house is never without an owner
├── FactorExistsError         that second factor is there already
├── LastFactorError           without it the account would be open, or shut for good
├── NoSecondFactorError       recovery codes stand in for a factor that is not there
├── TooManyPasskeysError
├── EmailTakenError           somebody else has verified that address
└── UsernameTakenError
ForbiddenError
├── BotOwnerAwayError         whoever answers for the bot may not come in themselves
├── NotForBotsError           this is for people
├── AccountBannedError
├── AccountSuspendedError
├── WrongHouseCodeError
├── StepUpRequiredError       it is too long ago that they proved who they are
├── TooManyBotsError          five are enough
└── TooYoungError
UnauthenticatedError
├── BadFactorError            a code, passkey or password that does not show who somebody is
├── BadCodeError              not the code that was sent last
├── BadPinError               the same, for a forgotten password
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
class MailNotOfferedError(InvalidRequestError):
    """This house sends no mail."""

    message: str = "This place sends no mail, so it cannot ask whether an address is yours."
    field: str | None = "email"
    code = "mail_not_offered"


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
class FactorExistsError(ConflictError):
    """That second factor is there already."""

    code = "factor_exists"


@dataclass(eq=False)
class LastFactorError(ConflictError):
    """Without it the account would be badly locked, or nobody could open it any more."""

    code = "last_factor"


@dataclass(eq=False)
class NoSecondFactorError(ConflictError):
    """There is no second factor that recovery codes could stand in for."""

    message: str = "First add an app or a passkey. Recovery codes are its spare keys."
    code = "no_second_factor"


@dataclass(eq=False)
class TooManyPasskeysError(ConflictError):
    """Twenty are enough for anyone's pockets."""

    message: str = "That is a lot of keys! Please remove one that you do not use any more first."
    code = "too_many_passkeys"


@dataclass(eq=False)
class EmailTakenError(ConflictError):
    """Somebody verified that address meanwhile. Told only to who has just shown that it is theirs.

    To anyone else it would tell who has an account here.
    """

    message: str = "Another account has that address already. Sign in to that one?"
    field: str | None = "email"
    code = "email_taken"


@dataclass(eq=False)
class UsernameTakenError(ConflictError):
    """Somebody has that name, in whatever case."""

    code = "username_taken"


@dataclass(eq=False)
class LastOwnerError(ConflictError):
    """A house is never without an owner."""

    message: str = "You are the last owner. Find somebody for the keys first."
    code = "last_owner"


@dataclass(eq=False)
class AccountSuspendedError(ForbiddenError):
    """Told to nobody but who has proven that the account is theirs."""

    code = "account_suspended"


@dataclass(eq=False)
class AccountBannedError(ForbiddenError):
    """Told to nobody but who has proven that the account is theirs."""

    code = "account_banned"


@dataclass(eq=False)
class WrongHouseCodeError(ForbiddenError):
    """Not the code, or the house has its owner already."""

    message: str = "That is not the code, or somebody was faster. Is there a newer one?"
    code = "wrong_house_code"


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
class BadFactorError(UnauthenticatedError):
    """It does not show who they are; one answer for every cause."""

    message: str = "That did not fit the lock. Have another look and try again."
    field: str | None = "value"
    code = "bad_factor"


@dataclass(eq=False)
class BadCodeError(UnauthenticatedError):
    """Not the code that was sent last. Five tries, then it is worthless."""

    message: str = "That is not the code in the newest mail. Have another look?"
    field: str | None = "code"
    code = "bad_code"


@dataclass(eq=False)
class BadPinError(UnauthenticatedError):
    """Not the code that was sent last. Five tries, then it is worthless."""

    message: str = "That is not the code in the newest mail. Have another look?"
    field: str | None = "pin"
    code = "bad_pin"


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
class LoginRequiredError(UnauthenticatedError):
    """The device's keys alone let nobody in: its session ended, or is not enough by itself."""

    message: str = "It has been a while, or the locks were changed. Please sign in again."
    code = "login_required"


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
