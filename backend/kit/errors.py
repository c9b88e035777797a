"""The tree of errors a caller may act on: each has a code, a status and, where it helps, data.

    SosaError
    ├── InvalidRequestError 422     a field is missing, unknown, of the wrong type or out of bounds
    ├── MalformedRequestError 400   not JSON, or not the shape of any request
    ├── BodyTooLargeError 413
    ├── UnsupportedMediaTypeError 415
    ├── UnauthenticatedError 401    codes of their own below it, in `backend.kit.tokens`
    ├── ForbiddenError 403          known to the caller, and still not theirs to do
    ├── CrossOriginError 403        a page of another site made the browser send this
    ├── NotFoundError 404           absent, or not the caller's to know about
    ├── MethodNotAllowedError 405
    ├── ConflictError 409
    ├── RateLimitedError 429
    ├── InternalError 500           a bug; the cause is in the log under the request id
    └── UnavailableError 503        a part of the house does not answer; worth trying again

A contract adds its own below these. Codes are unique in the whole house, so that the type can be
rebuilt on the other side of a wire.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import msgspec

_by_code: dict[str, type["SosaError"]] = {}


@dataclass(eq=False)
class SosaError(Exception):
    """The root. `message` is one short sentence for a person; programs read `code`."""

    message: str
    field: str | None = None
    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init_subclass__(cls) -> None:
        """Make the type known by its code, so that a client can raise it again."""
        super().__init_subclass__()
        if "code" in vars(cls):
            taken = _by_code.setdefault(cls.code, cls)
            if taken.__qualname__ != cls.__qualname__:
                raise TypeError(
                    f"{cls.__qualname__} and {taken.__qualname__} share the code {cls.code!r}"
                )

    def __str__(self) -> str:
        """Return the message, as logs and tracebacks expect it."""
        return self.message

    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to this error."""
        return {}

    def data(self) -> dict[str, Any]:
        """What the error carries beyond message and field, as plain values."""
        return {
            item.name: msgspec.to_builtins(getattr(self, item.name))
            for item in fields(self)
            if item.name not in {"message", "field"}
        }


@dataclass(eq=False)
class InvalidRequestError(SosaError):
    """A field is missing, unknown, of the wrong type or out of bounds; `field` names it."""

    code = "invalid_request"
    status = 422


@dataclass(eq=False)
class UnknownFieldError(InvalidRequestError):
    """The request holds a field that the operation does not know. Its value is never echoed."""

    code = "unknown_field"


@dataclass(eq=False)
class MissingFieldError(InvalidRequestError):
    """A field that must be there is not."""

    code = "missing_field"


@dataclass(eq=False)
class MalformedRequestError(SosaError):
    """The body is not JSON, or not an object."""

    code = "malformed_request"
    status = 400


@dataclass(eq=False)
class BodyTooLargeError(SosaError):
    """The body is larger than the operation takes."""

    code = "body_too_large"
    status = 413


@dataclass(eq=False)
class UnsupportedMediaTypeError(SosaError):
    """A body came that is not `application/json`."""

    code = "unsupported_media_type"
    status = 415


@dataclass(eq=False)
class UnauthenticatedError(SosaError):
    """The request does not prove who sends it. RFC 9110 11.6.1 asks for the header."""

    code = "unauthenticated"
    status = 401

    def headers(self) -> dict[str, str]:
        """Name the scheme and the reason."""
        return {"WWW-Authenticate": f'SoSa error="{self.code}"'}


@dataclass(eq=False)
class ForbiddenError(SosaError):
    """The caller may know of this, but not do it."""

    code = "forbidden"
    status = 403


@dataclass(eq=False)
class CrossOriginError(ForbiddenError):
    """A page of another site made the browser send this."""

    code = "cross_origin"


@dataclass(eq=False)
class NotFoundError(SosaError):
    """Absent, or not the caller's to know about: the answer is the same on purpose."""

    code = "not_found"
    status = 404


@dataclass(eq=False)
class MethodNotAllowedError(SosaError):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    status = 405


@dataclass(eq=False)
class ConflictError(SosaError):
    """The request contradicts what is already stored."""

    code = "conflict"
    status = 409


@dataclass(eq=False, kw_only=True)
class RateLimitedError(SosaError):
    """Too much, too fast. Try again after `retry_after_seconds`, and not before."""

    retry_after_seconds: int = 1
    code = "rate_limited"
    status = 429

    def headers(self) -> dict[str, str]:
        """RFC 9110 10.2.3."""
        return {"Retry-After": str(self.retry_after_seconds)}


@dataclass(eq=False)
class InternalError(SosaError):
    """A bug. The cause is logged under the request id and told to nobody."""

    code = "internal"
    status = 500


@dataclass(eq=False)
class UnavailableError(SosaError):
    """A part of the house does not answer. Nothing was lost; trying again is right."""

    code = "unavailable"
    status = 503


class ErrorItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One error on the wire."""

    code: str
    message: str
    field: str | None = None
    data: dict[str, Any] | None = None


def to_wire(error: SosaError) -> ErrorItem:
    """Return the error as it travels."""
    return ErrorItem(
        code=error.code, message=error.message, field=error.field, data=error.data() or None
    )


def from_wire(status: int, items: Sequence[ErrorItem]) -> SosaError:
    """Rebuild the error that `to_wire` made; an unknown code becomes the nearest of its status."""
    if not items:
        return InternalError("The answer could not be understood.")
    item = items[0]
    kind = _by_code.get(item.code) or _nearest(status)
    known = {entry.name for entry in fields(kind)}
    data = {key: value for key, value in (item.data or {}).items() if key in known}
    return kind(item.message, item.field, **data)


def _nearest(status: int) -> type[SosaError]:
    generic = (
        InvalidRequestError, MalformedRequestError, UnauthenticatedError, ForbiddenError,
        NotFoundError, ConflictError, RateLimitedError, UnavailableError,
    )  # fmt: skip
    return next((kind for kind in generic if kind.status == status), InternalError)
