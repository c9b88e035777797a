"""Auth with providers that can be made to misbehave."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.kit.clock import ManualClock
from deploy.providers.app import Fakes, configuration
from deploy.providers.faults import Faults
from tests.attacks.house import AuthHouse, auth_house
from tests.serving import free_socket, serving
from tests.watch.known import KNOWN


@dataclass(frozen=True)
class Abroad:
    """A house, and the places that people come from."""

    house: AuthHouse
    fakes: Fakes


@asynccontextmanager
async def abroad(
    data_dir: Path,
    clock: ManualClock,
    *,
    faults: dict[str, Any] | None = None,
    **more: dict[str, Any],
) -> AsyncGenerator[Abroad]:
    """Open a house whose providers are pretended. `more` changes or adds entries.

    `faults` are those that Acme has from the start.
    """
    listener, place = free_socket(), free_socket()
    port, away = listener.getsockname()[1], place.getsockname()[1]
    origin, elsewhere = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{away}"
    fakes = Fakes(elsewhere, origin, clock.now)
    fakes.acme.faults = Faults(**(faults or {}))
    acme = {"issuer": f"{elsewhere}/acme"}
    chosen = configuration(elsewhere, **{"acme": acme, **more})
    async with AsyncExitStack() as stack:
        # Closed also when the house does not open.
        stack.enter_context(listener)
        await stack.enter_async_context(serving(fakes.app, place))
        opening = auth_house(data_dir, clock, listener=listener, providers=chosen)
        yield Abroad(await stack.enter_async_context(opening), fakes)
    for provider in (fakes.google, fakes.acme, fakes.reddit):
        for token in provider._server.issued.tokens:
            KNOWN.add("provider's token", token)
