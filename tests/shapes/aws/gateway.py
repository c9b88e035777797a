"""API Gateway and the Lambda service, as strict as they are.

Enforced: frames of one connection go to functions side by side; a connection cannot be pushed to
during `$connect`; ids hold `=`, `+` and `/`; frames up to 32 KB, pushes up to 128 KB, payloads
up to 6 MB; 29 seconds; 10 idle minutes and 2 hours; the exact status of a refused `$connect`;
signatures, and roles that allow what is signed for.
"""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess
from tests.shapes.aws.environments import Fleet, FunctionError
from tests.shapes.aws.stacks import ACCOUNT, REGION

FRAME_BYTES = 32 * 1024
PUSH_BYTES = 128 * 1024
BODY_BYTES = 6 * 1024 * 1024
IDLE_SECONDS = 600
LIFE_SECONDS = 7_200
LIVE_PATH = "/messaging/v1/live"
CREDENTIAL = re.compile(r"Credential=([^/]+)/")


class Strict:
    """The one port of the emulated region."""

    def __init__(self, routes: list[tuple[str, str, str]], socket_api: str) -> None:
        self.fleets: dict[str, Fleet] = {}
        """By ARN."""
        self.secrets: dict[str, tuple[str, Fleet]] = {}
        """Secret key and function, by access key."""
        self._http = [(key, _pattern(key), arn) for api, key, arn in routes if api != socket_api]
        self._socket = {key: arn for api, key, arn in routes if api == socket_api}
        self._socket_api = socket_api
        self._connections: dict[str, web.WebSocketResponse | None] = {}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_BYTES + 1)
        app.router.add_get(LIVE_PATH, self._live)
        app.router.add_route("*", "/_lambda/2015-03-31/functions/{name}/invocations", self._invoke)
        app.router.add_route("*", "/_sockets/live/@connections/{id}", self._push)
        app.router.add_route("*", "/{path:.*}", self._request)
        return app

    async def _request(self, request: web.Request) -> web.StreamResponse:
        arn, key, params = self._match(request)
        if arn is None:
            return web.json_response({"message": "Not Found"}, status=404)
        event = await _http_event(request, key, params)
        try:
            result = await self.fleets[arn].invoke(event)
        except FunctionError as error:
            is_late = "timeout" in str(error)
            text = "Service Unavailable" if is_late else "Internal Server Error"
            return web.json_response({"message": text}, status=503 if is_late else 500)
        body: str = result.get("body", "")
        response = web.Response(
            status=result["statusCode"],
            body=base64.b64decode(body) if result.get("isBase64Encoded") else body.encode(),
            headers=result.get("headers", {}),
        )
        for cookie in result.get("cookies", []):
            response.headers.add("Set-Cookie", cookie)
        return response

    def _match(self, request: web.Request) -> tuple[str | None, str, dict[str, str]]:
        found = [
            (len(pattern.pattern) - 1000 * key.count("+}"), key, arn, match.groupdict())
            for key, pattern, arn in self._http
            if key.split()[0] in {request.method, "ANY"}
            and (match := pattern.fullmatch(request.rel_url.raw_path))
        ]
        if not found:
            return None, "", {}
        _, key, arn, params = max(found, key=lambda item: item[0])
        return arn, key, params

    async def _live(self, request: web.Request) -> web.StreamResponse:
        # Ids are base64, and those that are not URL-safe are the interesting ones.
        name = base64.b64encode(b"\xfb\xff" + secrets.token_bytes(8)).decode()[:12] + "+/="
        self._connections[name] = None
        headers = request.headers
        several: dict[str, list[str]] = {key: headers.getall(key) for key in headers}
        event = {
            "headers": {key: values[-1] for key, values in several.items()},
            "multiValueHeaders": several,
            **self._socket_event(name, "$connect", "CONNECT", request),
        }
        result: dict[str, Any]
        try:
            result = await self.fleets[self._socket["$connect"]].invoke(event)
        except FunctionError:
            result = {"statusCode": 500}
        if result["statusCode"] != 200:
            del self._connections[name]
            return web.Response(status=result["statusCode"], text=result.get("body", ""))
        protocol = result.get("headers", {}).get("Sec-WebSocket-Protocol")
        socket = web.WebSocketResponse(
            protocols=[protocol] if protocol else [], max_msg_size=FRAME_BYTES + 1, compress=False
        )
        await socket.prepare(request)
        self._connections[name] = socket
        await self._converse(name, socket, request)
        return socket

    async def _converse(
        self, name: str, socket: web.WebSocketResponse, request: web.Request
    ) -> None:
        try:
            async with asyncio.timeout(LIFE_SECONDS), asyncio.TaskGroup() as calls:
                while True:
                    try:
                        message = await socket.receive(IDLE_SECONDS)
                    except TimeoutError:
                        await socket.close(code=1001, message=b"Going away")
                        break
                    if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                        break
                    event = self._socket_event(name, "$default", "MESSAGE", request)
                    is_text = message.type is WSMsgType.TEXT
                    body = message.data if is_text else base64.b64encode(message.data).decode()
                    # Not one after the other: AWS does not wait for the function either.
                    calls.create_task(
                        self._tell({**event, "body": body, "isBase64Encoded": not is_text})
                    )
        except TimeoutError:
            await socket.close(code=1001, message=b"Going away")
        finally:
            self._connections.pop(name, None)
            await self._tell(self._socket_event(name, "$disconnect", "DISCONNECT", request))

    async def _tell(self, event: Mapping[str, Any]) -> None:
        arn = self._socket[event["requestContext"]["routeKey"]]
        try:
            await self.fleets[arn].invoke(event)
        except FunctionError as error:
            name = event["requestContext"]["connectionId"]
            print(f"socket call failed: {error}", flush=True)  # noqa: T201 - its log
            if socket := self._connections.get(name):
                failure = {"message": "Internal server error", "connectionId": name}
                await socket.send_str(json.dumps(failure))

    def _socket_event(self, name: str, key: str, kind: str, request: web.Request) -> dict[str, Any]:
        return {
            "requestContext": {
                "routeKey": key,
                "eventType": kind,
                "connectionId": name,
                "identity": {"sourceIp": request.remote},
                "stage": "live",
                "apiId": self._socket_api,
            },
            "isBase64Encoded": False,
        }

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        name = unquote(request.rel_url.raw_path.rpartition("/")[2])
        arn = (
            f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self._socket_api}/live/"
            f"{request.method}/@connections/{name}"
        )
        if not self._is_allowed(request, body, "execute-api", "ManageConnections", arn):
            return web.json_response({"message": "Forbidden"}, status=403)
        if len(body) > PUSH_BYTES:
            return web.json_response({"message": "Too large"}, status=413)
        socket = self._connections.get(name)
        if socket is None or socket.closed:
            return web.json_response({"message": None}, status=410)
        if request.method == "DELETE":
            # The handler of this socket waits for its client; closing must not wait for either.
            asyncio.get_running_loop().call_soon(
                lambda: asyncio.ensure_future(socket.close(code=1001, message=b"Going away"))
            )
            return web.Response(status=204)
        await socket.send_str(body.decode())
        return web.Response()

    async def _invoke(self, request: web.Request) -> web.Response:
        body = await request.read()
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{request.match_info['name']}"
        if not self._is_allowed(request, body, "lambda", "InvokeFunction", arn):
            return web.json_response({"Message": "not authorized"}, status=403)
        try:
            return web.json_response(await self.fleets[arn].invoke(json.loads(body)))
        except FunctionError as error:
            headers = {"X-Amz-Function-Error": "Unhandled"}
            return web.json_response({"errorMessage": str(error)}, headers=headers)

    def _is_allowed(
        self, request: web.Request, body: bytes, service: str, action: str, resource: str
    ) -> bool:
        sent = request.headers.get("Authorization", "")
        known = CREDENTIAL.search(sent)
        if known is None or known[1] not in self.secrets:
            return False
        secret, fleet = self.secrets[known[1]]
        access = AwsAccess(known[1], secret, "", REGION, "")
        at = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs((datetime.now(UTC) - at).total_seconds()) > 300:
            return False
        url = f"http://{request.host}{request.raw_path}"
        expected = Signer(access, service).headers(request.method, url, body, {}, at)
        is_right = secrets.compare_digest(expected["Authorization"], sent)
        return is_right and fleet.function.may(f"{service}:{action}", resource)


