"""Getting in with an account that somebody has elsewhere, and keeping the two together."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Applicant, Confirmed
from backend.auth.contract.entrance import MAX_BODY, Admission
from backend.kit.callers import Member, Visitor
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

ProviderName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{1,19}$")]
Answered = Annotated[str, msgspec.Meta(max_length=2_048)]
"""What a provider put into the address that it sent the browser back to."""


class ProviderEntry(Value):
    """A provider that is on."""

    name: str
    label: str
    """What people call it."""
    can_sign_in: bool
    can_sign_up: bool


class ProviderList(Value):
    """What may be chosen, in the order of the configuration."""

    providers: tuple[ProviderEntry, ...]


class LinkedAccount(Value):
    """An account elsewhere that opens the caller's."""

    provider: str
    label: str
    username_hint: str
    """What it is called there; "" when the provider does not say."""
    linked_at: datetime


class LinkedList(Value):
    """The caller's accounts elsewhere, oldest first; at most one of each provider."""

    linked: tuple[LinkedAccount, ...]


class Departure(Value):
    """Where the browser goes next, and by what it recognises its own return."""

    authorize_url: str
    state: str


class ListProviders(Request):
    """Takes nothing."""


class ListLinked(Request):
    """Takes nothing."""


class Complete(Request):
    """What the provider put into the address of the callback page: a code, or an error."""

    preauth_id: str
    state: Answered
    code: Answered | None = None
    iss: Answered | None = None
    error: Answered | None = None


class Accept(Request):
    """Yes, make an account for whom the provider vouched for."""

    preauth_id: str
    link_token: Answered
    username: str
    age_answer: Literal["under_13", "13_15", "16_17", "18_plus"]
    terms: bool


class StartLink(Request):
    """What was begun as a `link` is for the caller's account."""

    provider: ProviderName
    preauth_id: str


class Link(Request):
    """The end of what `start_link` allowed."""

    provider: ProviderName
    preauth_id: str
    link_token: Answered


class Unlink(Request):
    """One of the caller's accounts elsewhere."""

    provider: ProviderName


class Providers(Protocol):
    """Ways in that lead over another house. None of them is ever matched by an e-mail address."""

    @op("GET", "/auth/v1/providers")
    async def list_providers(self, caller: Visitor, request: ListProviders) -> ProviderList: ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/complete", max_body_bytes=MAX_BODY, is_once=True)
    async def complete(self, caller: Applicant, request: Complete) -> Admission:
        """Come back from a provider. Whatever it brings, a code is tried once.

        Somebody unknown is only asked: the answer is then Seal({unregistered, link_token,
        suggested_username}), and nothing is made before `accept`. For a `link` it is
        Seal({link_token, username_hint}), to `confirm` Seal({confirm_token}). Raises
        PreauthGoneError, StateMismatchError, IssuerMismatchError, ProviderRefusedError,
        ProviderUnavailableError, SignUpClosedError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/accept", max_body_bytes=MAX_BODY)
    async def accept(self, caller: Applicant, request: Accept) -> Admission:
        """Make the account that `complete` asked about, and sign in.

        Raises PreauthGoneError, InvalidLinkTokenError, TooYoungError, InvalidRequestError naming
        the field, UsernameTakenError (can be tried again), AlreadyLinkedError.
        """
        ...

    @op("GET", "/auth/v1/providers/linked")
    async def list_linked(self, caller: Member, request: ListLinked) -> LinkedList: ...

    @op("POST", "/auth/v1/providers/{provider}/link", max_body_bytes=MAX_BODY)
    async def start_link(self, caller: Confirmed, request: StartLink) -> Departure:
        """Take a beginning of kind `link` for the caller's account; once.

        Raises PreauthGoneError, AlreadyLinkedError when one of that provider is linked already.
        """
        ...

    @op("POST", "/auth/v1/providers/{provider}/linked", max_body_bytes=MAX_BODY)
    async def link(self, caller: Member, request: Link) -> LinkedAccount:
        """Link what `complete` brought to the caller's account.

        Raises PreauthGoneError (also for what somebody else began), InvalidLinkTokenError,
        AlreadyLinkedError.
        """
        ...

    @op("DELETE", "/auth/v1/providers/{provider}")
    async def unlink(self, caller: Confirmed, request: Unlink) -> Nothing:
        """Sign in with it no more. Raises NotFoundError, LastLoginMethodError."""
        ...
