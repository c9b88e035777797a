"""The UI's door to the services: the only module here that knows there is a wiring."""

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.auth.contract import Auth
from backend.community.contract import Communities
from backend.kit import logs
from backend.kit.errors import NotFoundError
from backend.kit.http.answering import refuse
from backend.kit.http.inside import is_inside
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.http.network import read_networks
from backend.kit.settings import Settings
from backend.kit.tokens.revocations import Revocations
from backend.messaging.contract import Messaging
from backend.operating import offer_house
from backend.profiles.contract import Profiles
from backend.wiring import House, Peers, open_house
from sosa_app.well_known import find_answer

IDENTITY = "ui"
PREFIXES = ("/auth/v1/", "/profiles/", "/messaging/", "/community/", "/internal/")
CREDENTIALS = {b"cookie", b"authorization", b"sosa-proof"}
CALLBACK = "/auth/callback/"
"""Below it, the page that a provider sends a browser back to: one address for each of them."""
FITS_ALL = "/__spa-fallback.html"
EXACT = {"/healthz", "/readyz", "/metrics"}
INNER, INNER_PREFIX = {"/readyz", "/metrics"}, "/internal/"
"""Part of the above that is nobody else's: on the port that members come to, they are told that it
is not there, and cannot even try."""
CHANGE_PASSWORD = "/.well-known/change-password"  # noqa: S105 - an address
"""Where password managers look for the page that changes one (W3C, change-password-url)."""


@dataclass(slots=True)
class _Open:
    house: House
    peers: Peers
    app: Starlette


_open: list[_Open] = []


@asynccontextmanager
async def lifespan() -> AsyncGenerator[None]:
    """Open the house for as long as the app runs; Reflex runs this in each worker."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    async with open_house(settings) as (house, app):
        await offer_house(house, sys.stdout)
        _open.append(_Open(house, house.peers(IDENTITY), app))
        try:
            yield
        finally:
            _open.clear()


def mounts() -> list[Callable[[ASGIApp], ASGIApp]]:
    """What wraps Reflex's own app: the services' paths go to the house, the rest to Reflex."""
    chosen = Settings.from_environment()
    headers = security_headers(chosen.origin, chosen.media_origin)
    return [lambda reflex: Edge(_Split(reflex), headers)]


def auth() -> Auth:
    """The auth service, as the UI may call it."""
    return _now().peers.auth


def profiles() -> Profiles:
    """The profiles service, as the UI may call it."""
    return _now().peers.profiles


def messaging() -> Messaging:
    """The messaging service, as the UI may call it."""
    return _now().peers.messaging


def community() -> Communities:
    """The community service, as the UI may call it."""
    return _now().peers.community


def settings() -> Settings:
    """The settings of this process."""
    return _now().house.settings


def revocations() -> Revocations:
    """The sessions that ended before their tokens did."""
    return _now().house.revocations


def _now() -> _Open:
    if not _open:
        raise RuntimeError("the house is not open; the app's lifespan has not started")
    return _open[0]


class _Split:
    """Sends a request to the house or to Reflex, by its path."""

    def __init__(self, reflex: ASGIApp) -> None:
        self._reflex = reflex

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        ours = scope["type"] in {"http", "websocket"} and (
            path in EXACT or path.startswith(PREFIXES)
        )
        if path == CHANGE_PASSWORD and scope["type"] == "http":
            there = RedirectResponse("/settings#password", status_code=302)
            await there(scope, receive, send)
        elif ours and _is_kept_from(scope, path):
            await refuse(NotFoundError("There is nothing here."))(scope, receive, send)
        elif ours:
            await _now().app(scope, receive, send)
        elif scope["type"] == "http" and (answer := find_answer(path, settings().origin)):
            await answer(scope, receive, send)
        else:
            await self._reflex(_page_of(_without_credentials(scope)), receive, send)


def _is_kept_from(scope: Scope, path: str) -> bool:
    if scope["type"] != "http" or not (path in INNER or path.startswith(INNER_PREFIX)):
        return False
    given = settings()
    return not is_inside(scope, read_networks(given.inside), given.trusted_proxies)


def _page_of(scope: Scope) -> Scope:
    # A page whose address has a variable in it is in no file: the browser finds it by the address,
    # once it has the one that fits all. Reflex would send that too, and call it missing.
    if scope["type"] == "http" and scope["path"].startswith(CALLBACK):
        return {**scope, "path": FITS_ALL, "raw_path": FITS_ALL.encode()}
    return scope


def _without_credentials(scope: Scope) -> Scope:
    # Reflex needs no cookie (a page attaches by ticket and proof), and it writes all headers of an
    # event with an unknown handler into the log. What it never sees, it cannot tell.
    if "headers" not in scope:
        return scope
    kept = [pair for pair in scope["headers"] if pair[0] not in CREDENTIALS]
    return {**scope, "headers": kept}
