"""Why a request does not prove who sends it (docs/sign-in.md 3).

UnauthenticatedError
├── ProofRequiredError    no proof came
├── InvalidProofError     the proof is wrong; one answer for every cause
├── StaleProofError       the device's clock is off; `server_time` corrects it
├── UseNonceError         try again with the nonce that came along
├── ReplayedProofError    this very proof was used before
├── TokenRequiredError    no access token came, or not under the scheme SoSa
├── InvalidTokenError     the access token is wrong, expired or revoked
└── BadServiceError       not proven to be one of our services
"""

from dataclasses import dataclass

from backend.kit.errors import UnauthenticatedError


@dataclass(eq=False)
class ProofRequiredError(UnauthenticatedError):
    """No proof came with the request."""

    message: str = "This needs a proof of your device."
    code = "proof_required"


@dataclass(eq=False)
class InvalidProofError(UnauthenticatedError):
    """The proof does not fit. It is not told why: the reason would help only whoever forges one."""

    message: str = "That proof does not fit this request."
    code = "invalid_proof"


class ForgedProofError(InvalidProofError):
    """It names the device's key and was made without it. Looks like any other from outside."""


class ForeignProofError(InvalidProofError):
    """It names the key of another device. Looks like any other from outside."""


@dataclass(eq=False, kw_only=True)
class StaleProofError(UnauthenticatedError):
    """The proof was made too long ago, or in the future. Its MAC was right, so the time is told."""

    message: str = "Your clock and ours disagree. Ours is attached."
    server_time: int = 0
    """Unix seconds."""
    code = "stale_proof"


@dataclass(eq=False, kw_only=True)
class UseNonceError(UnauthenticatedError):
    """The proof lacks a nonce that is still good. Its MAC was right, so a fresh one is told."""

    message: str = "Please try again with a fresh nonce."
    nonce: str = ""
    code = "use_nonce"

    def headers(self) -> dict[str, str]:
        """The nonce, where clients look for it on every answer."""
        return {**super().headers(), "Sosa-Nonce": self.nonce}


@dataclass(eq=False)
class ReplayedProofError(UnauthenticatedError):
    """A proof is good once."""

    message: str = "That proof was used before."
    code = "replayed_proof"


@dataclass(eq=False)
class TokenRequiredError(UnauthenticatedError):
    """No access token came, or not under the scheme `SoSa`."""

    message: str = "You need to be signed in for this."
    code = "token_required"


@dataclass(eq=False)
class InvalidTokenError(UnauthenticatedError):
    """The access token is wrong, expired or revoked; one answer for every cause."""

    message: str = "Your sign-in has run out."
    code = "invalid_token"


@dataclass(eq=False)
class BadServiceError(UnauthenticatedError):
    """The caller did not prove to be one of our services; one answer for every cause."""

    message: str = "We do not know this service."
    code = "bad_service"
