from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.abroad import Abroad, abroad
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[AuthHouse]:
    async with auth_house(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def world(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Abroad]:
    """A house that people come to from elsewhere."""
    async with abroad(tmp_path / "abroad", clock) as opened:
        yield opened


@pytest.fixture
async def ada(house: AuthHouse) -> Device:
    return await house.member("ada")


@pytest.fixture
async def ben(house: AuthHouse) -> Device:
    return await house.member("ben")
