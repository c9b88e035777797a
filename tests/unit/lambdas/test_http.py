"""HTTP by function: the same answers as by route, from events instead of requests."""

import base64
import json
from typing import Any, Protocol

import msgspec
import pytest
from starlette.responses import Response
from starlette.routing import Route

from backend.kit.callers import Visitor
from backend.kit.http.answering import Answering
from backend.kit.http.requests import RawRequest
from backend.kit.lambdas.http import HttpFunction, is_ask
from backend.kit.lambdas.manifest import Manifest
from backend.kit.op import op, operations
from backend.kit.values import Request, Value

ORIGIN = "https://sosa.test"


class Greet(Request):
    """Whom to greet."""

    name: str
    words: tuple[str, ...] = ()


class Greeting(Value):
    """What was said, by whom, from where."""

    text: str
    network: str


class Greetings(Protocol):
    """A contract."""

    @op("POST", "/greetings/v1/{name}", max_body_bytes=200)
    async def greet(self, caller: Visitor, request: Greet) -> Greeting: ...

    @op("GET", "/greetings/v1/{name}/words")
    async def list_words(self, caller: Visitor, request: Greet) -> Greeting: ...

    @op("GET", "/internal/greetings/v1/secret")
    async def tell(self, caller: Visitor, request: Greet) -> Greeting: ...


class Service:
    async def greet(self, caller: Visitor, request: Greet) -> Greeting:
        return Greeting(text=f"{request.name}: {' '.join(request.words)}", network=caller.network)

    list_words = tell = greet


async def visitor_with_a_nonce(request: RawRequest) -> Visitor:
    request.answer_headers["Sosa-Nonce"] = "fresh"
    request.answer_headers["Sosa-Cookie"] = request.cookies.get("rt", "")
    return Visitor(network=request.network)


def cookies(value: Any) -> Response:
    response = Response(msgspec.json.encode(value), media_type="application/json")
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


async def picture(_request: Any) -> Response:
    return Response(b"\xff\xd8", media_type="image/jpeg")


def function(*, answers: dict[type, Any] | None = None, trusted_proxies: int = 0) -> HttpFunction:
    known = operations(Greetings)
    return HttpFunction(
        known,
        [
            Answering(
                item,
                Service(),
                origin=ORIGIN,
                guards={Visitor: visitor_with_a_nonce},
                answers=answers or {},
            )
            for item in known
            if item.name != "tell"
        ],
        [Route("/greetings/v1/pictures/{name}.jpg", picture)],
        headers={"X-Content-Type-Options": "nosniff"},
        trusted_proxies=trusted_proxies,
    )


def event(method: str, path: str, **more: Any) -> dict[str, Any]:
    http = {"method": method, "path": path, "sourceIp": "203.0.113.7"}
    return {"version": "2.0", "rawPath": path, "requestContext": {"http": http}, **more}


def posted(body: str, **more: Any) -> dict[str, Any]:
    headers = {"content-type": "application/json", **more.pop("headers", {})}
    return event("POST", "/greetings/v1/ada", body=body, headers=headers, **more)


def response_of(result: dict[str, Any]) -> Any:
    return json.loads(result["body"])["response"]


async def test_an_event_is_answered_as_a_request_would_be():
    result = await function().handle(posted('{"words":["hello"]}'))
    assert (result["statusCode"], result["isBase64Encoded"]) == (200, False)
    assert response_of(result) == {"text": "ada: hello", "network": "203.0.113.7"}
    assert result["headers"]["cache-control"] == "no-store"
    assert result["headers"]["x-content-type-options"] == "nosniff"


async def test_a_body_in_base64_is_the_same_body():
    body = base64.b64encode(b'{"words":["hello"]}').decode()
    result = await function().handle(posted(body, isBase64Encoded=True))
    assert response_of(result)["text"] == "ada: hello"


async def test_a_query_may_hold_a_name_several_times():
    path = "/greetings/v1/ada/words"
    result = await function().handle(event("GET", path, rawQueryString="words=a&words=b%20c"))
    assert response_of(result)["text"] == "ada: a b c"


async def test_cookies_come_apart_and_leave_apart():
    result = await function(answers={Greeting: cookies}).handle(
        posted("{}", cookies=["a=b", "rt=token"])
    )
    assert result["headers"]["sosa-cookie"] == "token"
    assert [line.partition(";")[0] for line in result["cookies"]] == ["one=1", "two=2"]
    assert "set-cookie" not in result["headers"]


async def test_what_a_guard_adds_is_in_a_refusal_too():
    result = await function().handle(posted('{"colour":"red"}'))
    assert result["statusCode"] == 422
    assert result["headers"]["sosa-nonce"] == "fresh"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (posted("{}", headers={"origin": "https://evil.example"}), 403, "cross_origin"),
        (posted('{"words":["' + "x" * 300 + '"]}'), 413, "body_too_large"),
        (posted("{"), 400, "malformed_request"),
        (posted("{}", headers={"content-type": "text/plain"}), 415, "unsupported_media_type"),
        (event("GET", "/greetings/v1/nothing/at/all"), 404, "not_found"),
        (event("DELETE", "/greetings/v1/ada"), 405, "method_not_allowed"),
        (event("GET", "/internal/greetings/v1/secret"), 404, "not_found"),
    ],
)
async def test_what_is_wrong_is_told_in_our_words(given: dict[str, Any], status: int, code: str):
    result = await function().handle(given)
    assert result["statusCode"] == status
    assert json.loads(result["body"])["errors"][0]["code"] == code


async def test_a_405_says_what_may_be_done():
    result = await function().handle(event("DELETE", "/greetings/v1/ada"))
    assert result["headers"]["allow"] == "POST"


async def test_nobody_chooses_their_own_network():
    given = posted("{}", headers={"x-forwarded-for": "198.51.100.1"})
    assert response_of(await function().handle(given))["network"] == "203.0.113.7"
    behind = posted("{}", headers={"x-forwarded-for": "192.0.2.1, 198.51.100.1, 203.0.113.7"})
    result = await function(trusted_proxies=2).handle(behind)
    assert response_of(result)["network"] == "198.51.100.1"


async def test_what_is_no_operation_is_served_too_and_bytes_travel():
    result = await function().handle(event("GET", "/greetings/v1/pictures/ada.jpg"))
    assert (result["statusCode"], result["isBase64Encoded"]) == (200, True)
    assert base64.b64decode(result["body"]) == b"\xff\xd8"
    assert result["headers"]["content-type"] == "image/jpeg"


def test_a_fact_is_no_request():
    assert is_ask(posted("{}"))
    assert not is_ask({"sosa_event": "UserRegistered", "payload": "{}"})


@pytest.mark.parametrize(
    "groups",
    [
        {"some": ("greet",)},
        {"some": ("greet", "list_words"), "more": ("greet",)},
        {"some": ("greet", "list_words", "tell")},
    ],
    ids=["one forgotten", "one twice", "an internal one"],
)
def test_a_manifest_names_each_public_operation_once(groups: dict[str, tuple[str, ...]]):
    Manifest("greetings", Greetings, {"all": ("greet", "list_words")})
    with pytest.raises(TypeError):
        Manifest("greetings", Greetings, groups)
