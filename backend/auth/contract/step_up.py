"""Showing once more who one is, before what could take the account away."""

from typing import Literal, Protocol

from backend.auth.contract.callers import Recipient
from backend.auth.contract.entrance import MAX_BODY, Sealed
from backend.auth.contract.factors import Shown
from backend.auth.contract.passkeys import Ceremony
from backend.auth.contract.providers import Answered, Departure, ProviderName
from backend.kit.callers import Member
from backend.kit.op import op
from backend.kit.values import Request, Value

StepUpMethod = Literal["password", "totp", "passkey", "recovery_code"]


class ConfirmingProvider(Value):
    """Somewhere to go to be confirmed."""

    name: str
    label: str
    """What people call it."""


class StepUpMethods(Value):
    """How the caller may show who they are: any one of these.

    Whoever has a second factor shows that; a password alone is asked of those who have none, and
    who has neither goes once more to the provider they come by.
    """

    methods: tuple[StepUpMethod, ...]
    providers: tuple[ConfirmingProvider, ...]


class GetStepUpMethods(Request):
    """Takes nothing."""


class AskForStepUpPasskey(Request):
    """Takes nothing."""


class StepUp(Request):
    """The proof."""

    method: StepUpMethod
    value: Shown


class LeaveToConfirm(Request):
    """What was begun to `confirm` is for the caller's session."""

    provider: ProviderName
    preauth_id: str


class ConfirmByProvider(Request):
    """The end of what `leave_to_confirm` allowed."""

    provider: ProviderName
    preauth_id: str
    confirm_token: Answered


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

    @op("POST", "/auth/v1/providers/{provider}/confirm", max_body_bytes=MAX_BODY)
    async def leave_to_confirm(self, caller: Member, request: LeaveToConfirm) -> Departure:
        """Take a beginning of kind `confirm` for the caller's session; once, for ten minutes.

        Raises PreauthGoneError, KindNotOfferedError for a provider that is not among the caller's
        ways, RateLimitedError.
        """
        ...

    @op("POST", "/auth/v1/providers/{provider}/confirmed", max_body_bytes=MAX_BODY)
    async def confirm_by_provider(self, caller: Recipient, request: ConfirmByProvider) -> Sealed:
        """Confirm the session by what `complete` brought. Sealed as in `step_up`.

        Raises PreauthGoneError (also for what another session began), InvalidLinkTokenError,
        BadFactorError when it is no longer a way of the caller's.
        """
        ...
