"""The one shape of every answer (docs/sign-in.md 1)."""

from typing import Any, Literal

import msgspec

from backend.kit.errors import ErrorItem, SosaError, to_wire


class Success(msgspec.Struct, frozen=True):
    """It worked, and here is what was asked for."""

    response: Any
    status: Literal["success"] = "success"


class Failure(msgspec.Struct, frozen=True):
    """It did not, and why."""

    errors: tuple[ErrorItem, ...]
    status: Literal["failure"] = "failure"


def success(value: Any) -> bytes:
    """The body of a success."""
    return msgspec.json.encode(Success(response=value))


def failure(error: SosaError) -> bytes:
    """The body of a failure."""
    return msgspec.json.encode(Failure(errors=(to_wire(error),)))
