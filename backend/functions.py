"""Services as functions: an execution environment serves one service, one call after the other.

There is nothing in the background. What a process does meanwhile, a call does before it ends (tell
what was committed, deliver events), and the clock invokes the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog

from backend.auth.contract import SessionRevoked
from backend.kit import logs
from backend.kit.clock import SystemClock
from backend.kit.errors import UnavailableError
from backend.kit.http import context
from backend.kit.http.answering import Answering, refuse
from backend.kit.http.policy import security_headers
from backend.kit.lambdas.http import Event, HttpFunction, Result, headers_of, is_ask, result_of
from backend.kit.lambdas.invoke import SCHEME, FunctionCarrier
from backend.kit.lambdas.manifest import Manifest
from backend.kit.lambdas.opening import lambda_service, open_push
from backend.kit.lambdas.shared import InFunctions
from backend.kit.lambdas.sockets import SocketEvent, connect_result
from backend.kit.op import operations
from backend.kit.settings import Settings
from backend.wiring.house import REACTIONS as HOUSE_REACTIONS, Assembled, House

MARGIN_SECONDS = 0.5
"""How long before AWS would end a call without a word it is ended with one."""

Work = Callable[["Opened"], Awaitable[Result]]

REACTIONS = (*HOUSE_REACTIONS, (SessionRevoked, "messaging", "session_ended"))
"""Handlers are methods of the service, or of its live door: no process of ours holds the sockets
of a session that has ended."""
_log = structlog.get_logger("sosa.functions")


class Opened:
    """The house of one service, opened at the first call and kept while AWS keeps it."""

    def __init__(self, service: str, settings: Settings) -> None:
        push = open_push(settings.push_url) if settings.push_url else None
        self._functions: list[InFunctions] = []
        self.house = House(settings, SystemClock(), self._share, push)
        self.made = self.house.assemble(service)
        open_door = getattr(self.made.api, "door", None) if push else None
        self.door: Any = open_door(self.made.service, self.made.parts) if open_door else None
        for kind, reacting, handler in REACTIONS:
            if reacting == service:
                target = getattr(self.made.service, handler, None) or getattr(self.door, handler)
                self.house.bus.on(kind, target, service)
        self.shared = self._functions[0]
        chosen = {name for name in settings.operations.split(",") if name}
        # Nobody but functions that AWS lets through comes to `internal`, and each shows who it is.
        self.public = _http(self.made, chosen)
        self.internal = _http(self.made, {item.name for item in operations(self.made.contract)})

    async def finish(self) -> None:
        """Do before the end of a call what a process would do after it."""
        if hasattr(self.made.service, "settle"):
            await self.made.service.settle()
        await self.shared.tell()
        outbox = self.house.outboxes[self.made.name]
        if outbox.has_news:
            await outbox.deliver_all()

    def _share(self, house: House) -> InFunctions:
        settings = house.settings
        targets: dict[str, tuple[str, ...]] = {}
        for kind, service, _ in REACTIONS:
            url = settings.url_of(service)
            if url.startswith(SCHEME):
                known = targets.get(kind.__name__, ())
                targets[kind.__name__] = (*known, url.removeprefix(SCHEME))
        carrier = FunctionCarrier(lambda_service(), targets)
        shared = InFunctions(settings.redis_url, house.clock, carrier, house.revocations)
        self._functions.append(shared)
        return shared


class Functions:
    """The handlers of a service. AWS calls each with an event and what it knows of the call."""

    def __init__(self, manifest: Manifest) -> None:
        self._service = manifest.service
        # One loop for the life of the environment: connections belong to the loop that made them.
        self._runner: asyncio.Runner | None = None
        self._opened: Opened | None = None

    def http(self, event: Event, lambda_context: Any) -> Result:  # noqa: ANN401 - AWS's own
        """A request that came through the HTTP API."""
        return self._run(event, lambda_context, lambda opened: opened.public.handle(event))

    def internal(self, event: Event, lambda_context: Any) -> Result:  # noqa: ANN401 - AWS's own
        """What only other functions may ask or tell, and the clock."""
        return self._run(event, lambda_context, lambda opened: _inside(opened, event))

    def live(self, event: Event, lambda_context: Any) -> Result:  # noqa: ANN401 - AWS's own
        """What happens at a socket that API Gateway holds."""
        return self._run(event, lambda_context, lambda opened: _at_socket(opened, event))

    def _run(self, event: Event, lambda_context: Any, work: Work) -> Result:  # noqa: ANN401
        if self._runner is None:
            self._runner = asyncio.Runner()
        left = lambda_context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS
        return self._runner.run(self._perform(event, left, work))

    async def _perform(self, event: Event, seconds: float, work: Work) -> Result:
        headers = headers_of(event)
        identity = context.request_id(headers.get("x-request-id", ""))
        with logs.request_id(identity), context.received(_deadline(headers, seconds)):
            try:
                opened = self._open()
                await opened.shared.learn()
                result = await work(opened)
                await opened.finish()
            except UnavailableError as error:
                if not is_ask(event):
                    raise
                return result_of(refuse(error))
        result.setdefault("headers", {})["x-request-id"] = identity
        return result

    def _open(self) -> Opened:
        if self._opened is None:
            settings = Settings.from_environment()
            logs.configure(settings.log_level)
            self._opened = Opened(self._service, settings)
        return self._opened


def _deadline(headers: Mapping[str, str], seconds: float) -> dict[str, str]:
    told = headers.get(context.DEADLINE_HEADER, "")
    left = min(int(told) if told.isdigit() else 10**6, max(0, int(seconds * 1000)))
    return {**headers, context.DEADLINE_HEADER: str(left)}


def _http(made: Assembled, chosen: Collection[str]) -> HttpFunction:
    settings = made.parts.settings
    return HttpFunction(
        operations(made.contract),
        [
            Answering(
                item, made.service, origin=settings.origin, guards=made.guards, answers=made.answers
            )
            for item in operations(made.contract)
            if item.name in chosen
        ],
        made.own_routes(),
        headers=security_headers(settings.origin, settings.media_origin),
        trusted_proxies=settings.trusted_proxies,
    )


async def _inside(opened: Opened, event: Event) -> Result:
    if is_ask(event):
        return await opened.internal.handle(event)
    if "sosa_event" in event:
        await opened.house.bus.dispatch(event["sosa_event"], event["payload"].encode())
        return {}
    await _keep_house(opened)
    return {}


async def _keep_house(opened: Opened) -> None:
    """What is due by the clock, and what a process does when it starts: twice is once."""
    for duty in ("prepare", "keep_house"):
        if hasattr(opened.made.service, duty):
            await getattr(opened.made.service, duty)()
    if opened.door is not None:
        await opened.door.sweep()
    await opened.house.outboxes[opened.made.name].deliver_all()


async def _at_socket(opened: Opened, event: Event) -> Result:
    door = opened.door
    heard = SocketEvent(event)
    match heard.kind:
        case "CONNECT":
            return connect_result(await door.connect(heard.id, heard.headers, heard.network))
        case "MESSAGE":
            await door.heard(heard.id, heard.frame)
        case _:
            await door.gone(heard.id)
    return {"statusCode": 200}
