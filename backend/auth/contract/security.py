"""What happened to an account, for its owner to read."""

from datetime import datetime
from typing import Annotated, Protocol

import msgspec

from backend.auth.contract.entrance import MAX_BODY
from backend.kit.callers import Member
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

LAST_NUMBER = 2**31 - 1
"""The greatest that a line's column holds."""


class SecurityEvent(Value):
    """A line of the log."""

    number: int
    at: datetime
    name: str
    """What happened, as a word for programs: `signed_in`, `role_granted`, ..."""
    is_own: bool
    """Whether the member did it, and not somebody with a role."""
    device_name: str
    detail: str


class SecurityLogPage(Value):
    """Lines, newest first."""

    events: tuple[SecurityEvent, ...]
    more: bool
    is_intact: bool
    """Whether every line of the log is as it was written. Looked at with the first page; later
    pages repeat true."""


class GetSecurityLog(Request):
    """Up to 50 lines before that number, or the newest."""

    before: Annotated[int, msgspec.Meta(ge=1, le=LAST_NUMBER)] | None = None


class CountUnseen(Request):
    """Takes nothing."""


class Unseen(Value):
    """How much happened that the member has not looked at."""

    count: int
    """The sign-in that began the present session is no news to it, and not counted."""


class MarkSeen(Request):
    """The newest line that was shown."""

    number: Annotated[int, msgspec.Meta(ge=0, le=LAST_NUMBER)]


class Security(Protocol):
    """A member's own security log."""

    @op("GET", "/auth/v1/security-log")
    async def get_security_log(
        self, caller: Member, request: GetSecurityLog
    ) -> SecurityLogPage: ...

    @op("GET", "/auth/v1/security-log/unseen")
    async def count_unseen(self, caller: Member, request: CountUnseen) -> Unseen: ...

    @op("PUT", "/auth/v1/security-log/seen", max_body_bytes=MAX_BODY)
    async def mark_seen(self, caller: Member, request: MarkSeen) -> Nothing:
        """Remember that the log was looked at up to a line. It never goes back."""
        ...
