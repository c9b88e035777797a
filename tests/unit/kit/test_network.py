"""Whose word is taken for where a request came from."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from backend.kit.http.inside import is_inside
from backend.kit.http.network import network_of, read_networks
from backend.kit.http.routes import read
from tests.serving import serving

NGINX = "10.0.0.2"
ADA = "203.0.113.7"
VICTIM = "198.51.100.1"


@pytest.mark.parametrize("forwarded", [[], [VICTIM], [f"{VICTIM}, {ADA}"]])
def test_nobody_is_believed_unless_the_operator_says_so(forwarded: list[str]) -> None:
    assert network_of(ADA, forwarded, 0) == ADA


@pytest.mark.parametrize(
    ("forwarded", "proxies", "network"),
    [
        ([ADA], 1, ADA),
        ([f"{ADA}, 10.0.0.9"], 2, ADA),
        ([ADA, "10.0.0.9"], 2, ADA),
        (["2001:DB8:0:0::7"], 1, "2001:db8::7"),
    ],
)
def test_our_proxies_say_who_called(forwarded: list[str], proxies: int, network: str) -> None:
    assert network_of(NGINX, forwarded, proxies) == network


@pytest.mark.parametrize(
    ("forwarded", "proxies"),
    [
        ([f"{VICTIM}, {ADA}"], 1),
        ([VICTIM, ADA], 1),
        ([f"{VICTIM},{VICTIM}, {ADA}, 10.0.0.9"], 2),
    ],
)
def test_what_a_client_writes_itself_is_not_believed(forwarded: list[str], proxies: int) -> None:
    assert network_of(NGINX, forwarded, proxies) == ADA


@pytest.mark.parametrize("forwarded", [[], [""], [VICTIM], [f"{VICTIM}\n"]])
def test_who_goes_round_a_proxy_is_known_by_their_own_address(forwarded: list[str]) -> None:
    assert network_of(ADA, forwarded, 2) == ADA


@pytest.mark.parametrize("entry", ["unknown", "_hidden", f"{VICTIM}:80", "a" * 9_000, ""])
def test_what_is_no_address_is_nobodys_network(entry: str) -> None:
    assert network_of(NGINX, [entry], 1) == NGINX


@pytest.mark.parametrize("peer", [None, ""])
def test_behind_a_unix_socket_only_the_proxy_knows(peer: str | None) -> None:
    assert network_of(peer, [VICTIM], 0) == "unknown"
    assert network_of(peer, [ADA], 1) == ADA


@pytest.fixture(params=[0, 1])
async def answered(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, str]]:
    """What a server says of somebody who claims to be somebody else behind one proxy."""

    async def where(http: Request) -> Response:
        return PlainTextResponse((await read(http, 0, trusted_proxies=request.param)).network)

    headers: list[Any] = [("X-Forwarded-For", VICTIM), ("X-Forwarded-For", ADA)]
    async with (
        serving(Starlette(routes=[Route("/", where)])) as url,
        aiohttp.ClientSession() as http,
        http.get(url, headers=headers) as response,
    ):
        yield await response.text(), {0: "127.0.0.1", 1: ADA}[request.param]


async def test_a_request_has_the_network_that_the_setting_allows(
    answered: tuple[str, str],
) -> None:
    network, expected = answered
    assert network == expected


HOME = "127.0.0.0/8,::1,10.0.0.0/8"


@pytest.mark.parametrize(
    ("peer", "passed_on", "proxies", "expected"),
    [
        ("127.0.0.1", {}, 0, True),
        ("::ffff:127.0.0.1", {}, 0, True),
        ("::1", {}, 0, True),
        ("10.1.2.3", {}, 0, True),
        (None, {}, 0, True),
        (ADA, {}, 0, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 0, False),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 0, False),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 0, False),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 0, False),
        (None, {"X-Forwarded-For": ADA}, 0, False),
        ("127.0.0.1", {"X-Forwarded-For": ADA}, 1, False),
        ("127.0.0.1", {"X-Forwarded-For": f"127.0.0.1, {ADA}"}, 1, False),
        (None, {"X-Forwarded-For": ADA}, 1, False),
        (None, {"X-Forwarded-For": "nobody"}, 1, False),
        ("127.0.0.1", {"X-Forwarded-For": "10.9.9.9"}, 1, True),
        ("127.0.0.1", {}, 1, True),
    ],
)
def test_who_comes_from_outside_is_not_at_home_behind_a_proxy_either(
    peer: str | None, passed_on: dict[str, str], proxies: int, expected: bool
) -> None:
    scope = {
        "type": "http",
        "client": (peer, 1) if peer else None,
        "headers": [(k.lower().encode(), v.encode()) for k, v in passed_on.items()],
    }
    assert is_inside(scope, read_networks(HOME), proxies) is expected


def test_nobody_is_inside_where_no_network_is() -> None:
    scope: dict[str, Any] = {"type": "http", "client": ("127.0.0.1", 1), "headers": []}
    assert not is_inside(scope, read_networks(""), 0)
