"""The in-process door to a service: by value, with the guards and errors of a wire.

What a caller could see of a split (aliasing, an error type that does not travel) is already so
here, and so splitting changes nothing (ADR-0001).
"""

from typing import Any, TypeVar, cast

import msgspec
import structlog

from backend.kit import refusals
from backend.kit.callers import Member, Service
from backend.kit.errors import (
    ErrorItem,
    ForbiddenError,
    InternalError,
    SosaError,
    from_wire,
    to_wire,
)
from backend.kit.http.requests import explained
from backend.kit.op import Operation, operations
from backend.kit.values import Request

C = TypeVar("C")
_log = structlog.get_logger("sosa.local")


def local(contract: type[C], implementation: C, *, identity: str) -> C:
    """The contract as the service named `identity` may use it.

    The identity is given by the wiring and not by the call: a service cannot pass itself off as
    another.
    """
    methods = {
        operation.name: _method(operation, implementation, identity)
        for operation in operations(contract)
    }
    return cast("C", type(f"Local{contract.__name__}", (), methods)())


def _method(operation: Operation, implementation: object, identity: str) -> Any:
    target = getattr(implementation, operation.name)

    async def call(_self: object, caller: Any, request: Request) -> Any:
        try:
            _check(operation, caller, identity)
            answer = await target(caller, _received(operation, request))
        except SosaError as error:
            who = caller.user_id if isinstance(caller, Member) else ""
            refusals.note(operation.name, error, user_id=who)
            raise from_wire(error.status, [_copy(to_wire(error), ErrorItem)]) from None
        except Exception as error:
            _log.exception("operation_failed", operation=operation.name)
            raise InternalError("Something broke on our side. We wrote it down.") from error
        return _copy(answer, operation.answer_type)

    return call


def _check(operation: Operation, caller: Any, identity: str) -> None:
    if not isinstance(caller, operation.caller_types):
        raise ForbiddenError(f"{operation.name} is not for callers of that kind.")
    if isinstance(caller, Service) and (
        caller.name != identity or caller.name not in operation.allow
    ):
        raise ForbiddenError("That service may not do this.")


def _received(operation: Operation, request: Request) -> Any:
    # A struct is not checked when it is made, so a caller in the same process may hold one that no
    # wire would bring.
    try:
        return _copy(request, operation.request_type)
    except msgspec.ValidationError as error:
        raise explained(error) from None


def _copy(value: Any, kind: Any) -> Any:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)
