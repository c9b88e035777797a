"""A house with only auth in it, over real HTTP, and devices at its door."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from backend.kit.clock import ManualClock
from backend.kit.http.middleware import Edge, security_headers
from backend.kit.settings import Settings
from backend.wiring import House, open_house
from tests.device import Device
from tests.serving import free_socket, serving


@dataclass(frozen=True)
class AuthHouse:
    """Auth behind HTTP."""

    house: House
    url: str
    http: aiohttp.ClientSession
    clock: ManualClock

    @property
    def auth(self) -> Any:
        return self.house.services["auth"]

    def device(self, name: str = "Test device") -> Device:
        """A device nobody has signed in on."""
        origin = self.house.settings.origin
        return Device(self.http, self.url, origin, now=self.clock.now, name=name)

    async def member(self, username: str) -> Device:
        """A device on which a new member has just registered."""
        device = self.device()
        await device.register(username)
        return device


@asynccontextmanager
async def auth_house(
    data_dir: Path,
    clock: ManualClock,
    *,
    scale: float = 1000,
    serve: tuple[str, ...] = ("auth",),
    listener: socket.socket | None = None,
    **settings: Any,
) -> AsyncGenerator[AuthHouse]:
    """Open a house; a second one on the same folder is the first after a restart."""
    listener = listener or free_socket()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = {"public_origin": url, **settings}
    chosen = Settings(data_dir=data_dir, rate_limit_scale=scale, **settings)
    jar = aiohttp.DummyCookieJar()
    async with (
        open_house(chosen, serve=serve, clock=clock) as (house, app),
        serving(Edge(app, security_headers(chosen.origin)), listener),
        aiohttp.ClientSession(cookie_jar=jar) as http,
    ):
        yield AuthHouse(house, url, http, clock)
