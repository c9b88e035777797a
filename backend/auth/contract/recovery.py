"""Codes by mail: for an address that is new, and for a password that is forgotten.

A code is typed on the device that asked, and good for nothing elsewhere. So a mail alone opens
nothing, there is no link that a scanner could follow, and none that could be forged.
"""

from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Applicant
from backend.auth.contract.entrance import MAX_BODY, Admission
from backend.kit.op import op
from backend.kit.values import Request, Value

Code = Annotated[str, msgspec.Meta(max_length=40)]
Address = Annotated[str, msgspec.Meta(max_length=320)]


class Verify(Request):
    """The code that was sent to the address of a registration."""

    preauth_id: str
    code: Code
    """Six characters; case, spaces and hyphens do not count."""


class AskReset(Request):
    """The address of an account whose password is forgotten."""

    preauth_id: str
    email: Address


class MailSent(Value):
    """Look into your mail. It says nothing of whether there is an account."""

    next: Literal["pin"] = "pin"


class CheckPin(Request):
    """The code that was sent to it."""

    preauth_id: str
    pin: Code
    """Six characters; case, spaces and hyphens do not count."""


class PinRight(Value):
    """Now the new password."""

    username: str
    """Whose it is, so that a password manager knows what it keeps."""
    next: Literal["new_password"] = "new_password"


class SetNewPassword(Request):
    """The new password."""

    preauth_id: str
    password: str
    """15 to 256 characters; 8 where the account has a second factor."""


class Recovery(Protocol):
    """Registrations and resets that wait for a code."""

    @op("POST", "/auth/v1/preauth/{preauth_id}/verify", max_body_bytes=MAX_BODY)
    async def verify(self, caller: Applicant, request: Verify) -> Admission:
        """Make the account that was registered, and sign in.

        Every claim to the address that nobody has verified ends with it. Raises BadCodeError,
        PreauthGoneError after five tries or ten minutes, UsernameTakenError and EmailTakenError
        when somebody was quicker.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/reset", max_body_bytes=MAX_BODY)
    async def ask_reset(self, caller: Applicant, request: AskReset) -> MailSent:
        """Send a code to the address. The answer is one and the same, known or unknown: 202.

        Again: another code, and the one before is worthless. Raises PreauthGoneError,
        InvalidRequestError, RateLimitedError after three in a day.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/pin", max_body_bytes=MAX_BODY)
    async def check_pin(self, caller: Applicant, request: CheckPin) -> PinRight:
        """Raises BadPinError, PreauthGoneError after five tries or ten minutes."""
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/new-password", max_body_bytes=MAX_BODY)
    async def set_new_password(self, caller: Applicant, request: SetNewPassword) -> Admission:
        """Change the password, sign in here and sign every other device out.

        A second factor is still asked for, and nothing changes before it was shown. Raises
        WeakPasswordError, PreauthGoneError.
        """
        ...
