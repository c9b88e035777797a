"""What wraps every request: an id, a count, and the headers that a browser should see."""

import time
from collections.abc import Mapping

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit import logs
from backend.kit.http import context
from backend.kit.http.policy import security_headers

__all__ = ["Edge", "security_headers"]

_REQUESTS = Counter("sosa_http_requests_total", "Requests answered.", ["route", "method", "status"])
_SECONDS = Histogram(
    "sosa_http_request_seconds",
    "Time until the first byte of the answer.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Edge:
    """ASGI middleware around everything that a process serves."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = _identity(scope)
        started = time.perf_counter()

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                _observe(scope, message["status"], time.perf_counter() - started)
                own = {name for name, _ in message.get("headers", [])}
                extra = [pair for pair in self._headers if pair[0] not in own]
                message["headers"] = [
                    *message.get("headers", []),
                    *extra,
                    (b"x-request-id", identity.encode()),
                ]
            await send(message)

        with logs.request_id(identity), context.received(_companions(scope)):
            await self._app(scope, receive, send_marked)


def _identity(scope: Scope) -> str:
    given = (value for name, value in scope["headers"] if name == b"x-request-id")
    return context.request_id(next(given, b"").decode("latin-1"))


def _companions(scope: Scope) -> dict[str, str]:
    wanted = {context.DEADLINE_HEADER, *context.TRACE_HEADERS}
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name.decode("latin-1") in wanted
    }


def _observe(scope: Scope, status: int, seconds: float) -> None:
    # The route's pattern, never the path: a label per room would grow without bound.
    route = getattr(scope.get("route"), "path", None) or "other"
    _REQUESTS.labels(route, scope["method"], str(status)).inc()
    _SECONDS.labels(route).observe(seconds)
