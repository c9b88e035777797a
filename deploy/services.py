"""Some of the services as one process: `sosa serve auth,profiles`, or the live door alone.

Any subset, any number of processes of each. Where the others run is told by `SOSA_<SERVICE>_URL`;
what they share is in PostgreSQL and Redis. Migrations are a step of their own (deploy.migrations).
"""

import argparse
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.kit import logs
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.settings import SERVICES, SettingError, Settings
from backend.operating import offer_house
from backend.wiring import open_house
from deploy import CannotStartError
from deploy.gateway import NAME as GATEWAY, serve_gateway
from deploy.serving import listen, listen_at, serve


def main(words: Sequence[str]) -> int:
    """Serve what was asked for until told to stop, and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.services", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(words).services)


def add_arguments(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    """What may be asked for."""
    parser.add_argument(
        "services",
        nargs=nargs,
        type=_names,
        help=f"of {', '.join(SERVICES)}, with commas between; or {GATEWAY} alone",
    )


def run(names: Sequence[str]) -> int:
    """Serve until told to stop, and return an exit code."""
    try:
        settings = Settings.from_environment()
        place = settings.socket or f"{settings.host}:{settings.port}"
        listener = (
            listen_at(Path(settings.socket))
            if settings.socket
            else listen(settings.host, settings.port)
        )
        greeting = f"{', '.join(names)} at {place}"
        with listener:
            if GATEWAY in names:
                serve_gateway(settings, listener, greeting)
            else:
                serve(_factory(settings, names), listener, greeting)
    except (SettingError, CannotStartError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if GATEWAY in names and len(names) > 1:
        # A process is either an HTTP server or the live door, so that each dies alone.
        raise argparse.ArgumentTypeError(f"{GATEWAY} is a process of its own")
    for name in names:
        if name not in (*SERVICES, GATEWAY):
            raise argparse.ArgumentTypeError(f"there is no service {name!r}")
    return names


def _factory(settings: Settings, names: Sequence[str]) -> Callable[[], ASGIApp]:
    logs.configure(settings.log_level)
    opened: list[ASGIApp] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with open_house(settings, serve=names, is_migrating=False) as (house, app):
            await offer_house(house, sys.stdout)
            opened.append(app)
            yield

    async def forward(scope: Scope, receive: Receive, send: Send) -> None:
        await opened[0](scope, receive, send)

    app = Starlette(routes=[Mount("", app=forward)], lifespan=lifespan)
    return lambda: Edge(app, security_headers(settings.origin, settings.media_origin))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
