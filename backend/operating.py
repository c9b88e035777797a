"""What an operator asks of auth from outside of the house: its first owner, and its keys.

Beside wiring, one of the places that see behind contracts: whoever holds the machine and its key
file needs no proof, and there is no contract for them. What is done here reaches the processes that
run by the tables, the key file and the outbox.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, TextIO

from backend.kit.clock import Clock, SystemClock
from backend.kit.settings import Settings
from backend.wiring import House


@asynccontextmanager
async def open_auth(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Any]:
    """The auth service on its tables and keys, without anybody being served.

    It says what ended in Redis where there is one, before this returns: functions look nowhere
    else, and processes hear it there at once.
    """
    house = House(settings, clock or SystemClock())
    auth = house.assemble("auth").service
    try:
        async with house.shared.running():
            yield auth
            settle = getattr(house.shared, "settle", None)
            if settle is not None:
                await settle()
    finally:
        await house.close()


async def create_owner(settings: Settings, username: str) -> None:
    """Make a member the owner, or one more of them. Raises NotFoundError."""
    first_run = import_module("backend.auth.service.first_run")
    async with open_auth(settings) as auth:
        await first_run.create_owner(auth.core, username)


async def offer_house(house: House, screen: TextIO) -> None:
    """Show a code for the first owner to whoever sits at the screen, while there is no owner.

    At a screen only: what goes into a file or a journal is read by others later, and this makes
    whoever reads it the owner.
    """
    auth = house.services.get("auth")
    if auth is None or not screen.isatty():
        return
    if code := await auth.offer_house():
        page = f"{house.settings.origin}/first-run"
        print(f"Nobody minds this house yet: register, go to {page} and say {code}", file=screen)
