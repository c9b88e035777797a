"""Attack 95: an account elsewhere is one factor, and leads past neither a second one nor a ban."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from backend.auth import models
from tests.attacks.abroad import Abroad
from tests.device import RefusedError
from tests.locks import STEP_SECONDS, add_totp, totp
from tests.visits import Trip, depart, sign_up


async def come_back(world: Abroad) -> tuple[Trip, dict[str, str]]:
    trip = await depart(world.house.device(), "google")
    reply, opened = await trip.try_complete(await trip.consent("Zoe"))
    assert reply.status == 200, reply.code
    return trip, opened or reply.response


async def test_95_a_second_factor_is_asked_for_after_a_provider(world: Abroad):
    zoe = (await sign_up(world.house.device(), "google", "Zoe", "zoe")).device
    _, opened = await come_back(world)
    assert "access" in opened, "without a second factor the provider is enough"
    secret = await add_totp(zoe)
    trip, asked = await come_back(world)
    assert (asked["next"], asked["methods"]) == ("second_factor", ["totp"])
    assert not trip.device.access
    with pytest.raises(RefusedError, match="bad_factor"):
        await trip.device.finish("factor", {"type": "totp", "value": "000000"})
    world.house.clock.advance(STEP_SECONDS)
    code = totp(secret, world.house.clock.now())
    await trip.device.finish("factor", {"type": "totp", "value": code})
    current = (await trip.device.call("auth", "GET", "/auth/v1/session")).response
    assert (current["amr"], current["acr"]) == (["fed", "otp", "mfa"], "high")


async def test_who_is_banned_is_told_so_and_stays_out(world: Abroad):
    zoe = (await sign_up(world.house.device(), "google", "Zoe", "zoe")).device
    await come_back(world)
    values = {"state": "banned", "state_reason": "Too many lions"}
    async with world.house.auth._parts.database.transaction() as session:
        banned = col(models.User.id) == zoe.user["id"]
        await session.execute(update(models.User).where(banned).values(**values))
    trip = await depart(world.house.device(), "google")
    reply, _ = await trip.try_complete(await trip.consent("Zoe"))
    assert (reply.status, reply.code) == (403, "account_banned")
    assert "Too many lions" in reply.json["errors"][0]["message"]
