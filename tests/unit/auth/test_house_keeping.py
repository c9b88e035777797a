import asyncio
import contextlib
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service import house_keeping
from backend.auth.service.account_rules import network_of
from backend.kit.clock import utc
from backend.kit.ids import UserId
from tests.attacks.house import AuthHouse
from tests.device import PASSWORD, Device, RefusedError


async def count(house: AuthHouse, table: type) -> int:
    async with house.auth._parts.database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)))


async def test_what_nobody_asks_for_again_is_forgotten(house: AuthHouse, ada: Device) -> None:
    await ada.refresh()
    sweep = house.auth._house_keeping.sweep
    await sweep()
    assert await count(house, models.Preauth) == 1
    assert await count(house, models.Refresh) == 2
    house.clock.advance(8 * 86_400)
    await sweep()
    assert await count(house, models.Preauth) == 0
    assert await count(house, models.Refresh) == 1
    assert await count(house, models.SeenSecret) == 1
    house.clock.advance(400 * 86_400)
    await sweep()
    assert await count(house, models.SeenSecret) == 0


async def test_it_goes_on_after_a_failure(
    house: AuthHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_keeping, "INTERVAL_SECONDS", 0)
    rounds: list[int] = []
    went_on = asyncio.Event()

    class Failing:
        async def advance(self) -> None:
            rounds.append(1)
            if len(rounds) < 3:
                raise ConnectionError
            went_on.set()

    keeping = house_keeping.HouseKeeping(house.auth._parts, Failing())  # pyright: ignore[reportArgumentType] - a fake that fails
    task = asyncio.create_task(keeping.run())
    await went_on.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_an_old_hash_is_renewed_when_its_owner_comes_by(
    house: AuthHouse, ada: Device
) -> None:
    accounts, passwords = house.auth._core.accounts, house.auth._core.passwords
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with house.auth._parts.database.transaction() as session:
        await accounts.update_password(session, ada.user["id"], weaker)
    assert passwords.is_outdated(weaker)
    await house.device().sign_in("ada")
    async with house.auth._parts.database.reading() as session:
        found = await accounts.find_claimed(session, "ada")
    assert not passwords.is_outdated(found.hashed)


async def test_a_verified_address_is_as_good_as_the_name(house: AuthHouse) -> None:
    await house.device().register("ada", email="ada@sosa.example")
    async with house.auth._parts.database.transaction() as session:
        row = (await session.scalars(select(models.UserEmail))).one()
        row.verified_at = utc(house.clock) - timedelta(days=1)
        session.add(row)
    device = house.device()
    await device.sign_in(" ADA@sosa.example")
    assert device.user["username"] == "ada"


async def test_a_locked_account_opens_nothing(house: AuthHouse, ada: Device) -> None:
    async with house.auth._parts.database.transaction() as session:
        user = (await session.scalars(select(models.User))).one()
        user.state = "suspended"
        session.add(user)
    with pytest.raises(RefusedError, match="403 account_banned"):
        await house.device().sign_in("ada")
    with pytest.raises(RefusedError, match="401 invalid_grant"):
        await ada.refresh()


async def test_a_session_that_ran_out_has_nothing_to_show(house: AuthHouse, ada: Device) -> None:
    async with house.auth._parts.database.transaction() as session:
        row = (
            await session.scalars(
                select(models.Session).where(col(models.Session.id) == ada.session)
            )
        ).one()
        row.expires_at = utc(house.clock)
        session.add(row)
    for method, path, body in (
        ("GET", "/auth/v1/session", None),
        ("POST", "/auth/v1/tickets", {"aud": "ui"}),
    ):
        assert (await ada.call("auth", method, path, body)).code == "invalid_token"


async def test_a_raised_epoch_ends_tokens(house: AuthHouse, ada: Device) -> None:
    house.house.revocations.raise_epoch(UserId(ada.user["id"]), 1)
    assert (await ada.call("auth", "GET", "/auth/v1/session")).code == "invalid_token"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unix", "unknown"),
    ],
)
def test_a_network_is_what_one_person_controls(address: str, network: str) -> None:
    assert network_of(address) == network
