"""Which implementation stands behind each contract, and who reacts to which event.

The one place that sees behind contracts. An implementation is imported only when it is asked for,
so that a process, or a function, pays for nothing that it does not serve.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.auth.contract import JWKS_PATH, Auth, Delegate, GetJwks, SessionRevoked, UserRegistered
from backend.community.contract import Communities
from backend.kit.callers import Member, Service, Visitor
from backend.kit.clock import Clock, SystemClock
from backend.kit.database import Database
from backend.kit.ephemera import RateLimits
from backend.kit.errors import MethodNotAllowedError, NotFoundError
from backend.kit.events import Bus, Outbox
from backend.kit.http.answering import Answers, Guard, Guards, refuse
from backend.kit.http.calling import Transport, calling, fetch
from backend.kit.http.openapi import openapi
from backend.kit.http.requests import RawRequest
from backend.kit.http.routes import routes
from backend.kit.ids import SessionId
from backend.kit.keyring import Keyring
from backend.kit.local import local
from backend.kit.parts import Parts
from backend.kit.push import Push
from backend.kit.settings import SERVICES, SettingError, Settings, variable_of
from backend.kit.shared import Shared, share
from backend.kit.tokens.delegation import DelegateVerifier
from backend.kit.tokens.members import MemberVerifier
from backend.kit.tokens.papers import Delegations, Papers
from backend.kit.tokens.published import PublishedKeys
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.services import SCHEME as SERVICE_SCHEME
from backend.kit.tokens.services import ServiceSigner, ServiceVerifier
from backend.messaging.contract import Messaging
from backend.profiles.contract import Profiles

CONTRACTS: dict[str, type] = {
    "auth": Auth,
    "profiles": Profiles,
    "messaging": Messaging,
    "community": Communities,
}

LAMBDA = "lambda:"
"""Begins the URL of a service that runs as functions; the name of one of them follows."""

REACTIONS = (
    (UserRegistered, "profiles", "on_user_registered"),
    (UserRegistered, "community", "on_user_registered"),
)


class Peers:
    """The services of a house as one of them, or the UI, may call them."""

    def __init__(self, house: "House", identity: str) -> None:
        self._house = house
        self._identity = identity

    @property
    def auth(self) -> Auth:
        return cast("Auth", self._door("auth"))

    @property
    def profiles(self) -> Profiles:
        return cast("Profiles", self._door("profiles"))

    @property
    def messaging(self) -> Messaging:
        return cast("Messaging", self._door("messaging"))

    @property
    def community(self) -> Communities:
        return cast("Communities", self._door("community"))

    def _door(self, service: str) -> object:
        return self._house.door(service, self._identity)


class House:
    """Some services in one process, on the parts they share. Made by `open_house`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        sharing: "Sharing | None" = None,
        push: Push | None = None,
    ) -> None:
        """`sharing` makes what processes share, from the settings unless told otherwise."""
        self.settings = settings
        self.clock = clock
        self.bus = Bus()
        self.keyring = _open_keys(settings)
        self.revocations = Revocations(clock)
        self.shared: Shared = (sharing or _share)(self)
        self._push = push
        self.services: dict[str, Any] = {}
        self.parts: dict[str, Parts[Any]] = {}
        self.outboxes: dict[str, Outbox] = {}
        self.databases: dict[str, Database] = {}
        self._signing_keys = PublishedKeys(self._published_keys, clock)
        self._doors: dict[tuple[str, str], Any] = {}
        self._transports: dict[str, Transport] = {}
        self._sessions: list[Any] = []

    def peers(self, identity: str) -> Peers:
        """All services as the one named `identity` may call them."""
        return Peers(self, identity)

    def door(self, service: str, identity: str) -> object:
        """One service's contract as `identity` may call it."""
        key = (service, identity)
        if key not in self._doors:
            self._doors[key] = self._open_door(service, identity)
        return self._doors[key]

    def build(self, service: str) -> list[BaseRoute]:
        """Build a service and return its routes."""
        made = self.assemble(service)
        return [
            *routes(
                made.contract,
                made.service,
                origin=self.settings.origin,
                guards=made.guards,
                answers=made.answers,
                trusted_proxies=self.settings.trusted_proxies,
            ),
            *made.own_routes(),
        ]

    def assemble(self, service: str) -> "Assembled":
        """Build a service, with all that it takes to answer for it."""
        parts = self.parts[service] = self._parts(service)
        built = import_module(f"backend.{service}.service").build(parts)
        self.services[service] = built
        api = _find_module(f"backend.{service}.api")
        guards = {**self._guards(service), **_offered(api, "guards", built, parts)}
        guards[Member] = _either(guards[Member], self._delegates(service))
        return Assembled(service, CONTRACTS[service], built, parts, api, guards)

    def react(self) -> None:
        """Connect handlers to events."""
        for kind, service, handler in REACTIONS:
            if service in self.services:
                self.bus.on(kind, getattr(self.services[service], handler), service)
        self.bus.on(SessionRevoked, self._on_session_revoked)

    async def prepare(self, *, is_migrating: bool = True) -> None:
        """Let each service lay out what it needs to start, on tables that are up to date.

        The monolith brings them up to date itself. Where a service runs several times, that is a
        step of the deployment: the first new process must not change what the old ones stand on.
        """
        for service in self.services:
            # Imported for those who migrate: a function never does.
            migrations = import_module("backend.kit.migrations")
            step = migrations.migrate if is_migrating else migrations.check_migrated
            await step(self._database(service), service)
        for built in self.services.values():
            if hasattr(built, "prepare"):
                await built.prepare()

    async def close(self) -> None:
        """Give everything back."""
        for database in self.databases.values():
            await database.close()
        for session in self._sessions:
            await session.close()

    def _open_door(self, service: str, identity: str) -> object:
        # The one rule of shapes: what is not served here runs where its URL says.
        if service in self.services:
            return local(CONTRACTS[service], self.services[service], identity=identity)
        url = self.settings.url_of(service)
        if not url:
            raise SettingError(f"{variable_of(f'{service}_url')} must say where {service} runs.")
        own = self.keyring.identity(identity)
        papers = Papers(
            ServiceSigner(own, self.clock), service, self._delegations(identity, own.kid)
        )
        contract: type[object] = CONTRACTS[service]
        return calling(contract, self._transport(url), papers)

    def _delegations(self, identity: str, kid: str) -> Delegations:
        async def ask(session_id: SessionId, audience: str, kid: str) -> tuple[str, int]:
            request = msgspec.convert(
                {"session_id": session_id, "aud": audience, "kid": kid}, Delegate
            )
            answer = await self.peers(identity).auth.delegate(Service(name=identity), request)
            return answer.token, answer.expires_at

        return Delegations(ask, kid, self.clock)

    def _transport(self, url: str) -> Transport:
        if url not in self._transports:
            self._transports[url] = self._open_transport(url)
        return self._transports[url]

    def _open_transport(self, url: str) -> Transport:
        # Each way is imported when it is gone: a function pays for no HTTP client it never uses.
        if url.startswith(LAMBDA):
            return cast(
                "Transport", import_module("backend.kit.lambdas.opening").open_function(url)
            )
        http = import_module("backend.kit.http.client")
        session = http.open_session(url)
        self._sessions.append(session)
        return cast("Transport", http.HttpTransport(url, session))

    async def _on_session_revoked(self, event: SessionRevoked) -> None:
        self.revocations.revoke_session(event.session_id)

    def _parts(self, service: str) -> Parts[Peers]:
        database = self._database(service)
        outbox = self.outboxes[service] = Outbox(service, database, self.shared.carrier, self.clock)
        return Parts(
            settings=self.settings,
            clock=self.clock,
            database=database,
            outbox=outbox,
            ephemera=self.shared.ephemera,
            limits=RateLimits(self.shared.ephemera, self.settings.rate_limit_scale),
            keyring=self.keyring,
            revocations=self.revocations,
            peers=self.peers(service),
            together=self.shared.together,
            push=self._push,
        )

    def _database(self, service: str) -> Database:
        url = self.settings.database_of(service)
        if url not in self.databases:
            self.databases[url] = Database(url, self.settings.database_connections)
        return self.databases[url]

    def _guards(self, service: str) -> Guards:
        return {
            Member: MemberVerifier(
                audience=service,
                public_origin=self.settings.origin,
                wrap_keys=self.keyring.wrap_keys(service),
                signing_keys=self._signing_keys,
                ephemera=self.shared.ephemera,
                revocations=self.revocations,
                clock=self.clock,
            ),
            Service: self._service_verifier(service),
        }

    def _service_verifier(self, service: str) -> ServiceVerifier:
        return ServiceVerifier(
            service, self.keyring.identity_keys(), self.shared.ephemera, self.clock
        )

    def _delegates(self, service: str) -> DelegateVerifier:
        return DelegateVerifier(
            audience=service,
            issuer=self.settings.origin,
            services=self._service_verifier(service),
            signing_keys=self._signing_keys,
            revocations=self.revocations,
            clock=self.clock,
        )

    async def _published_keys(self) -> Mapping[str, Any]:
        if "auth" in self.services:
            published = await self.services["auth"].get_jwks(Visitor(network="house"), GetJwks())
            return cast("dict[str, Any]", msgspec.to_builtins(published))
        url = self.settings.url_of("auth")
        return await fetch(self._transport(url), JWKS_PATH)


