"""`@op`: one declaration from which routes, clients, proxies and OpenAPI are derived (ADR-0001).

A contract is a `Protocol`. Each of its operations takes `(caller, request)` and returns one value:

    class Profiles(Protocol):
        @op("GET", "/profiles/v1/me")
        async def get_my_profile(self, caller: Member, request: GetMyProfile) -> Profile: ...

The annotation of `caller` is the guard: `Member` needs an access token and a proof, `Service` an
identity on the `allow` list, `Visitor` nothing, and a union takes whichever of its members is
proven first.
"""

import inspect
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from backend.kit.values import Nothing, Request

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__sosa_op__"


@dataclass(frozen=True, slots=True)
class Mark:
    """What `@op` says of a method."""

    method: Method
    path: str
    allow: frozenset[str]
    max_body_bytes: int
    is_once: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a contract, ready to be routed, called, proxied or documented."""

    name: str
    method: Method
    path: str
    request_type: type[Request]
    answer_type: Any
    caller_types: tuple[type, ...]
    allow: frozenset[str] = field(default_factory=frozenset[str])
    """The services that may call it, where `Service` is among the caller types."""
    max_body_bytes: int = 65_536
    is_once: bool = False
    """Whether a lost answer must not be made up for by asking again."""
    summary: str = ""

    @property
    def path_fields(self) -> tuple[str, ...]:
        """Fields of the request that travel in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def has_body(self) -> bool:
        """Whether the remaining fields travel as a JSON body; else they are the query."""
        return self.method in {"POST", "PUT", "PATCH"}

    @property
    def is_empty(self) -> bool:
        """Whether it answers nothing (204)."""
        return self.answer_type is Nothing


def op(
    method: Method,
    path: str,
    *,
    allow: tuple[str, ...] = (),
    max_body_bytes: int = 65_536,
    is_once: bool = False,
) -> Callable[[F], F]:
    """Mark a method of a contract as an operation.

    `path` is absolute and holds the service's prefix and version; `{name}` takes the field of that
    name. `allow` lists the services that may call it, where its caller may be a `Service`.
    Operations may be repeated, and the client does so when a connection breaks; `is_once` says that
    this one may not.
    """

    def mark(function: F) -> F:
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        setattr(
            function, _MARK, Mark(method, path, frozenset(allow), max_body_bytes, is_once, summary)
        )
        return function

    return mark


@cache
def operations(contract: type) -> tuple[Operation, ...]:
    """The operations of a contract, in the order they are written.

    Raises TypeError for a declaration that cannot be served, so that a mistake ends the start.
    """
    found: list[Operation] = []
    for base in reversed(contract.__mro__):
        for name, function in vars(base).items():
            mark: Mark | None = getattr(function, _MARK, None)
            if mark is not None:
                found.append(_operation(name, function, mark))
    if not found:
        raise TypeError(f"{contract.__name__} has no operations")
    return tuple(found)


def _operation(name: str, function: Callable[..., Any], mark: Mark) -> Operation:
    hints = get_type_hints(function)
    if list(inspect.signature(function).parameters) != ["self", "caller", "request"]:
        raise TypeError(f"{name} must take (self, caller, request)")
    request_type = hints["request"]
    missing = set(re.findall(r"{(\w+)}", mark.path)) - set(request_type.__struct_fields__)
    if missing:
        raise TypeError(f"{name}: the path names {missing}, which {request_type.__name__} lacks")
    return Operation(
        name=name,
        method=mark.method,
        path=mark.path,
        request_type=request_type,
        answer_type=hints["return"],
        caller_types=_members(hints["caller"]),
        allow=mark.allow,
        max_body_bytes=mark.max_body_bytes,
        is_once=mark.is_once,
        summary=mark.summary,
    )


def _members(annotation: Any) -> tuple[type, ...]:
    if get_origin(annotation) in {Union, types.UnionType}:
        return get_args(annotation)
    return (annotation,)
