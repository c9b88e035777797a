"""A module of contract tests says which `services` it needs; the rest is given.

`doors` is the house over each transport in turn. `ada` and `ben` are registered; `cleo` is signed
in as well, but the event of her registration has not arrived anywhere.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from backend.kit.settings import Settings
from tests.contract.cast import CAST, Actor
from tests.contract.harness import TRANSPORTS, Doors, Transport, open_doors


@pytest.fixture
def services() -> tuple[str, ...]:
    raise NotImplementedError("a module of contract tests names the services it needs")


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> Transport:
    return request.param


@pytest.fixture
async def doors(
    tmp_path: Path, clock: ManualClock, services: tuple[str, ...], transport: Transport
) -> AsyncGenerator[Doors]:
    settings = Settings(data_dir=tmp_path, rate_limit_scale=1000)
    async with open_doors(settings, clock, services, transport) as opened:
        for built in opened.house.services.values():
            if hasattr(built, "_patience_seconds"):
                # Nobody is on the way here unless a test says so; waiting has tests of its own.
                built._patience_seconds = 0.02
        yield opened


@pytest.fixture
async def ada(doors: Doors, clock: ManualClock) -> Actor:
    await doors.tell(CAST["ada"].registered)
    clock.advance(1)
    return CAST["ada"]


@pytest.fixture
async def ben(doors: Doors, clock: ManualClock) -> Actor:
    await doors.tell(CAST["ben"].registered)
    clock.advance(1)
    return CAST["ben"]


@pytest.fixture
def cleo() -> Actor:
    return CAST["cleo"]
