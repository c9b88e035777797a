"""Passkeys (WebAuthn level 3): a second factor, and a way in of their own."""

from typing import Annotated, Protocol

import msgspec

from backend.auth.contract.callers import Applicant, Confirmed
from backend.auth.contract.entrance import MAX_BODY, Admission
from backend.auth.contract.factors import PasskeyEntry, Shown
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

PasskeyName = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Ceremony(Value):
    """What a browser is asked to do with a passkey."""

    options: str
    """JSON, for `PublicKeyCredential.parseCreationOptionsFromJSON` or `.parseRequestOptions...`.
    Its challenge is good once and for ten minutes; the next one replaces it."""


class BeginPasskey(Request):
    """Takes nothing."""


class AddPasskey(Request):
    """What `navigator.credentials.create` brought, as JSON, and what the member calls it."""

    credential: Shown
    name: PasskeyName


class RenamePasskey(Request):
    """One of the caller's passkeys."""

    passkey_id: str
    name: PasskeyName


class RemovePasskey(Request):
    """One of the caller's passkeys."""

    passkey_id: str


class AskForPasskey(Request):
    """The beginning that a passkey is to lead on."""

    preauth_id: str


class SignInWithPasskey(Request):
    """What `navigator.credentials.get` brought, as JSON."""

    preauth_id: str
    credential: Shown


class Passkeys(Protocol):
    """Passkeys, from the first to the last use."""

    @op("POST", "/auth/v1/preauth/{preauth_id}/passkey/options", max_body_bytes=MAX_BODY)
    async def ask_for_passkey(self, caller: Applicant, request: AskForPasskey) -> Ceremony:
        """Begin to sign in with a passkey: any at the start, the member's own as a second factor.

        Raises PreauthGoneError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/passkey", max_body_bytes=MAX_BODY)
    async def sign_in_with_passkey(
        self, caller: Applicant, request: SignInWithPasskey
    ) -> Admission:
        """Sign in with a passkey alone. It must have verified its owner (PIN, finger, face).

        Raises PreauthGoneError, BadFactorError, RateLimitedError.
        """
        ...

    @op("POST", "/auth/v1/passkeys/options", max_body_bytes=MAX_BODY)
    async def begin_passkey(self, caller: Confirmed, request: BeginPasskey) -> Ceremony:
        """Begin to make a passkey. Raises TooManyPasskeysError."""
        ...

    @op("POST", "/auth/v1/passkeys", max_body_bytes=MAX_BODY)
    async def add_passkey(self, caller: Confirmed, request: AddPasskey) -> PasskeyEntry:
        """Keep a passkey that was made. Raises BadFactorError, FactorExistsError."""
        ...

    @op("PATCH", "/auth/v1/passkeys/{passkey_id}", max_body_bytes=MAX_BODY)
    async def rename_passkey(self, caller: Confirmed, request: RenamePasskey) -> Nothing:
        """Call one of the caller's passkeys something else. Raises NotFoundError."""
        ...

    @op("DELETE", "/auth/v1/passkeys/{passkey_id}")
    async def remove_passkey(self, caller: Confirmed, request: RemovePasskey) -> Nothing:
        """Take no more answers of a passkey. Raises NotFoundError, LastFactorError."""
        ...
