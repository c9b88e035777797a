from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.abroad import Abroad, abroad
from tests.visits import depart, sign_in, sign_up, link


@pytest.fixture
async def world(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Abroad]:
    async with abroad(tmp_path, clock) as opened:
        yield opened


@pytest.mark.parametrize("provider", ["google", "reddit", "acme"])
async def test_up_and_in(world: Abroad, provider: str):
    trip = await sign_up(world.house.device(), provider, "Zoe", "zoe")
    assert trip.device.user["username"] == "zoe"
    assert (await trip.device.call("auth", "GET", "/auth/v1/session")).response["amr"] == ["fed"]
    r = await sign_in(world.house.device(), provider, "zoe")
    assert r.status == 200, r.body
    other = "reddit" if provider != "reddit" else "google"
    r = await link(trip.device, world.house.device(), other, "Ben")
    assert r.status == 200, r.body
    r = await trip.device.call("auth", "GET", "/auth/v1/providers/linked")
    assert len(r.response["linked"]) == 2
