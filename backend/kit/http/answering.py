"""From a request to its answer, whatever brought it: guard, parse, call, and put it in words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from starlette.responses import Response

from backend.kit import logs, refusals
from backend.kit.callers import Service, Visitor
from backend.kit.errors import (
    ForbiddenError,
    InternalError,
    SosaError,
    UnauthenticatedError,
    UnavailableError,
)
from backend.kit.http import context, envelope
from backend.kit.http.requests import RawRequest, check_same_origin, parse
from backend.kit.op import Operation

Guard = Callable[[RawRequest], Awaitable[Any]]
"""Proves the caller of a request, or raises an UnauthenticatedError."""
Guards = Mapping[type, Guard]
Answer = Callable[[Any], Response]
"""Turns an answer that is more than a body (a cookie, say) into a response."""
Answers = Mapping[type, Answer]
Read = Callable[[dict[str, str]], Awaitable[RawRequest]]
"""Brings the request. It is given the headers that the answer will have, for guards to add to."""

_log = structlog.get_logger("sosa.http")


async def visitor(request: RawRequest) -> Visitor:
    """The guard of what anyone may do."""
    return Visitor(network=request.network)


class Answering:
    """One operation, ready to be asked. Raises TypeError when its caller has no guard."""

    def __init__(
        self,
        operation: Operation,
        implementation: object,
        *,
        origin: str,
        guards: Guards,
        answers: Answers,
    ) -> None:
        self.operation = operation
        self._origin = origin
        self._guard = _guard(operation, {Visitor: visitor, **guards})
        self._call = getattr(implementation, operation.name)
        self._answer = answers.get(operation.answer_type, _empty if operation.is_empty else _json)

    async def respond(self, read: Read) -> Response:
        """The response to what `read` brings; it never raises."""
        headers: dict[str, str] = {}
        with logs.concerning_nobody():
            response = await self._respond(read, headers)
        response.headers.update(headers)
        return response

    async def _respond(self, read: Read, headers: dict[str, str]) -> Response:
        network = ""
        try:
            raw = await read(headers)
            network = raw.network
            check_same_origin(raw, self._origin)
            caller = await self._guard(raw)
            return self._answer(await _in_time(self._call(caller, parse(self.operation, raw))))
        except SosaError as error:
            refusals.note(self.operation.name, error, network=network)
            return refuse(error)
        except Exception:  # noqa: BLE001 - the edge: logged once, told to nobody
            _log.exception("operation_failed", operation=self.operation.name)
            return refuse(InternalError("Something broke on our side. We wrote it down."))


def refuse(error: SosaError) -> Response:
    """The response that tells of an error."""
    return _response(envelope.failure(error), error.status, error.headers())


async def _in_time(answering: Awaitable[Any]) -> Any:
    # Who asked has given up by then; going on would only take from those who still wait.
    try:
        async with asyncio.timeout(context.seconds_left()):
            return await answering
    except TimeoutError:
        raise UnavailableError("That took too long. Please try again.") from None


def _guard(operation: Operation, guards: Guards) -> Guard:
    missing = [kind for kind in operation.caller_types if kind not in guards]
    if missing:
        raise TypeError(f"{operation.name}: no guard for {missing[0].__name__}")
    chosen = [guards[kind] for kind in operation.caller_types]

    async def guard(request: RawRequest) -> Any:
        caller = await _first_proven(chosen, request)
        if isinstance(caller, Service) and caller.name not in operation.allow:
            # A service may do what is on the list of the operation and nothing else, so that one
            # that was broken into is not the key to all the others.
            raise ForbiddenError("That service may not do this.")
        return caller

    return guard


async def _first_proven(guards: list[Guard], request: RawRequest) -> Any:
    for guard in guards[:-1]:
        try:
            return await guard(request)
        except UnauthenticatedError:
            continue
    return await guards[-1](request)


def _json(value: Any) -> Response:
    return _response(envelope.success(value), 200, {})


def _empty(_value: Any) -> Response:
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _response(body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    return Response(
        body,
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )
