"""HTTP by function: events of API Gateway (HTTP API, payload 2.0) answered as routes would."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Message, Scope

from backend.kit.errors import InternalError, MethodNotAllowedError, NotFoundError
from backend.kit.http.answering import Answering, refuse
from backend.kit.http.network import network_of
from backend.kit.http.requests import RawRequest, too_large
from backend.kit.op import Operation

MAX_ANSWER_BYTES = 6 * 1024 * 1024
"""What Lambda carries, either way. Its own answer to more would be nobody's words."""

Event = Mapping[str, Any]
Result = dict[str, Any]


class HttpFunction:
    """Some operations of a service, and what else it serves over HTTP."""

    def __init__(
        self,
        known: Iterable[Operation],
        answering: Iterable[Answering],
        others: Sequence[BaseRoute],
        *,
        headers: Mapping[str, str],
        trusted_proxies: int = 0,
    ) -> None:
        """`known` are all operations of the service, `headers` for every answer."""
        self._known = [(compile_path(item.path), item) for item in known]
        self._answering = {item.operation.name: item for item in answering}
        self._others = others
        self._headers = headers
        self._trusted_proxies = trusted_proxies

    async def handle(self, event: Event) -> Result:
        """The result that answers an event."""
        response = await self._respond(event)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        result = result_of(response)
        if _is_too_long(result):
            return result_of(refuse(InternalError("That is more than we can carry.")))
        return result

    async def _respond(self, event: Event) -> Response:
        method: str = event["requestContext"]["http"]["method"]
        # The gateway says which route it took, but a function decides by itself what it answers.
        path = unquote(event["rawPath"])
        allowed: set[str] = set()
        for (pattern, _, _), operation in self._known:
            match = pattern.match(path)
            if match is None:
                continue
            allowed.add(operation.method)
            if operation.method == method and operation.name in self._answering:
                answering = self._answering[operation.name]
                limit = operation.max_body_bytes
                return await answering.respond(partial(self._read, event, match.groupdict(), limit))
        for route in self._others:
            scope = _scope(event, method, path)
            found, extra = route.matches(scope)
            if found is not Match.NONE:
                return await _serve(route, {**scope, **extra})
        return _lost(method, allowed)

    async def _read(
        self,
        event: Event,
        path_params: Mapping[str, str],
        max_body_bytes: int,
        answer_headers: dict[str, str],
    ) -> RawRequest:
        body = body_of(event)
        if len(body) > max_body_bytes:
            raise too_large(max_body_bytes)
        headers = headers_of(event)
        return RawRequest(
            method=event["requestContext"]["http"]["method"],
            path=unquote(event["rawPath"]),
            query=event.get("rawQueryString", "").encode(),
            headers=headers,
            body=body,
            network=network_of(
                event["requestContext"]["http"].get("sourceIp"),
                [headers.get("x-forwarded-for", "")],
                self._trusted_proxies,
            ),
            path_params=path_params,
            answer_headers=answer_headers,
        )


def body_of(event: Event) -> bytes:
    """The body of an event."""
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def headers_of(event: Event) -> dict[str, str]:
    """Headers with names in lower case. The gateway keeps cookies apart; here they come back."""
    given: Mapping[str, str] = event.get("headers") or {}
    headers = {name.lower(): value for name, value in given.items()}
    if cookies := event.get("cookies"):
        headers["cookie"] = "; ".join(cookies)
    return headers


def _is_too_long(result: Result) -> bool:
    # What Lambda weighs is the JSON, in which a letter has up to six bytes. Most answers are so
    # short that this need not be known.
    is_long = len(result["body"]) * 6 > MAX_ANSWER_BYTES
    return is_long and len(json.dumps(result)) > MAX_ANSWER_BYTES


def _lost(method: str, allowed: set[str]) -> Response:
    if not allowed or method in allowed:
        return refuse(NotFoundError("There is nothing here."))
    response = refuse(MethodNotAllowedError("That cannot be done here."))
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def result_of(response: Response) -> Result:
    """The result that carries a response."""
    cookies: list[str] = []
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        if name == "set-cookie":
            cookies.append(value)
        elif name != "content-length":
            headers[name] = value
    body = bytes(response.body)
    try:
        text, is_encoded = body.decode(), False
    except UnicodeDecodeError:
        text, is_encoded = base64.b64encode(body).decode(), True
    return {
        "statusCode": response.status_code,
        "headers": headers,
        "cookies": cookies,
        "body": text,
        "isBase64Encoded": is_encoded,
    }


def _scope(event: Event, method: str, path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "scheme": "https",
        "query_string": event.get("rawQueryString", "").encode(),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in headers_of(event).items()
        ],
    }


async def _serve(route: BaseRoute, scope: Scope) -> Response:
    # What a service serves that is no operation, a picture say, is a route of Starlette in every
    # shape.
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await route.handle(scope, receive, send)
    response = Response(
        b"".join(message.get("body", b"") for message in said[1:]), said[0]["status"]
    )
    response.raw_headers = list(said[0]["headers"])
    return response


def is_ask(event: Event) -> bool:
    """Whether the event is a request, and not a fact or the clock."""
    return event.get("version") == "2.0" and "rawPath" in event
