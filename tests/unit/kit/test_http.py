"""What a contract becomes: routes, client, local door. One tiny contract, over a real server."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

import aiohttp
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from backend.kit.callers import Member, Service, Visitor
from backend.kit.errors import (
    ConflictError,
    ForbiddenError,
    InternalError,
    NotFoundError,
    RateLimitedError,
    SosaError,
    UnauthenticatedError,
    UnavailableError,
)
from backend.kit.http.client import client
from backend.kit.http.openapi import openapi
from backend.kit.http.requests import RawRequest
from backend.kit.http.routes import routes
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.local import local
from backend.kit.op import op, operations
from backend.kit.values import NOTHING, Nothing, Request, Value
from tests.serving import serving

ORIGIN = "http://savanna.test"
ADA = Member(
    user_id=UserId("ada"), session_id=SessionId("s"), device_id=DeviceId("d"), roles=(), acr="std",
    auth_time=0,
)  # fmt: skip


@dataclass(eq=False, kw_only=True)
class ThirstyError(ConflictError):
    litres: int
    code = "thirsty"


class Tree(Value):
    name: str
    height: int


class Seen(Value):
    who: str
    words: tuple[str, ...]
    limit: int


class Plant(Request):
    park: str
    name: Annotated[str, msgspec.Meta(min_length=2)]
    height: int = 1
    kind: Literal["acacia", "baobab"] = "acacia"


class Look(Request):
    park: str
    word: tuple[str, ...] = ()
    limit: Annotated[int, msgspec.Meta(ge=1, le=9)] = 5
    since: int | None = None


class Fell(Request):
    mode: str = "quietly"


class Trees(Protocol):
    @op("POST", "/t/v1/parks/{park}/trees", max_body_bytes=500)
    async def plant(self, caller: Member, request: Plant) -> Tree:
        """Plant a tree."""
        ...

    @op("GET", "/t/v1/parks/{park}/trees")
    async def look(self, caller: Member | Visitor, request: Look) -> Seen: ...

    @op("DELETE", "/t/v1/trees")
    async def fell(self, caller: Visitor, request: Fell) -> Nothing: ...

    @op("POST", "/internal/t/v1/water", allow=("messaging",))
    async def water(self, caller: Service, request: Fell) -> Nothing: ...


class Gardener:
    def __init__(self) -> None:
        self.planted: list[Plant] = []

    async def plant(self, caller: Member, request: Plant) -> Tree:
        self.planted.append(request)
        return Tree(name=request.name, height=request.height)

    async def look(self, caller: Member | Visitor, request: Look) -> Seen:
        who = caller.user_id if isinstance(caller, Member) else f"visitor {caller.network}"
        return Seen(who=who, words=request.word, limit=request.limit)

    async def fell(self, caller: Visitor, request: Fell) -> Nothing:
        if request.mode == "thirsty":
            raise ThirstyError("Too dry.", "mode", litres=7)
        if request.mode == "often":
            raise RateLimitedError("Slow.", retry_after_seconds=9)
        if request.mode == "bug":
            raise ZeroDivisionError("a secret cause")
        return NOTHING

    async def water(self, caller: Service, request: Fell) -> Nothing:
        return NOTHING


async def member_guard(request: RawRequest) -> Member:
    if request.headers.get("authorization") != "ada":
        raise UnauthenticatedError("Who are you?")
    return ADA


async def service_guard(request: RawRequest) -> Service:
    return Service(name=request.headers.get("authorization", "?"))


class Header:
    """Shows who calls in one header; the real proofs have tests of their own."""

    def headers(
        self, caller: Any, method: str, path: str, query: str, body: bytes
    ) -> Mapping[str, str]:
        if isinstance(caller, Member):
            return {"Authorization": caller.user_id}
        return {"Authorization": caller.name} if isinstance(caller, Service) else {}


@pytest.fixture
def gardener() -> Gardener:
    return Gardener()


@pytest.fixture
async def url(gardener: Gardener) -> AsyncIterator[str]:
    guards = {Member: member_guard, Service: service_guard}
    app = Starlette(routes=routes(Trees, gardener, origin=ORIGIN, guards=guards))
    async with serving(app) as base:
        yield base


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, headers={"Authorization": "ada"}) as session:
        yield session


@pytest.fixture(params=["local", "http"])
async def trees(
    request: pytest.FixtureRequest, gardener: Gardener, url: str
) -> AsyncIterator[Trees]:
    if request.param == "local":
        yield local(Trees, gardener, identity="messaging")
        return
    async with aiohttp.ClientSession() as session:
        yield client(Trees, url, session, Header())


async def test_a_call_arrives_and_its_answer_returns(trees: Trees, gardener: Gardener):
    request = Plant(park="north & south ü", name="Anna", height=3)
    assert await trees.plant(ADA, request) == Tree(name="Anna", height=3)
    assert gardener.planted == [request]


async def test_lists_and_defaults_travel_in_a_query(trees: Trees):
    seen = await trees.look(ADA, Look(park="n", word=("a b", "ü&"), limit=7))
    assert seen == Seen(who="ada", words=("a b", "ü&"), limit=7)


async def test_a_visitor_is_known_by_network_only(trees: Trees):
    seen = await trees.look(Visitor(network="127.0.0.1"), Look(park="n"))
    assert seen.who == "visitor 127.0.0.1"


async def test_an_operation_without_answer_answers_nothing(trees: Trees):
    assert await trees.fell(Visitor(network="127.0.0.1"), Fell()) == NOTHING


async def test_an_error_arrives_with_its_type_and_data(trees: Trees):
    with pytest.raises(ThirstyError, match=r"Too dry\.") as caught:
        await trees.fell(Visitor(network="n"), Fell(mode="thirsty"))
    assert (caught.value.litres, caught.value.field) == (7, "mode")


async def test_a_bug_becomes_internal_and_tells_nothing(trees: Trees):
    with pytest.raises(InternalError) as caught:
        await trees.fell(Visitor(network="n"), Fell(mode="bug"))
    assert "secret" not in str(caught.value)


async def test_a_service_on_the_list_may_call_and_another_may_not(trees: Trees):
    assert await trees.water(Service(name="messaging"), Fell()) == NOTHING
    with pytest.raises(ForbiddenError):
        await trees.water(Service(name="community"), Fell())


async def test_a_local_door_takes_no_other_identity_and_no_other_kind(gardener: Gardener):
    door = local(Trees, gardener, identity="community")
    with pytest.raises(ForbiddenError):
        await door.water(Service(name="messaging"), Fell())
    with pytest.raises(ForbiddenError):
        await door.plant(Visitor(network="n"), Plant(park="n", name="Anna"))  # pyright: ignore[reportArgumentType]


async def test_an_unreachable_service_is_unavailable():
    async with aiohttp.ClientSession() as session:
        door = client(Trees, "http://127.0.0.1:9", session, Header())
        with pytest.raises(UnavailableError):
            await door.plant(ADA, Plant(park="n", name="Anna"))


@pytest.mark.parametrize(("status", "kind"), [(200, InternalError), (502, UnavailableError)])
async def test_an_answer_that_is_no_envelope_is_a_typed_error(status: int, kind: type[SosaError]):
    async with (
        serving(Response("<html>", status_code=status)) as base,
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(kind):
            await client(Trees, base, session, Header()).plant(ADA, Plant(park="n", name="An"))


async def test_an_unknown_error_code_becomes_the_nearest_error():
    body = b'{"status":"failure","errors":[{"code":"from_the_future","message":"Gone."}]}'
    async with (
        serving(Response(body, status_code=404)) as base,
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(NotFoundError, match=r"Gone\."):
            await client(Trees, base, session, Header()).plant(ADA, Plant(park="n", name="An"))


BAD = [
    ("unknown field", {"name": "Anna", "colour": "x"}, 422, "unknown_field", "colour"),
    ("missing field", {"height": 2}, 422, "missing_field", "name"),
    ("wrong type", {"name": "Anna", "height": "tall"}, 422, "invalid_request", "height"),
    ("a number as text", {"name": "Anna", "height": "2"}, 422, "invalid_request", "height"),
    ("out of bounds", {"name": "A"}, 422, "invalid_request", "name"),
    ("not a choice", {"name": "Anna", "kind": "s3cret"}, 422, "invalid_request", "kind"),
    ("path field in the body", {"name": "Anna", "park": "x"}, 422, "unknown_field", "park"),
    ("not an object", [1], 400, "malformed_request", None),
]


@pytest.mark.parametrize(("_why", "body", "status", "code", "field"), BAD, ids=[b[0] for b in BAD])
async def test_a_bad_body_is_refused_by_field_and_nothing_is_done(
    http: aiohttp.ClientSession,
    gardener: Gardener,
    _why: str,
    body: Any,
    status: int,
    code: str,
    field: str | None,
):
    async with http.post("/t/v1/parks/n/trees", json=body) as response:
        text = await response.text()
    answer = msgspec.json.decode(text)
    assert (response.status, answer["status"]) == (status, "failure")
    assert [(e["code"], e.get("field")) for e in answer["errors"]] == [(code, field)]
    assert "s3cret" not in text
    assert gardener.planted == []


@pytest.mark.parametrize(
    ("raw", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_request"),
        (b"\xff\xfe", "application/json", 400, "malformed_request"),
        (b'{"name":NaN}', "application/json", 400, "malformed_request"),
        (b"[" * 400, "application/json", 400, "malformed_request"),
        (b"name=Anna", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"name":"Anna"}', "text/plain", 415, "unsupported_media_type"),
        (b'{"name":"' + b"a" * 600 + b'"}', "application/json", 413, "body_too_large"),
        (b"", "application/json", 422, "missing_field"),
    ],
)
async def test_a_body_we_cannot_read_is_refused(
    http: aiohttp.ClientSession, gardener: Gardener, raw: bytes, media: str, status: int, code: str
):
    headers = {"Content-Type": media}
    async with http.post("/t/v1/parks/n/trees", data=raw, headers=headers) as response:
        answer = msgspec.json.decode(await response.read())
    assert (response.status, answer["errors"][0]["code"]) == (status, code)
    assert gardener.planted == []


async def test_a_body_without_announced_length_is_cut_off_too(http: aiohttp.ClientSession):
    async def drip():
        for _ in range(10):
            yield b" " * 100

    headers = {"Content-Type": "application/json"}
    async with http.post("/t/v1/parks/n/trees", data=drip(), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=5&colour=red", 422, "unknown_field"),
        ("limit=many", 422, "invalid_request"),
        ("limit=10", 422, "invalid_request"),
        ("limit=1&limit=2", 422, "invalid_request"),
        ("%FF", 400, "malformed_request"),
        ("word=" + "a" * 9000, 422, "invalid_request"),
    ],
)
async def test_a_bad_query_is_refused(
    http: aiohttp.ClientSession, query: str, status: int, code: str
):
    async with http.get(f"/t/v1/parks/n/trees?{query}") as response:
        answer = msgspec.json.decode(await response.read())
    assert (response.status, answer["errors"][0]["code"]) == (status, code)


async def test_a_query_on_a_change_and_a_body_on_a_read_are_refused(http: aiohttp.ClientSession):
    async with http.post("/t/v1/parks/n/trees?x=1", json={"name": "Anna"}) as response:
        assert response.status == 422
    async with http.get("/t/v1/parks/n/trees", json={"limit": 1}) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}, 200),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_a_change_from_another_site_is_refused(
    http: aiohttp.ClientSession, gardener: Gardener, headers: dict[str, str], status: int
):
    body = {"name": "Anna"}
    async with http.post("/t/v1/parks/n/trees", json=body, headers=headers) as response:
        assert response.status == status
    assert len(gardener.planted) == (status == 200)


async def test_a_caller_who_is_not_proven_gets_no_further(url: str, gardener: Gardener):
    async with (
        aiohttp.ClientSession(url) as session,
        session.post("/t/v1/parks/n/trees", json={"name": "Anna"}) as response,
    ):
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'SoSa error="unauthenticated"'
    assert gardener.planted == []


async def test_a_limit_says_when_to_come_back(url: str):
    async with (
        aiohttp.ClientSession(url) as session,
        session.delete("/t/v1/trees?mode=often") as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (429, "9")


def test_an_operation_whose_caller_nobody_can_prove_is_not_served():
    with pytest.raises(TypeError, match="no guard for Member"):
        routes(Trees, Gardener(), origin=ORIGIN, guards={Service: service_guard})


def test_a_declaration_that_cannot_be_served_ends_the_start():
    class Wrong(Protocol):
        @op("GET", "/w/{missing}")
        async def find(self, caller: Visitor, request: Fell) -> Nothing: ...

    class Short(Protocol):
        @op("GET", "/w")
        async def find(self, request: Fell) -> Nothing: ...

    for contract, why in [(Wrong, "missing"), (Short, "must take"), (Gardener, "no operations")]:
        with pytest.raises(TypeError, match=why):
            operations(contract)


def test_openapi_describes_what_is_public():
    document = openapi("trees", Trees, ORIGIN)
    assert set(document["paths"]) == {"/t/v1/parks/{park}/trees", "/t/v1/trees"}
    plant = document["paths"]["/t/v1/parks/{park}/trees"]["post"]
    assert plant["summary"] == "Plant a tree."
    assert [p["name"] for p in plant["parameters"]] == ["park"]
    assert "park" not in document["components"]["schemas"]["Plant"]["properties"]
    assert plant["security"]
    assert plant["requestBody"]["required"]
    look = document["paths"]["/t/v1/parks/{park}/trees"]["get"]
    assert {p["name"]: p["required"] for p in look["parameters"]} == {
        "park": True, "word": False, "limit": False, "since": False,
    }  # fmt: skip