Sharing = Callable[[House], Shared]


@dataclass(frozen=True, slots=True)
class Assembled:
    """A service, and all that it takes to answer for it in whatever shape."""

    name: str
    contract: type
    service: Any
    parts: Parts[Any]
    api: ModuleType | None
    guards: Guards

    @property
    def answers(self) -> Answers:
        """Answers that are more than a body."""
        return _offered(self.api, "answers", self.service, self.parts)

    def own_routes(self) -> list[BaseRoute]:
        """What it serves beside its operations, its description included."""
        make: Callable[..., list[BaseRoute]] | None = getattr(self.api, "routes", None)
        own = make(self.service, self.parts) if make else []
        bodies = _offered(self.api, "bodies", self.service, self.parts)
        document = openapi(self.name, self.contract, self.parts.settings.origin, bodies)
        return [*own, Route(f"/{self.name}/v1/openapi.json", _serving(document))]


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    serve: Iterable[str] | None = None,
    clock: Clock | None = None,
    is_migrating: bool = True,
) -> AsyncGenerator[tuple[House, Starlette]]:
    """Open the house: start background work, and yield it with the app that serves it.

    Without `serve`, it serves every service that no URL says runs elsewhere.
    """
    house = House(settings, clock or SystemClock())
    chosen = [name for name in SERVICES if not settings.url_of(name)] if serve is None else serve
    served = [route for service in chosen for route in house.build(service)]
    house.react()
    try:
        await house.prepare(is_migrating=is_migrating)
        async with house.shared.running(), asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(outbox.run()) for outbox in house.outboxes.values()]
            running += [
                tasks.create_task(built.run())
                for built in house.services.values()
                if hasattr(built, "run")
            ]
            try:
                health = import_module("backend.kit.health")
                yield house, _app([*health.health_routes(house.databases.values()), *served])
            finally:
                for task in running:
                    task.cancel()
    finally:
        await house.close()


