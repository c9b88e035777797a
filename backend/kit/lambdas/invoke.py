"""Calls from function to function, past every public door: AWS itself says who may."""

import base64
import json
from typing import Any

from backend.kit.errors import UnavailableError
from backend.kit.events import CarrierAwayError
from backend.kit.http.calling import Ask, ConnectionBrokenError, NoAnswerError
from backend.kit.lambdas.aws import Aws

SCHEME = "lambda:"


class FunctionTransport:
    """Asks the function `name`, in the shape in which an HTTP API would."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self._name = name

    async def send(self, ask: Ask) -> tuple[int, bytes]:
        event = {
            "version": "2.0",
            "rawPath": ask.path,
            "rawQueryString": ask.query,
            "headers": {name.lower(): value for name, value in ask.headers.items()},
            "requestContext": {"http": {"method": ask.method, "sourceIp": "house"}},
            "body": base64.b64encode(ask.body).decode(),
            "isBase64Encoded": True,
        }
        try:
            answer = await invoke(self._aws, self._name, event)
        except OSError as error:
            raise ConnectionBrokenError from error
        body: str = answer.get("body") or ""
        if not isinstance(answer.get("statusCode"), int):
            raise NoAnswerError
        is_encoded = bool(answer.get("isBase64Encoded"))
        return answer["statusCode"], base64.b64decode(body) if is_encoded else body.encode()


class FunctionCarrier:
    """Brings events to the functions of those who react. The outbox tries again what fails."""

    def __init__(self, aws: Aws, targets: dict[str, tuple[str, ...]]) -> None:
        """`targets` are names of functions by the name of the event."""
        self._aws = aws
        self._targets = targets

    async def dispatch(self, name: str, payload: bytes) -> None:
        for target in self._targets.get(name, ()):
            fact = {"sosa_event": name, "payload": payload.decode()}
            try:
                # What a handler raises is its own failure, and the event waits by itself.
                await invoke(self._aws, target, fact)
            except (OSError, UnavailableError) as error:
                raise CarrierAwayError from error


async def invoke(aws: Aws, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """What a function answers to an event. Raises OSError, NoAnswerError or UnavailableError."""
    status, headers, body = await aws.ask(
        "POST", f"/2015-03-31/functions/{name}/invocations", json.dumps(event).encode()
    )
    if status == 429:  # noqa: PLR2004 - RFC 6585 4: as many of it run as may
        raise UnavailableError("Everyone is asking at once. Please try again in a moment.")
    if status != 200 or "x-amz-function-error" in headers:  # noqa: PLR2004 - RFC 9110 15.3.1
        raise NoAnswerError
    return json.loads(body) or {}
