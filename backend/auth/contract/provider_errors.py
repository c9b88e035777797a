"""Why auth says no to who comes from another provider, or links one."""

from dataclasses import dataclass

from backend.kit.errors import (
    ConflictError,
    ForbiddenError,
    MalformedRequestError,
    SosaError,
    UnauthenticatedError,
)


@dataclass(eq=False)
class StateMismatchError(MalformedRequestError):
    """The answer of a provider to something else than what was begun here."""

    message: str = "That answer belongs to another sign-in. Please start over from here."
    code = "state_mismatch"


@dataclass(eq=False)
class IssuerMismatchError(MalformedRequestError):
    """Another provider answered than the one that was asked (RFC 9207)."""

    message: str = "Somebody else answered than the one we asked. Please start over from here."
    code = "issuer_mismatch"


@dataclass(eq=False)
class ProviderRefusedError(MalformedRequestError):
    """The provider said no, or something that we do not believe; `reason` is for programs."""

    reason: str = ""
    code = "provider_error"


@dataclass(eq=False)
class ProviderUnavailableError(SosaError):
    """The provider does not answer, or says that it cannot."""

    message: str = "The place you sign in with does not answer right now. Another way in, perhaps?"
    code = "provider_unavailable"
    status = 502


@dataclass(eq=False)
class SignUpClosedError(ForbiddenError):
    """Whoever is unknown cannot become a member by this provider."""

    code = "sign_up_closed"


@dataclass(eq=False)
class InvalidLinkTokenError(UnauthenticatedError):
    """Not what was given out, or to somebody else."""

    message: str = "We have lost the thread. Please start over from here."
    code = "invalid_link_token"


@dataclass(eq=False)
class AlreadyLinkedError(ConflictError):
    """That account elsewhere opens an account here already, or another of the same provider does.

    It is not told whose: that would be for its owner to say.
    """

    code = "already_linked"


@dataclass(eq=False)
class LastLoginMethodError(ConflictError):
    """Nobody could get into the account without it."""

    message: str = (
        "That is your only way in, and we would miss you. Set a password or link another first."
    )
    code = "last_login_method"
