"""What can go wrong.

SosaClientError
├── OfflineError      the house does not answer
├── RefusedError      it answered no: `status`, `code`, `field`
│   └── NotSentError  ... to one message
├── MoreAskedError    signing in takes another step, by a person
├── SignedOutError    the session is over, or the bot's secret was revoked
└── ProtocolError     the two sides do not understand each other; asking again will not help
"""


class SosaClientError(Exception):
    """Whatever goes wrong in here."""


class OfflineError(SosaClientError):
    """No answer came. What was asked for may have been done."""


class RefusedError(SosaClientError):
    """The house said no. `code` is for programs, the text for people."""

    def __init__(
        self, status: int, code: str, message: str, field: str = "", retry_after: float = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.retry_after = retry_after
        """Seconds, where the house said how long to wait."""


class NotSentError(RefusedError):
    """One message was refused; those beside it were not."""


class MoreAskedError(SosaClientError):
    """The account asks for something else before it lets anyone in: `next`, by `methods`."""

    def __init__(self, step: str, methods: tuple[str, ...]) -> None:
        super().__init__(f"signing in asks for {step}")
        self.next = step
        self.methods = methods


class SignedOutError(SosaClientError):
    """The session is over, or the bot's secret was renewed or revoked."""


class ProtocolError(SosaClientError):
    """An answer that makes no sense here. One of the two sides is wrong or too old."""
