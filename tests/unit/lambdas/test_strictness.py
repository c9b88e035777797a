"""Our AWS forgives nothing that AWS does not forgive, and our push is what it wants."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from backend.kit.errors import UnavailableError
from backend.kit.lambdas.aws import Aws
from backend.kit.lambdas.push import ConnectionsPush
from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess
from tests.shapes.aws.gateway import FRAME_BYTES, LIVE_PATH, PUSH_BYTES, Strict
from tests.shapes.aws.stacks import ACCOUNT, REGION, Function

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:live"
KEY, SECRET = "AKIAEXAMPLE", "a-secret"
CONNECTIONS = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:socketapi/live/*/@connections/*"
MAY = ((frozenset({"execute-api:ManageConnections"}), (CONNECTIONS,)),)


class Live:
    """A function that remembers what it was called with."""

    def __init__(self) -> None:
        self.function = Function("live", ARN, "any", 29, {}, MAY)
        self.events: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {
            "statusCode": 200,
            "headers": {"Sec-WebSocket-Protocol": "sosa.v1"},
        }
        self.during_connect: Any = None
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.change = asyncio.Condition()
        self.under_way = 0
        self.most_at_once = 0

    async def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        async with self.change:
            self.events.append(event)
            self.change.notify_all()
        if event["requestContext"]["routeKey"] == "$connect":
            if self.during_connect:
                await self.during_connect(event["requestContext"]["connectionId"])
            return self.answer
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await self.may_go_on.wait()
        self.under_way -= 1
        return {"statusCode": 200}

    @property
    def name(self) -> str:
        return self.events[0]["requestContext"]["connectionId"]

    async def called(self, times: int) -> None:
        async with asyncio.timeout(5), self.change:
            await self.change.wait_for(lambda: len(self.events) >= times)


@pytest.fixture
def live() -> Live:
    return Live()


@pytest.fixture
async def base(live: Live) -> AsyncIterator[str]:
    routes = [("socketapi", key, ARN) for key in ("$connect", "$default", "$disconnect")]
    region = Strict(routes, "socketapi")
    region.fleets[ARN] = live  # pyright: ignore[reportArgumentType] - it need not be a process
    region.secrets[KEY] = (SECRET, live)  # pyright: ignore[reportArgumentType] - the same
    runner = web.AppRunner(region.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


PushTo = Callable[..., ConnectionsPush]


@pytest.fixture
def push_to() -> Iterator[PushTo]:
    """Makes ways to the connections of a gateway."""
    opened: list[Aws] = []

    def open_way(base: str, secret: str = SECRET) -> ConnectionsPush:
        access = AwsAccess(KEY, secret, "", REGION, "")
        opened.append(Aws(Signer(access, "execute-api"), f"{base}/_sockets/live"))
        return ConnectionsPush(opened[-1])

    yield open_way
    for way in opened:
        way.close()


async def knock(base: str) -> ClientConnection:
    return await connect(
        base.replace("http", "ws") + LIVE_PATH,
        subprotocols=[Subprotocol("sosa.v1")],
        compression=None,
        proxy=None,
    )


async def test_a_push_reaches_a_connection_whose_name_is_not_safe_in_a_path(
    base: str, live: Live, push_to: PushTo
):
    async with await knock(base) as socket:
        assert set("+/=") <= set(live.name)
        assert await push_to(base).send(live.name, b"hello")
        assert await socket.recv() == "hello"
        assert socket.subprotocol == "sosa.v1"


async def test_nobody_is_reached_during_connect_nor_after_the_end(
    base: str, live: Live, push_to: PushTo
):
    reached: list[bool] = []

    async def push_too_soon(name: str) -> None:
        reached.append(await push_to(base).send(name, b"too soon"))

    live.during_connect = push_too_soon
    socket = await knock(base)
    assert reached == [False]
    assert await push_to(base).send(live.name, b"now")
    await socket.close()
    await live.called(2)
    assert not await push_to(base).send(live.name, b"too late")


async def test_an_unsigned_push_and_one_by_a_wrong_key_are_refused(
    base: str, live: Live, push_to: PushTo
):
    async with await knock(base), aiohttp.ClientSession() as http:
        path = f"{base}/_sockets/live/@connections/{base64.urlsafe_b64encode(b'x').decode()}"
        async with http.post(path, data=b"hello") as answer:
            assert answer.status == 403
        with pytest.raises(UnavailableError):
            await push_to(base, "another-secret").send(live.name, b"hello")
        assert await push_to(base).send(live.name, b"hello")


async def test_a_push_may_be_128_kb_and_no_more(base: str, live: Live, push_to: PushTo):
    async with await knock(base) as socket:
        assert await push_to(base).send(live.name, b"x" * PUSH_BYTES)
        assert len(await socket.recv()) == PUSH_BYTES
        with pytest.raises(ValueError, match="cannot be pushed"):
            await push_to(base).send(live.name, b"x" * (PUSH_BYTES + 1))


async def test_a_frame_may_be_32_kb_and_no_more(base: str, live: Live):
    socket = await knock(base)
    await socket.send("x" * FRAME_BYTES)
    await live.called(2)
    await socket.send("x" * (FRAME_BYTES + 1))
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009


async def test_frames_of_one_connection_are_dealt_with_side_by_side(base: str, live: Live):
    live.may_go_on.clear()
    async with await knock(base) as socket:
        for number in range(5):
            await socket.send(str(number))
        await live.called(6)
        assert live.most_at_once == 5
        live.may_go_on.set()


@pytest.mark.parametrize("status", [400, 403, 429])
async def test_a_refused_handshake_has_its_exact_status(base: str, live: Live, status: int):
    live.answer = {"statusCode": status, "body": "no"}
    with pytest.raises(InvalidStatus) as refused:
        await knock(base)
    assert refused.value.response.status_code == status


async def test_a_close_is_told_to_the_function(base: str, live: Live, push_to: PushTo):
    async with await knock(base) as socket:
        await push_to(base).close(live.name)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    await live.called(2)
    assert live.events[-1]["requestContext"]["routeKey"] == "$disconnect"
