"""One house, three ways in: what every contract test runs over.

The house is the real one (`backend.wiring`); only the key that signs access tokens is the tests'
own, so that the cast can be signed in where auth is not what is tested.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar, cast

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette

from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.errors import SosaError
from backend.kit.http.client import client
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.op import operations
from backend.kit.settings import Settings
from backend.kit.tokens.access import SigningKey
from backend.kit.tokens.published import to_jwk
from backend.kit.tokens.schedule import Leaves
from backend.kit.values import Event
from backend.wiring import House
from tests.contract.cast import CAST, Actor, Papers
from tests.device import Device
from tests.serving import serving

C = TypeVar("C")
Transport = Literal["local", "http", "http twice"]
TRANSPORTS: tuple[Transport, ...] = ("local", "http", "http twice")

SPENT_ONCE = frozenset({"redeem_ticket"})
"""Operations whose contract says that a second try fails. Sent once by every transport."""


class ContractHouse(House):
    """A house that also believes the tests' signing key."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.signing = SigningKey("tests-1", Ed25519PrivateKey.generate())

    async def published_keys(self) -> Mapping[str, Any]:
        mine = to_jwk(self.signing.kid, self.signing.private_key.public_key())
        if "auth" not in self.services:
            return {"keys": [mine]}
        published = await super().published_keys()
        return {"keys": [*published["keys"], mine]}


class Doors:
    """Contracts of the house's services over one transport."""

    def __init__(
        self,
        house: ContractHouse,
        transport: Transport,
        base_url: str,
        session: aiohttp.ClientSession,
    ) -> None:
        self.house = house
        self.transport = transport
        self.base_url = base_url
        self.session = session
        self.actors = {actor.member.device_id: actor for actor in CAST.values()}

    def open(self, service: str, contract: type[C], identity: str = "ui") -> C:
        """The contract of a service as `identity` may call it."""
        if self.transport == "local":
            return cast("C", self.house.doors.open(service, identity))
        papers = self.papers(service, identity)
        found = client(contract, self.base_url, self.session, papers)
        return found if self.transport == "http" else twice(contract, found)

    def papers(self, service: str, identity: str = "ui") -> Papers:
        """The credentials of those who call a service."""
        return Papers(
            audience=service,
            identity=identity,
            settings=self.house.settings,
            keyring=self.house.keyring,
            signing=self.house.signing,
            clock=self.house.clock,
            actors=self.actors,
        )

    async def register(self, username: str) -> tuple[Actor, Device]:
        """Somebody who really registers, over HTTP in every transport, and the device they use."""
        device = Device(
            self.session,
            self.base_url,
            origin=self.house.settings.origin,
            now=self.house.clock.now,
        )
        await device.register(username)
        assert device.keys
        actor = Actor(
            username=username,
            member=Member(
                user_id=UserId(device.user["id"]),
                session_id=SessionId(device.session),
                device_id=DeviceId(device.device_id),
                roles=(),
                acr="std",
                auth_time=int(self.house.clock.now()),
            ),
            leaves=Leaves(device.keys.kid, device.keys.proof, device.keys.seal, ""),
            tokens=device.access,
        )
        self.actors[actor.member.device_id] = actor
        return actor, device

    async def tell(self, event: Event) -> None:
        """Deliver an event as a relay does: at least once, and as often as requests are sent."""
        for _ in range(2 if self.transport == "http twice" else 1):
            await self.house.bus.dispatch(type(event).__name__, msgspec.json.encode(event))


@asynccontextmanager
async def open_doors(
    settings: Settings, clock: Clock, services: Sequence[str], transport: Transport
) -> AsyncGenerator[Doors]:
    """Open a house with some services, its background work running, and serve it on a free port."""
    house = ContractHouse(settings, clock)
    routes = [route for service in services for route in house.build(service)]
    house.react()
    try:
        await house.prepare()
        async with (
            _background(house),
            serving(Starlette(routes=routes)) as base_url,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        ):
            yield Doors(house, transport, base_url, session)
    finally:
        await house.close()


@asynccontextmanager
async def _background(house: House) -> AsyncGenerator[None]:
    async with asyncio.TaskGroup() as tasks:
        workers = [*house.outboxes.values(), *house.services.values()]
        running = [tasks.create_task(work.run()) for work in workers if hasattr(work, "run")]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


def twice(contract: type[C], inner: C) -> C:
    """The contract with every request sent twice, as by a client that lost the first answer.

    The second outcome is what the test sees. It must be of the kind of the first.
    """
    methods = {
        operation.name: _sent_twice(getattr(inner, operation.name), operation.name)
        for operation in operations(contract)
    }
    return cast("C", type(f"Twice{contract.__name__}", (), methods)())


def _sent_twice(
    call: Callable[[Any, Any], Awaitable[Any]], name: str
) -> Callable[[object, Any, Any], Awaitable[Any]]:
    async def send(_self: object, caller: Any, request: Any) -> Any:
        if name in SPENT_ONCE:
            return await call(caller, request)
        first = await _outcome(call, caller, request)
        second = await _outcome(call, caller, request)
        assert type(second) is type(first), f"{name}: {first!r}, and then {second!r}"
        if isinstance(second, SosaError):
            raise second
        return second

    return send


async def _outcome(call: Callable[[Any, Any], Awaitable[Any]], caller: Any, request: Any) -> Any:
    try:
        return await call(caller, request)
    except SosaError as error:
        return error