async def _http_event(request: web.Request, key: str, params: dict[str, str]) -> dict[str, Any]:
    body = await request.read()
    headers = {
        name.lower(): ",".join(request.headers.getall(name))
        for name in request.headers
        if name.lower() != "cookie"
    }
    forwarded = headers.get("x-forwarded-for")
    peer = request.remote or ""
    headers["x-forwarded-for"] = f"{forwarded}, {peer}" if forwarded else peer
    cookies = [
        part.strip() for line in request.headers.getall("cookie", []) for part in line.split(";")
    ]
    is_text = headers.get("content-type", "").startswith(("application/json", "text/"))
    try:
        text = body.decode() if is_text else base64.b64encode(body).decode()
    except UnicodeDecodeError:
        is_text, text = False, base64.b64encode(body).decode()
    return {
        "version": "2.0",
        "routeKey": key,
        "rawPath": request.rel_url.raw_path,
        "rawQueryString": request.rel_url.raw_query_string,
        "headers": headers,
        "cookies": cookies,
        "pathParameters": params,
        "requestContext": {
            "http": {
                "method": request.method,
                "path": request.path,
                "sourceIp": request.remote,
            },
            "routeKey": key,
            "stage": "$default",
        },
        "body": text,
        "isBase64Encoded": not is_text,
    }


def _pattern(key: str) -> re.Pattern[str]:
    path = key.partition(" ")[2]
    path = re.sub(r"{(\w+)\+}", r"(?P<\1>.+)", path)
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))
