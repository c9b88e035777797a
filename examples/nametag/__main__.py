"""Name tags: register, get a face, say what you are. `python -m examples.nametag`.

A product that needs accounts and profiles, but neither rooms nor messages, takes those two services
and leaves the others. This file is all that it takes besides a page: it opens the house with two
services, and serves the page and SoSa's device keys beside them.
"""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.kit import logs
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.settings import SettingError, Settings
from backend.wiring import open_house
from deploy import ROOT, CannotStartError
from deploy.serving import listen, serve

HERE = Path(__file__).parent
DEVICE_KEYS = ROOT / "sosa_app" / "live" / "device"
"""The browser's half of signing in: plain modules that import nothing but each other."""
KEY_MODULES = {path.name for path in DEVICE_KEYS.glob("*.js")}


def app_of(settings: Settings) -> ASGIApp:
    """The product: two services, one page."""
    opened: list[ASGIApp] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with open_house(settings, serve=("auth", "profiles")) as (_, app):
            opened.append(app)
            yield

    async def services(scope: Scope, receive: Receive, send: Send) -> None:
        await opened[0](scope, receive, send)

    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/keys/{name}", _key_module),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Mount("", app=services),
        ],
        lifespan=lifespan,
    )
    return Edge(app, security_headers(settings.origin))


async def _page(_request: Request) -> Response:
    return FileResponse(HERE / "static" / "page.html", headers={"Cache-Control": "no-cache"})


async def _key_module(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in KEY_MODULES:
        return Response(status_code=404)
    return FileResponse(DEVICE_KEYS / name, media_type="text/javascript")


def main() -> int:
    """Serve until told to stop, and return an exit code."""
    try:
        settings = Settings.from_environment()
        logs.configure(settings.log_level)
        with listen(settings.host, settings.port) as listener:
            serve(lambda: app_of(settings), listener, f"Name tags at {settings.origin}")
    except (SettingError, CannotStartError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
