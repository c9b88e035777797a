"""What the processes of a house have in common: in this process alone, or in Redis."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Protocol

from backend.kit.channels import Together
from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera, InProcessEphemera
from backend.kit.events import Bus, Carrier
from backend.kit.tokens.revocations import Revocations


class Shared(Protocol):
    """Built without I/O; what it does, it does while it is `running`."""

    @property
    def ephemera(self) -> Ephemera: ...

    @property
    def carrier(self) -> Carrier:
        """Brings events from outboxes to whoever reacts."""
        ...

    @property
    def together(self) -> Together | None:
        """What works beside others of its kind; None when there are none."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Do what it does in the background, and give everything back at the end."""
        ...


class InProcess:
    """One process, which has everything in common with itself."""

    def __init__(self, clock: Clock, bus: Bus) -> None:
        self.ephemera = InProcessEphemera(clock)
        self.carrier = bus
        self.together: Together | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        yield


def share(redis_url: str, clock: Clock, bus: Bus, revocations: Revocations) -> Shared:
    """What `redis_url` says; "" is this process alone."""
    if not redis_url:
        return InProcess(clock, bus)
    # Imported when it is wanted: a house of one process does not pay for a client it never uses.
    found: Shared = import_module("backend.kit.redis.parts").InRedis(
        redis_url, clock, bus, revocations
    )
    return found
