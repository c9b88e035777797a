"""Two whole houses that share keys, rows and Redis: whoever is in one is at home in the other."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from backend.kit.ids import SessionId, new_id
from backend.kit.settings import Settings
from backend.wiring import House, open_house
from tests.device import Device
from tests.redis.conftest import RedisServer
from tests.redis.waiting import until
from tests.serving import serving
from tests.socket_client import PATH, SocketClient

ORIGIN = "http://sosa.test"


@dataclass
class Served:
    house: House
    url: str


@asynccontextmanager
async def serve(settings: Settings) -> AsyncGenerator[Served]:
    async with open_house(settings) as (house, app), serving(app) as url:
        yield Served(house, url)


Houses = tuple[Served, Served]


@pytest.fixture
async def houses(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Houses]:
    settings = Settings(
        data_dir=tmp_path,
        public_origin=ORIGIN,
        rate_limit_scale=1000,
        redis_url=redis_server.url,
    )
    async with serve(settings) as first, serve(settings) as second:
        yield first, second


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def arrive(house: Served, name: str, stack: AsyncExitStack) -> Device:
    jar = aiohttp.DummyCookieJar()
    http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
    device = Device(http, house.url, origin=ORIGIN)
    await device.register(f"{name}-{new_id()[-12:]}")
    return device


async def enter(house: Served, device: Device, stack: AsyncExitStack) -> tuple[SocketClient, str]:
    device.base_url = house.url
    listed = await device.call("community", "GET", "/community/v1/communities")
    room: str = listed.response["communities"][0]["rooms"][0]["id"]
    client = await SocketClient.open(house.url)
    stack.push_async_callback(client.close)
    await client.greet()

    async def credentials(challenge: str) -> tuple[str, str]:
        ticket = await device.ticket("messaging")
        return ticket, device.socket_proof("messaging", PATH, ticket, challenge)

    assert (await client.authenticate(credentials))["t"] == "ready"
    await client.join(room)
    return client, room


async def test_a_conversation_between_two_houses(houses: Houses, stack: AsyncExitStack) -> None:
    ada, ben = await arrive(houses[0], "ada", stack), await arrive(houses[1], "ben", stack)
    at_first, room = await enter(houses[0], ada, stack)
    at_second, _ = await enter(houses[1], ben, stack)
    await at_first.send(room, ("first-one", "hello"))
    assert (await at_second.expect_message(room))["text"] == "hello"
    await at_second.send(room, ("second-one", "hi"))
    assert (await at_first.expect_message(room))["text"] == "hello"
    assert (await at_first.expect_message(room))["text"] == "hi"


async def test_whoever_registers_here_is_known_there(houses: Houses, stack: AsyncExitStack) -> None:
    ada = await arrive(houses[0], "ada", stack)
    ada.base_url = houses[1].url

    async def is_known() -> bool:
        return (await ada.call("profiles", "GET", "/profiles/v1/me")).status == 200

    await until(is_known)


async def test_a_proof_that_was_seen_here_is_refused_there(
    houses: Houses, stack: AsyncExitStack
) -> None:
    assert await houses[0].house.shared.ephemera.add("proof:one", b"", 60)
    assert not await houses[1].house.shared.ephemera.add("proof:one", b"", 60)


async def test_who_signs_out_here_is_refused_there_within_a_second(
    houses: Houses, stack: AsyncExitStack
) -> None:
    ada = await arrive(houses[0], "ada", stack)
    client, _ = await enter(houses[1], ada, stack)
    assert (await ada.call("messaging", "GET", "/messaging/v1/rooms")).status == 200
    ada.base_url = houses[0].url
    path = f"/auth/v1/sessions/{ada.session}"
    assert (await ada.call("auth", "DELETE", path)).status == 204
    ada.base_url = houses[1].url
    async with asyncio.timeout(1):
        assert await client.expect_close() == 4401
    assert houses[1].house.revocations.is_revoked(SessionId(ada.session))
    refused = await ada.call("messaging", "GET", "/messaging/v1/rooms")
    assert refused.status == 401


@pytest.mark.faults
async def test_without_redis_requests_are_refused_and_open_sockets_talk_on(
    houses: Houses, stack: AsyncExitStack, redis_server: RedisServer
) -> None:
    ada, ben = await arrive(houses[0], "ada", stack), await arrive(houses[1], "ben", stack)
    at_first, room = await enter(houses[0], ada, stack)
    at_second, _ = await enter(houses[1], ben, stack)
    redis_server.kill()
    assert (await ada.call("messaging", "GET", "/messaging/v1/rooms")).code == "unavailable"
    sent = await at_first.send(room, ("first-one", "hello"))
    assert sent["receipts"][0]["seq"]
    redis_server.start()
    assert (await at_second.expect_message(room))["text"] == "hello"

    async def is_open() -> bool:
        return (await ada.call("messaging", "GET", "/messaging/v1/rooms")).status == 200

    await until(is_open)
