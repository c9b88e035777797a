"""The limits of AWS in time and size, on our strict one; clocks of hours are set to a moment."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from starlette.responses import Response

from backend.functions import Functions
from backend.kit.lambdas.http import MAX_ANSWER_BYTES, HttpFunction, result_of
from backend.kit.lambdas.sockets import SocketEvent
from backend.profiles.main import MANIFEST
from tests.shapes.aws import gateway
from tests.shapes.aws.environments import MAX_PAYLOAD_BYTES, Fleet, FunctionError
from tests.shapes.aws.gateway import BODY_BYTES, LIVE_PATH, Strict
from tests.shapes.aws.stacks import ACCOUNT, REGION, Function

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


def function(handler: str, timeout: int) -> Function:
    handler = f"tests.shapes.aws.samples.{handler}"
    return Function("sample", f"{ARN}:sample", handler, timeout, {}, ())


@pytest.fixture
async def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Fleet]:
    """Real environments of a sample; AWS_* is what the runtime client asks for."""
    handler, timeout = request.param
    made = Fleet(function(handler, timeout), {"AWS_ACCESS_KEY_ID": "any"}, tmp_path / "log")
    yield made
    await made.stop()


@pytest.mark.parametrize("fleet", [("sleep", 2)], indirect=True)
async def test_a_call_that_takes_too_long_is_ended_and_the_next_one_is_served(fleet: Fleet):
    assert (await fleet.invoke({"seconds": 0}))["body"] == "awake"
    with pytest.raises(FunctionError, match="timeout"):
        await fleet.invoke({"seconds": 20})
    assert (await fleet.invoke({"seconds": 0}))["body"] == "awake"


@pytest.mark.parametrize("fleet", [("fill", 10)], indirect=True)
async def test_a_call_carries_6_mb_either_way_and_no_more(fleet: Fleet):
    fits = MAX_PAYLOAD_BYTES - 1000
    assert len((await fleet.invoke({"bytes": fits}))["body"]) == fits
    with pytest.raises(FunctionError):
        await fleet.invoke({"bytes": MAX_PAYLOAD_BYTES})
    with pytest.raises(FunctionError, match="too large"):
        await fleet.invoke({"bytes": 1, "body": "x" * MAX_PAYLOAD_BYTES})


class Recorder:
    """Takes the place of a fleet, and remembers what it was called with."""

    def __init__(self, failure: str = "") -> None:
        self.function = function("sleep", 29)
        self.events: list[Mapping[str, Any]] = []
        self._failure = failure

    async def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        if self._failure:
            raise FunctionError(self._failure)
        return {"statusCode": 200, "body": ""}

    async def heard(self, kind: str) -> SocketEvent:
        async with asyncio.timeout(5):
            while True:
                for event in self.events:
                    if event["requestContext"]["eventType"] == kind:
                        return SocketEvent(event)
                await asyncio.sleep(0.01)


async def serve(recorder: Recorder) -> tuple[web.AppRunner, str]:
    routes = [("socketapi", key, ARN) for key in ("$connect", "$default", "$disconnect")]
    region = Strict([*routes, ("httpapi", "ANY /any/{proxy+}", ARN)], "socketapi")
    region.fleets[ARN] = recorder  # pyright: ignore[reportArgumentType] - it need not be a process
    runner = web.AppRunner(region.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.mark.parametrize(("failure", "status"), [("timeout", 503), ("it died", 500), ("", 200)])
async def test_a_call_that_fails_is_answered_by_the_gateway(failure: str, status: int):
    runner, base = await serve(Recorder(failure))
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{base}/any/thing") as answer:
            assert answer.status == status
    finally:
        await runner.cleanup()


async def test_a_body_may_have_6_mb_and_no_more():
    recorder = Recorder()
    runner, base = await serve(recorder)
    try:
        async with aiohttp.ClientSession() as http:
            for size, status in ((BODY_BYTES, 200), (BODY_BYTES + 2, 413)):
                async with http.post(f"{base}/any/thing", data=BytesIO(b"x" * size)) as answer:
                    assert answer.status == status
        assert len(recorder.events) == 1
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("clock", ["IDLE_SECONDS", "LIFE_SECONDS"])
async def test_a_socket_is_closed_that_is_silent_or_old_and_its_function_is_told(
    clock: str, monkeypatch: pytest.MonkeyPatch
):
    assert (gateway.IDLE_SECONDS, gateway.LIFE_SECONDS) == (600, 7_200), "what AWS gives"
    monkeypatch.setattr(gateway, clock, 0.5)
    recorder = Recorder()
    runner, base = await serve(recorder)
    try:
        async with aiohttp.ClientSession() as http:
            socket = await http.ws_connect(f"{base}{LIVE_PATH}")
            if clock == "LIFE_SECONDS":
                await socket.send_str("I am not silent")
                await recorder.heard("MESSAGE")
            message = await socket.receive(timeout=5)
            assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 1001)
        assert (await recorder.heard("DISCONNECT")).id == (await recorder.heard("CONNECT")).id
    finally:
        await runner.cleanup()


class Answers(HttpFunction):
    """Answers everything with one text."""

    def __init__(self, text: str) -> None:
        super().__init__([], [], [], headers={})
        self._text = text

    async def _respond(self, event: Any) -> Response:
        return Response(self._text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x" * (MAX_ANSWER_BYTES - 2000), 200),
        ("x" * MAX_ANSWER_BYTES, 500),
        # What Lambda weighs is JSON, in which some letters are longer.
        ("\n" * (MAX_ANSWER_BYTES // 2 + 10), 500),
        ("ä" * (MAX_ANSWER_BYTES // 2), 500),
    ],
    ids=["fits", "too long", "too long in JSON", "too long in bytes"],
)
async def test_an_answer_that_is_too_long_is_refused_in_our_words(text: str, status: int):
    result = await Answers(text).handle({})
    assert result["statusCode"] == status
    assert ('"internal"' in result["body"]) == (status == 500)


class Nothing:
    """A house that answers, and has nothing to learn or to tell."""

    shared = property(lambda self: self)
    public = property(lambda self: self)

    async def learn(self) -> None: ...

    async def finish(self) -> None: ...

    async def handle(self, event: Any) -> dict[str, Any]:
        return result_of(Response("fine"))


class Context:
    """What Lambda tells of a call."""

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("0192d3c4-5e6f-7a8b-9c0d", True), ("short", False), ("x" * 65, False), ("", False),
     ("evil-line\r\nset-cookie: a=b", False), ("good-enough\n", False)],
)  # fmt: skip
def test_an_id_of_a_request_is_taken_over_only_if_it_is_well_formed(given: str, is_kept: bool):
    functions = Functions(MANIFEST)
    functions._opened = Nothing()  # pyright: ignore[reportAttributeAccessIssue] - as little as goes
    event = {
        "version": "2.0",
        "rawPath": "/",
        "requestContext": {"http": {"method": "GET"}},
        "headers": {"X-Request-Id": given},
    }
    try:
        answer = functions.http(event, Context())
    finally:
        assert functions._runner
        functions._runner.close()
    said: str = answer["headers"]["x-request-id"]
    assert (said == given) == is_kept
    assert 8 <= len(said) <= 64
    assert "\n" not in said
