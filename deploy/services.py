"""Some of the services as one process: `python -m deploy.services auth,profiles`.

Any subset, any number of processes of each. Where the others run is told by `SOSA_<SERVICE>_URL`;
what they share is in PostgreSQL and Redis. Migrations are a step of their own (deploy.migrations).
"""

import argparse
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.kit import logs
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.settings import SERVICES, SettingError, Settings
from backend.messaging.live.standalone import gateway_server
from backend.operating import offer_house
from backend.wiring import open_house
from deploy import CannotStartError
from deploy.serving import listen, listen_at, serve


def main() -> int:
    """Serve what was asked for until told to stop, and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.services", description=__doc__)
    parser.add_argument("services", type=_names, help=f"of {', '.join(SERVICES)}; commas between")
    names = parser.parse_args().services
    try:
        settings = Settings.from_environment()
        place = settings.socket or f"{settings.host}:{settings.port}"
        listener = (
            listen_at(Path(settings.socket))
            if settings.socket
            else listen(settings.host, settings.port)
        )
        with listener:
            serve(_factory(settings, names), listener, f"{', '.join(names)} at {place}")
    except (SettingError, CannotStartError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in SERVICES:
            raise argparse.ArgumentTypeError(f"there is no service {name!r}")
    return names


def _factory(settings: Settings, names: Sequence[str]) -> Callable[[], ASGIApp]:
    logs.configure(settings.log_level)
    opened: list[ASGIApp] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            opening = open_house(settings, serve=names, is_migrating=False)
            house, app = await stack.enter_async_context(opening)
            await offer_house(house, sys.stdout)
            if settings.live_socket and "messaging" in names:
                listener = stack.enter_context(listen_at(Path(settings.live_socket)))
                live = gateway_server(
                    house.services["messaging"], house.parts["messaging"], listener
                )
                await stack.enter_async_context(live)
            opened.append(app)
            yield

    async def forward(scope: Scope, receive: Receive, send: Send) -> None:
        await opened[0](scope, receive, send)

    app = Starlette(routes=[Mount("", app=forward)], lifespan=lifespan)
    return lambda: Edge(app, security_headers(settings.origin))


if __name__ == "__main__":
    sys.exit(main())
