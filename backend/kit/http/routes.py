"""Starlette routes derived from a contract."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route

from backend.kit.callers import Service, Visitor
from backend.kit.errors import (
    ForbiddenError,
    InternalError,
    SosaError,
    UnauthenticatedError,
    UnavailableError,
)
from backend.kit.http import context, envelope
from backend.kit.http.network import network_of
from backend.kit.http.requests import RawRequest, check_same_origin, parse, too_large
from backend.kit.op import Operation, operations

Guard = Callable[[RawRequest], Awaitable[Any]]
"""Proves the caller of a request, or raises an UnauthenticatedError."""
Guards = Mapping[type, Guard]
Answer = Callable[[Any], Response]
"""Turns an answer that is more than a body (a cookie, say) into a response."""
Answers = Mapping[type, Answer]

_log = structlog.get_logger("sosa.http")


async def visitor(request: RawRequest) -> Visitor:
    """The guard of what anyone may do."""
    return Visitor(network=request.network)


def routes(
    contract: type,
    implementation: object,
    *,
    origin: str,
    guards: Guards,
    answers: Answers | None = None,
    trusted_proxies: int = 0,
) -> list[Route]:
    """One route for each operation. Raises TypeError when an operation's caller has no guard."""
    reading = partial(read, trusted_proxies=trusted_proxies)
    return [
        Route(
            operation.path,
            _endpoint(operation, implementation, origin, guards, answers or {}, reading),
            methods=[operation.method],
            name=operation.name,
        )
        for operation in operations(contract)
    ]


def _endpoint(
    operation: Operation,
    implementation: object,
    origin: str,
    guards: Guards,
    answers: Answers,
    reading: Callable[..., Awaitable[RawRequest]],
) -> Callable[[StarletteRequest], Awaitable[Response]]:
    guard = _guard(operation, {Visitor: visitor, **guards})
    call = getattr(implementation, operation.name)
    answer = answers.get(operation.answer_type, _empty if operation.is_empty else _json)

    async def endpoint(http: StarletteRequest) -> Response:
        headers: dict[str, str] = {}
        response = await respond(http, headers)
        response.headers.update(headers)
        return response

    async def respond(http: StarletteRequest, headers: dict[str, str]) -> Response:
        try:
            raw = await reading(http, operation.max_body_bytes, headers)
            check_same_origin(raw, origin)
            caller = await guard(raw)
            return answer(await _in_time(call(caller, parse(operation, raw))))
        except SosaError as error:
            return refuse(error)
        except Exception:  # noqa: BLE001 - the edge: logged once, told to nobody
            _log.exception("operation_failed", operation=operation.name)
            return refuse(InternalError("Something broke on our side. We wrote it down."))

    return endpoint


async def _in_time(answering: Awaitable[Any]) -> Any:
    # Who asked has given up by then; going on would only take from those who still wait.
    try:
        async with asyncio.timeout(context.seconds_left()):
            return await answering
    except TimeoutError:
        raise UnavailableError("That took too long. Please try again.") from None


async def read(
    http: StarletteRequest,
    max_body_bytes: int,
    answer_headers: dict[str, str] | None = None,
    *,
    trusted_proxies: int = 0,
) -> RawRequest:
    """Read a request, but never more of its body than allowed. Raises BodyTooLargeError."""
    announced = http.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > max_body_bytes:
        raise too_large(max_body_bytes)
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > max_body_bytes:
            raise too_large(max_body_bytes)
    return RawRequest(
        method=http.method,
        path=http.url.path,
        query=http.scope.get("query_string", b""),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=bytes(body),
        network=network_of(
            http.client.host if http.client else None,
            http.headers.getlist("x-forwarded-for"),
            trusted_proxies,
        ),
        path_params=http.path_params,
        answer_headers={} if answer_headers is None else answer_headers,
    )


def refuse(error: SosaError) -> Response:
    """The response that tells of an error."""
    return _response(envelope.failure(error), error.status, error.headers())


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
