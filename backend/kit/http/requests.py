"""A request as guards and parsers see it, whatever brought it: Starlette, a function, a test."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from backend.kit.errors import (
    BodyTooLargeError,
    InvalidRequestError,
    MalformedRequestError,
    MissingFieldError,
    SosaError,
    UnknownFieldError,
    UnsupportedMediaTypeError,
)
from backend.kit.op import Operation
from backend.kit.values import Request

T = TypeVar("T")
MAX_QUERY_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request before anything in it is believed."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    network: str
    """The address it came from, as far as we know it."""
    path_params: Mapping[str, str] = field(default_factory=dict[str, str])
    answer_headers: dict[str, str] = field(default_factory=dict[str, str])
    """What a guard adds to the headers of the answer, whatever it will be: the next nonce, say."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name; none when the header cannot be read."""
        try:
            parsed = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in parsed.items()}


def parse(operation: Operation, request: RawRequest) -> Request:
    """Make the operation's request of path, query and body.

    Raises one of the InvalidRequestErrors naming the field, or MalformedRequestError. Values are
    never echoed: they may be passwords.
    """
    if operation.has_body:
        given = _json_object(request)
        if clash := set(given) & set(operation.path_fields):
            raise UnknownFieldError("This belongs in the path, not in the body.", min(clash))
        if request.query:
            raise UnknownFieldError("This takes no query.", _first_name(request.query))
    else:
        if request.body:
            raise MalformedRequestError("This takes no body.")
        given = _query_fields(operation.request_type, request.query)
    loose = dict(request.path_params) if operation.has_body else {**given, **request.path_params}
    strict = given if operation.has_body else {}
    return _convert({**_loosely(operation.request_type, loose), **strict}, operation.request_type)


def decode(payload: bytes | str, kind: type[T]) -> T:
    """Decode JSON into a type of ours, with the same errors as `parse`."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise explained(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedRequestError("That was not JSON we can read.") from None


def too_large(limit: int) -> BodyTooLargeError:
    """The error for a body above the limit."""
    return BodyTooLargeError(f"That is more than we can carry: {limit} bytes at most.")


def _json_object(request: RawRequest) -> dict[str, Any]:
    if not request.body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaTypeError("Bodies are application/json here.")
    return decode(request.body, dict[str, Any])


def _query_fields(kind: type[Request], query: bytes) -> dict[str, Any]:
    if len(query) > MAX_QUERY_BYTES:
        raise InvalidRequestError("That query is too long.")
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError:
        if not query:
            return {}
        raise MalformedRequestError("That query cannot be read.") from None
    plural = {name for name, hint in _hints(kind).items() if _is_plural(hint)}
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in plural:
            fields.setdefault(name, []).append(value)
        elif name in fields:
            raise InvalidRequestError("This came twice.", name)
        else:
            fields[name] = value
    return fields


@cache
def _hints(kind: type[Request]) -> dict[str, Any]:
    """What each field takes. Finding it out costs more than the rest of a small request."""
    return get_type_hints(kind, include_extras=True)


def _is_plural(hint: Any) -> bool:
    return get_origin(hint) in {tuple, list} or any(_is_plural(part) for part in get_args(hint))


def _first_name(query: bytes) -> str:
    return query.decode("ascii", "replace").partition("=")[0].partition("&")[0][:64]


def _loosely(kind: type[Request], given: Mapping[str, Any]) -> dict[str, Any]:
    # Path and query are text; "5" is a number there, while in JSON it is a mistake.
    hints = _hints(kind)
    converted: dict[str, Any] = {}
    for name, value in given.items():
        if name not in hints:
            converted[name] = value
            continue
        try:
            converted[name] = msgspec.convert(value, hints[name], strict=False)
        except msgspec.ValidationError as error:
            raise explained(error, name) from None
    return converted


def _convert(given: dict[str, Any], kind: type[Request]) -> Request:
    try:
        return msgspec.convert(given, kind, strict=True)
    except msgspec.ValidationError as error:
        raise explained(error) from None


_AT = re.compile(r" - at `(?:key )?\$?\.?([^`]*)`$")
_NAMED = re.compile(r"field `([^`]*)`")


_PLAIN_WORDS = (
    (re.compile(r"Expected `str` of length >= (\d+)"), r"Make it \1 characters at least"),
    (re.compile(r"Expected `str` of length <= (\d+)"), r"Make it \1 characters at most"),
    (re.compile(r"Expected `array` of length >= (\d+)"), r"It takes \1 at least"),
    (re.compile(r"Expected `array` of length <= (\d+)"), r"It takes \1 at most"),
    (re.compile(r"Expected `int` >= (-?\d+)"), r"Make it \1 or more"),
    (re.compile(r"Expected `int` <= (-?\d+)"), r"Make it \1 or less"),
    (
        re.compile(r"Expected `str` matching regex .*", re.DOTALL),
        "There is something in it that does not fit",
    ),
)
"""What is out of bounds reaches the person who typed it, so it is said in their words."""


def explained(error: msgspec.ValidationError, name: str = "") -> SosaError:
    """What is wrong with a request, in words that name the field and do not quote its value."""
    text = str(error)
    where = match.group(1) if (match := _AT.search(text)) else ""
    field_name = ".".join(part for part in (name, where.lstrip(".")) if part) or None
    reason = _AT.sub("", text)
    if match := _NAMED.search(reason):
        inner = ".".join(part for part in (field_name, match.group(1)) if part)
        if "unknown" in reason:
            return UnknownFieldError("We do not know this field.", inner[:80])
        return MissingFieldError("This is missing.", inner)
    if reason.startswith("Invalid"):
        # Such a reason quotes the value.
        reason = "This is not one of the possible values"
    if field_name is None and reason.startswith("Expected `object`"):
        return MalformedRequestError("That was not a JSON object.")
    for machine, plain in _PLAIN_WORDS:
        reason = machine.sub(plain, reason)
    return InvalidRequestError(f"{reason}.", field_name)
