"""A second lock on an account: codes from a phone, and recovery codes for when it is gone."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Applicant, Confirmed
from backend.auth.contract.entrance import MAX_BODY, Admission, Sealed
from backend.kit.callers import Member
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

SecondFactor = Literal["totp", "passkey", "recovery_code"]
Shown = Annotated[str, msgspec.Meta(min_length=1, max_length=12_000)]
"""A code as it was typed, a password, or a passkey's answer as JSON."""


class PasskeyEntry(Value):
    """A passkey of the caller."""

    id: str
    name: str
    is_backed_up: bool
    """Whether it lives in an account that copies it to other devices."""
    created: datetime
    last_used: datetime | None


class Locks(Value):
    """What an account is locked with."""

    has_password: bool
    totp_since: datetime | None
    """None: no app makes codes for it."""
    passkeys: tuple[PasskeyEntry, ...]
    """Oldest first; at most 20."""
    recovery_codes: int
    """How many are unused."""


class GetLocks(Request):
    """Takes nothing."""


class BeginTotp(Request):
    """Takes nothing."""


class ConfirmTotp(Request):
    """A first code, to show that the app has the secret."""

    code: Annotated[str, msgspec.Meta(max_length=16)]


class RemoveTotp(Request):
    """Takes nothing."""


class MakeRecoveryCodes(Request):
    """Takes nothing."""


class ShowFactor(Request):
    """The second factor of somebody whose first was right."""

    preauth_id: str
    type: SecondFactor
    value: Shown


class Factors(Protocol):
    """The second step of signing in, and what it asks for."""

    @op("POST", "/auth/v1/preauth/{preauth_id}/factor", max_body_bytes=MAX_BODY)
    async def show_factor(self, caller: Applicant, request: ShowFactor) -> Admission:
        """Show the second factor. Five tries, then the beginning is gone.

        Raises PreauthGoneError, BadFactorError, RateLimitedError.
        """
        ...

    @op("GET", "/auth/v1/factors")
    async def get_locks(self, caller: Member, request: GetLocks) -> Locks: ...

    @op("POST", "/auth/v1/totp", max_body_bytes=MAX_BODY)
    async def begin_totp(self, caller: Confirmed, request: BeginTotp) -> Sealed:
        """A fresh secret for an app. Sealed is `{secret, uri, picture}`, a QR code as a data URL.

        None of it is told twice. It counts once a first code has shown that the app has it, within
        15 minutes; begun again, the one before is worthless. Raises FactorExistsError.
        """
        ...

    @op("POST", "/auth/v1/totp/confirm", max_body_bytes=MAX_BODY)
    async def confirm_totp(self, caller: Confirmed, request: ConfirmTotp) -> Nothing:
        """Show that the app has the secret. The code counts as used.

        Raises BadFactorError, NotFoundError when nothing waits for it, RateLimitedError.
        """
        ...

    @op("DELETE", "/auth/v1/totp")
    async def remove_totp(self, caller: Confirmed, request: RemoveTotp) -> Nothing:
        """Ask for no codes any more. Raises NotFoundError, LastFactorError."""
        ...

    @op("POST", "/auth/v1/recovery-codes", max_body_bytes=MAX_BODY, is_once=True)
    async def make_recovery_codes(self, caller: Confirmed, request: MakeRecoveryCodes) -> Sealed:
        """Ten codes, each good once; those before are worthless. Sealed is `{codes}`.

        Raises NoSecondFactorError: they stand in for another factor, and alone they are none.
        """
        ...
