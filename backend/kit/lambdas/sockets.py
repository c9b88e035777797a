"""Events of API Gateway's WebSocket API."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from backend.kit.errors import SosaError
from backend.kit.http import envelope

Event = Mapping[str, Any]


class SocketEvent:
    """Something that happened at a socket."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._context: Mapping[str, Any] = event["requestContext"]

    @property
    def kind(self) -> str:
        """CONNECT, MESSAGE or DISCONNECT."""
        return self._context["eventType"]

    @property
    def id(self) -> str:
        """The name that the gateway gave the connection."""
        return self._context["connectionId"]

    @property
    def network(self) -> str:
        """Where the handshake came from, as the gateway saw it."""
        return self._context.get("identity", {}).get("sourceIp", "unknown")

    @property
    def headers(self) -> Iterable[tuple[str, str]]:
        """All lines of the handshake, repeated ones included."""
        several: Mapping[str, list[str]] = self._event.get("multiValueHeaders") or {}
        if several:
            return [(name, value) for name, values in several.items() for value in values]
        single: Mapping[str, str] = self._event.get("headers") or {}
        return list(single.items())

    @property
    def frame(self) -> str | bytes:
        """What the client said: text as str, a binary frame as bytes."""
        body: str = self._event.get("body") or ""
        return base64.b64decode(body) if self._event.get("isBase64Encoded") else body


def connect_result(outcome: str | SosaError) -> dict[str, Any]:
    """The answer to a handshake: the subprotocol that is spoken, or the refusal with its status."""
    if isinstance(outcome, SosaError):
        return {
            "statusCode": outcome.status,
            "headers": {"Content-Type": "application/json", **outcome.headers()},
            "body": envelope.failure(outcome).decode(),
        }
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": outcome}}
