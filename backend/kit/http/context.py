"""What travels along with a call from service to service: its id, its trace, and its deadline."""

import re
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from backend.kit.errors import UnavailableError
from backend.kit.ids import new_id

DEADLINE_HEADER = "sosa-deadline-ms"
"""Milliseconds that are left. Not a time of day: clocks of machines differ."""
TRACE_HEADERS = ("traceparent", "tracestate")
"""W3C Trace Context. Passed on as they are."""
TIMEOUT_SECONDS = 29.0
"""The same in every shape: what a function behind an API gateway is given at most."""

_GOOD_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_trace: ContextVar[Mapping[str, str]] = ContextVar("trace", default={})  # noqa: B039 - never changed


def request_id(given: str) -> str:
    """The id of a request: the one that came along if it is well-formed, else a new one.

    It goes into logs and back into an answer's headers, so nobody may write there what they like.
    """
    return given if _GOOD_ID.fullmatch(given) else new_id()


@contextmanager
def received(headers: Mapping[str, str]) -> Generator[None]:
    """Take over what came along with a request. `headers` have lower-case names."""
    trace = {name: headers[name] for name in TRACE_HEADERS if name in headers}
    told = headers.get(DEADLINE_HEADER, "")
    seconds = min(int(told) / 1000, TIMEOUT_SECONDS) if told.isdigit() else TIMEOUT_SECONDS
    deadline_token = _deadline.set(time.monotonic() + seconds)
    trace_token = _trace.set(trace)
    try:
        yield
    finally:
        _deadline.reset(deadline_token)
        _trace.reset(trace_token)


def seconds_left() -> float:
    """How long the current request may still take. Raises UnavailableError when it is over."""
    deadline = _deadline.get()
    left = TIMEOUT_SECONDS if deadline is None else deadline - time.monotonic()
    if left <= 0:
        raise UnavailableError("That took too long. Please try again.")
    return left


def outgoing() -> dict[str, str]:
    """Headers for a call that is made on behalf of the current request."""
    headers = {DEADLINE_HEADER: str(int(seconds_left() * 1000)), **_trace.get()}
    identity = structlog.contextvars.get_contextvars().get("request_id")
    return headers | ({"x-request-id": identity} if identity else {})
