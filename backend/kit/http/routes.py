"""Starlette routes derived from a contract."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route

from backend.kit.http.answering import Answer, Answering, Answers, Guard, Guards, refuse, visitor
from backend.kit.http.network import network_of
from backend.kit.http.requests import RawRequest, too_large
from backend.kit.op import operations

__all__ = ["Answer", "Answers", "Guard", "Guards", "read", "refuse", "routes", "visitor"]


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
    return [
        Route(
            operation.path,
            _endpoint(
                Answering(
                    operation,
                    implementation,
                    origin=origin,
                    guards=guards,
                    answers=answers or {},
                ),
                trusted_proxies,
            ),
            methods=[operation.method],
            name=operation.name,
        )
        for operation in operations(contract)
    ]


def _endpoint(
    answering: Answering, trusted_proxies: int
) -> Callable[[StarletteRequest], Awaitable[Response]]:
    limit = answering.operation.max_body_bytes

    async def endpoint(http: StarletteRequest) -> Response:
        return await answering.respond(partial(read, http, limit, trusted_proxies=trusted_proxies))

    return endpoint


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
        # Not of the URL: a path that holds an escaped `?` would end there.
        path=http.scope["path"],
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
