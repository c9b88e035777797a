"""Some services in one process, on the parts they share."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.auth.contract import (
    EpochRaised,
    ExportWanted,
    SessionRevoked,
    SigningKeyDropped,
    UserDeleted,
    UserForgotten,
    UserRegistered,
)
from backend.kit.clock import Clock, SystemClock
from backend.kit.database import Database
from backend.kit.endings import end
from backend.kit.ephemera import RateLimits
from backend.kit.events import Bus, Outbox
from backend.kit.http.answering import Answers, Guards
from backend.kit.http.openapi import openapi
from backend.kit.http.routes import routes
from backend.kit.key_files import FILE
from backend.kit.keyring import Keyring
from backend.kit.parts import Parts
from backend.kit.push import Push
from backend.kit.settings import SERVICES, Settings, variable_of
from backend.kit.shared import Shared, share
from backend.kit.tokens.published import PublishedKeys
from backend.kit.tokens.revocations import Revocations
from backend.wiring.app import app_of
from backend.wiring.doors import CONTRACTS, Doors, Peers
from backend.wiring.guards import Gatekeeper

REACTIONS = (
    (UserRegistered, "profiles", "on_user_registered"),
    (UserRegistered, "community", "on_user_registered"),
    (ExportWanted, "profiles", "on_export_wanted"),
    (ExportWanted, "community", "on_export_wanted"),
    (ExportWanted, "messaging", "on_export_wanted"),
    (UserDeleted, "profiles", "on_user_deleted"),
    (UserDeleted, "community", "on_user_deleted"),
    (UserDeleted, "messaging", "on_user_deleted"),
    (UserForgotten, "auth", "on_user_forgotten"),
)


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
        self.keyring = _open_keys(settings, clock)
        self.revocations = Revocations(clock)
        self.shared: Shared = (sharing or _share)(self)
        self._push = push
        self.doors = Doors(settings, self.keyring, clock, self.revocations)
        self.parts: dict[str, Parts[Any]] = {}
        self.outboxes: dict[str, Outbox] = {}
        self.databases: dict[str, Database] = {}
        self._gatekeeper = Gatekeeper(
            settings.origin,
            self.keyring,
            PublishedKeys(self.published_keys, clock, self.revocations),
            self.shared.ephemera,
            self.revocations,
            clock,
        )

    @property
    def services(self) -> dict[str, Any]:
        """What is served here, by name."""
        return self.doors.services

    def peers(self, identity: str) -> Peers:
        """All services as the one named `identity` may call them."""
        return Peers(self.doors, identity)

    async def published_keys(self) -> Mapping[str, Any]:
        """What access tokens may be signed with, as auth says."""
        return await self.doors.published_keys()

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
        guards = self._gatekeeper.guards(service, _offered(api, "guards", built, parts))
        return Assembled(service, CONTRACTS[service], built, parts, api, guards)

    def react(self) -> None:
        """Connect handlers to events."""
        for kind, service, handler in REACTIONS:
            if service in self.services:
                self.bus.on(kind, getattr(self.services[service], handler), service)
        self.bus.on(SessionRevoked, self._on_session_revoked)
        self.bus.on(EpochRaised, self._on_epoch_raised)
        self.bus.on(SigningKeyDropped, self._on_signing_key_dropped)

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
        await self.doors.close()

    async def _on_session_revoked(self, event: SessionRevoked) -> None:
        self.revocations.revoke_session(event.session_id)

    async def _on_epoch_raised(self, event: EpochRaised) -> None:
        self.revocations.raise_epoch(event.user_id, event.epoch)

    async def _on_signing_key_dropped(self, event: SigningKeyDropped) -> None:
        self.revocations.drop_key(event.kid)

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
                yield house, app_of([*health.health_routes(house.databases.values()), *served])
            finally:
                await end(*running)
    finally:
        await house.close()


def _share(house: House) -> Shared:
    return share(house.settings.redis_url, house.clock, house.bus, house.revocations)


def _open_keys(settings: Settings, clock: Clock) -> Keyring:
    if settings.keys:
        return Keyring.read(settings.keys, variable_of("keys"), clock=clock)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Keyring.open(settings.data_dir / FILE, clock)


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
