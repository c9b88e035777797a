"""What a client of a contract does, whichever way its requests travel."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote, urlencode

import msgspec

from backend.kit.errors import ErrorItem, InternalError, SosaError, UnavailableError, from_wire
from backend.kit.http import context
from backend.kit.op import Operation, operations
from backend.kit.values import NOTHING, Request

C = TypeVar("C")
TRIES = 2
"""Times an operation that may be repeated is tried when the connection breaks."""


class ConnectionBrokenError(Exception):
    """The other side may have done it, or never heard of it."""


class NoAnswerError(Exception):
    """There is no answer, and asking again would not bring one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request on its way."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """A way to another service."""

    async def send(self, ask: Ask) -> tuple[int, bytes]:
        """Status and body of the answer, within the deadline of the current request.

        Raises ConnectionBrokenError or NoAnswerError.
        """
        ...


class Credentials(Protocol):
    """Proves to the other side who calls."""

    def headers(
        self, caller: Any, method: str, path: str, query: str, body: bytes
    ) -> Mapping[str, str] | Awaitable[Mapping[str, str]]:
        """Headers for this very request; asked for each try, since a proof is good once."""
        ...


class _Envelope(msgspec.Struct):
    status: str
    response: msgspec.Raw = msgspec.Raw(b"null")
    errors: tuple[ErrorItem, ...] = ()


def calling(contract: type[C], transport: Transport, credentials: Credentials) -> C:
    """An implementation of the contract that asks the service at the end of `transport`.

    Raises what the service raised, UnavailableError when it cannot be reached or takes too long,
    and InternalError when its answer makes no sense.
    """
    methods = {
        operation.name: _method(_Call(operation, transport, credentials))
        for operation in operations(contract)
    }
    return cast("C", type(f"{contract.__name__}Client", (), methods)())


async def fetch(transport: Transport, path: str) -> dict[str, Any]:
    """A JSON object that is not in our envelope. Raises UnavailableError."""
    try:
        _status, body = await transport.send(Ask("GET", path, "", {}, b""))
        return msgspec.json.decode(body, type=dict[str, Any])
    except (ConnectionBrokenError, NoAnswerError, msgspec.DecodeError) as error:
        raise unreachable() from error


@dataclass(frozen=True, slots=True)
class _Call:
    operation: Operation
    transport: Transport
    credentials: Credentials

    async def make(self, caller: Any, request: Request) -> Any:
        tries = 1 if self.operation.is_once else TRIES
        while True:
            tries -= 1
            try:
                return await self._try(caller, request)
            except ConnectionBrokenError as error:
                # The other side may have done it, or never heard of it. That is what makes
                # operations repeatable: asking again is right either way.
                if not tries:
                    raise unreachable() from error
            except NoAnswerError as error:
                raise unreachable() from error

    async def _try(self, caller: Any, request: Request) -> Any:
        path, query, body = encode(self.operation, request)
        proven = self.credentials.headers(caller, self.operation.method, path, query, body)
        headers = {
            **context.outgoing(),
            **(proven if isinstance(proven, Mapping) else await proven),
            **({"Content-Type": "application/json"} if body else {}),
        }
        ask = Ask(self.operation.method, path, query, headers, body)
        return _answer(self.operation, *await self.transport.send(ask))


def _method(call: _Call) -> Any:
    async def method(_self: object, caller: Any, request: Request) -> Any:
        return await call.make(caller, request)

    return method


def encode(operation: Operation, request: Request) -> tuple[str, str, bytes]:
    """Path, query and body that carry a request; the inverse of `parse`."""
    given: dict[str, Any] = msgspec.to_builtins(request)
    path = operation.path
    for name in operation.path_fields:
        path = path.replace(f"{{{name}}}", quote(str(given.pop(name)), safe=""))
    if operation.has_body:
        return path, "", msgspec.json.encode(given)
    pairs = {name: value for name, value in given.items() if value is not None}
    return path, urlencode(pairs, doseq=True), b""


def _answer(operation: Operation, status: int, body: bytes) -> Any:
    if operation.is_empty and status == 204:  # noqa: PLR2004 - RFC 9110 15.3.5
        return NOTHING
    try:
        answer = msgspec.json.decode(body, type=_Envelope)
        if answer.status == "success":
            return msgspec.json.decode(answer.response, type=operation.answer_type)
    except msgspec.DecodeError as error:
        raise _unreadable(status) from error
    raise from_wire(status, answer.errors)


def _unreadable(status: int) -> SosaError:
    if status in {502, 503, 504}:
        return unreachable()
    return InternalError("The answer could not be understood.")


def unreachable() -> UnavailableError:
    """The error for a service that does not answer."""
    return UnavailableError("A part of SoSa does not answer right now.")
