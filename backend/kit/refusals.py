"""Who was refused what, and why, in the log of the process (ASVS 5.0.0 V16.3)."""

import structlog

from backend.kit import logs
from backend.kit.errors import SosaError
from backend.kit.tokens.errors import UseNonceError

_log = structlog.get_logger("sosa.refusals")


def note(operation: str, error: SosaError, *, user_id: str = "", network: str = "") -> None:
    """Write a line about a refusal: its code, and whom it concerns as far as that is known.

    Without the sentence that the caller is told and without the field: what is in them is somebody
    else's to read.
    """
    if isinstance(error, UseNonceError):
        # A question that every device is asked, and answers at once.
        return
    known = {"user_id": user_id or logs.concerned(), "network": network}
    _log.info(
        "refused",
        operation=operation,
        code=error.code,
        status=error.status,
        **{name: value for name, value in known.items() if value},
    )
