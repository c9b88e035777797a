"""Showing once more who one is, before what could take the account away."""

from typing import Literal, Protocol

from backend.auth.contract.callers import Recipient
from backend.auth.contract.entrance import MAX_BODY, Sealed
from backend.auth.contract.factors import Shown
from backend.auth.contract.passkeys import Ceremony
from backend.kit.callers import Member
from backend.kit.op import op
from backend.kit.values import Request, Value

StepUpMethod = Literal["password", "totp", "passkey", "recovery_code"]


class StepUpMethods(Value):
    """How the caller may show who they are: any one of these.

    Whoever has a second factor shows that; a password alone is asked of those who have none. Empty:
    the account is opened by another provider only, and signing in there once more is the way.
    """

    methods: tuple[StepUpMethod, ...]


class GetStepUpMethods(Request):
    """Takes nothing."""


class AskForStepUpPasskey(Request):
    """Takes nothing."""


class StepUp(Request):
    """The proof."""

    method: StepUpMethod
    value: Shown


class StepUps(Protocol):
    """Fresh certainty for a session that goes on. No session is made here."""

    @op("GET", "/auth/v1/stepup")
    async def get_step_up_methods(
        self, caller: Member, request: GetStepUpMethods
    ) -> StepUpMethods: ...

    @op("POST", "/auth/v1/stepup/passkey/options", max_body_bytes=MAX_BODY)
    async def ask_for_step_up_passkey(
        self, caller: Member, request: AskForStepUpPasskey
    ) -> Ceremony:
        """Begin to show a passkey."""
        ...

    @op("POST", "/auth/v1/stepup/{method}", max_body_bytes=MAX_BODY)
    async def step_up(self, caller: Recipient, request: StepUp) -> Sealed:
        """Show who one is. Sealed holds what SignedIn's does: tokens that say when it was.

        Raises BadFactorError, RateLimitedError.
        """
        ...
