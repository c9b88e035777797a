"""A client of a contract, derived from it: the same methods, over HTTP."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from backend.kit.errors import ErrorItem, InternalError, SosaError, UnavailableError, from_wire
from backend.kit.op import Operation, operations
from backend.kit.values import NOTHING, Request

C = TypeVar("C")
TIMEOUT_SECONDS = 29.0
"""The same in every shape: what a function behind an API gateway is given at most (shapes.md 1)."""


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


def client(
    contract: type[C], base_url: str, session: aiohttp.ClientSession, credentials: Credentials
) -> C:
    """An implementation of the contract that asks the service at `base_url`.

    Raises what the service raised, UnavailableError when it cannot be reached or takes too long,
    and InternalError when its answer makes no sense.
    """
    methods = {
        operation.name: _method(operation, base_url.rstrip("/"), session, credentials)
        for operation in operations(contract)
    }
    return cast("C", type(f"{contract.__name__}Client", (), methods)())


def _method(
    operation: Operation, base_url: str, session: aiohttp.ClientSession, credentials: Credentials
) -> Any:
    async def call(_self: object, caller: Any, request: Request) -> Any:
        path, query, body = encode(operation, request)
        proven = credentials.headers(caller, operation.method, path, query, body)
        headers = {
            **(proven if isinstance(proven, Mapping) else await proven),
            **({"Content-Type": "application/json"} if body else {}),
        }
        url = f"{base_url}{path}" + (f"?{query}" if query else "")
        try:
            async with session.request(
                operation.method,
                URL(url, encoded=True),
                data=body or None,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            ) as response:
                return _answer(operation, response.status, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            raise UnavailableError("A part of SoSa does not answer right now.") from error

    return call


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
        return UnavailableError("A part of SoSa does not answer right now.")
    return InternalError("The answer could not be understood.")
