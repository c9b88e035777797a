"""A member's own password and e-mail address."""

from typing import Literal, Protocol

from backend.auth.contract.callers import Confirmed
from backend.auth.contract.entrance import MAX_BODY
from backend.auth.contract.recovery import Address, Code
from backend.kit.callers import Member
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value


class ChangePassword(Request):
    """The present password and the next."""

    password: str
    """15 to 256 characters; 8 where the account has a second factor."""
    current: str | None = None
    """None only where the account has none yet."""


class GetEmail(Request):
    """Takes nothing."""


class EmailState(Value):
    """What is known of the caller's address. Not the address: only its fingerprint is kept."""

    has_mail: bool
    """Whether this house sends mail at all."""
    is_set: bool
    is_verified: bool
    is_pending: bool
    """Whether a code is out to a new one."""
    has_notices: bool
    """Whether the address itself is kept, sealed, to write to it when something happens."""


class ChangeEmail(Request):
    """A new address, or the present one with another wish about notices."""

    email: Address
    wants_notices: bool = False


class CodeSent(Value):
    """Look into your mail. It says nothing of whether somebody else has the address."""

    next: Literal["verify_email"] = "verify_email"


class ConfirmEmail(Request):
    """The code that was sent to the new address."""

    code: Code


class RemoveEmail(Request):
    """Takes nothing."""


class StopNotices(Request):
    """Takes nothing."""


class Credentials(Protocol):
    """What a member is known by, and what they prove it with."""

    @op("PUT", "/auth/v1/password", max_body_bytes=MAX_BODY)
    async def change_password(self, caller: Confirmed, request: ChangePassword) -> Nothing:
        """Change it, and sign every other device out.

        Raises InvalidCredentialsError when `current` is wrong, WeakPasswordError,
        RateLimitedError, UnavailableError.
        """
        ...

    @op("GET", "/auth/v1/email")
    async def get_email(self, caller: Member, request: GetEmail) -> EmailState: ...

    @op("PUT", "/auth/v1/email", max_body_bytes=MAX_BODY)
    async def change_email(self, caller: Confirmed, request: ChangeEmail) -> CodeSent:
        """Send a code to an address; it is the member's once they have typed the code.

        Until then the one before stays. Raises MailNotOfferedError, InvalidRequestError,
        RateLimitedError.
        """
        ...

    @op("POST", "/auth/v1/email/verify", max_body_bytes=MAX_BODY)
    async def confirm_email(self, caller: Confirmed, request: ConfirmEmail) -> Nothing:
        """Raises BadCodeError; NotFoundError after five tries, ten minutes, or without a code."""
        ...

    @op("DELETE", "/auth/v1/email")
    async def remove_email(self, caller: Confirmed, request: RemoveEmail) -> Nothing:
        """Forget the address. A forgotten password is then forgotten for good. Twice is once."""
        ...

    @op("DELETE", "/auth/v1/email/notices")
    async def stop_notices(self, caller: Confirmed, request: StopNotices) -> Nothing:
        """Keep the fingerprint only, and write no more. Twice is once."""
        ...