def _share(house: House) -> Shared:
    return share(house.settings.redis_url, house.clock, house.bus, house.revocations)


def _open_keys(settings: Settings) -> Keyring:
    if settings.keys:
        return Keyring.read(settings.keys, variable_of("keys"))
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Keyring.open(settings.data_dir / "keys.json")


def _either(member: Guard, delegate: Guard) -> Guard:
    """Members come themselves, or send a service. The scheme says which; there is no second try."""

    async def guard(request: RawRequest) -> object:
        is_delegate = request.headers.get("authorization", "").startswith(f"{SERVICE_SCHEME} ")
        return await (delegate if is_delegate else member)(request)

    return guard


def _app(served: list[BaseRoute]) -> Starlette:
    return Starlette(routes=served, exception_handlers={404: _not_found, 405: _not_allowed})


def _not_found(_request: Request, _error: Exception) -> Response:
    return refuse(NotFoundError("There is nothing here."))


def _not_allowed(_request: Request, error: Exception) -> Response:
    response = refuse(MethodNotAllowedError("That cannot be done here."))
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _serving(document: dict[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return JSONResponse(document)

    return serve


def _find_module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _offered(api: ModuleType | None, name: str, built: object, parts: Parts[Any]) -> dict[Any, Any]:
    offer = getattr(api, name, None)
    return dict(offer(built, parts)) if offer else {}
