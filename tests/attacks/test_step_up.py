"""Step-up (docs/sign-in.md 14): who could take an account away shows who they are, just now."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.conftest import Postgres
from tests.device import PASSWORD, Device, RefusedError
from tests.locks import (
    STEP_SECONDS,
    add_passkey,
    add_totp,
    authenticator,
    recovery_codes,
    step_up,
    step_up_options,
    totp,
)

GUARDED: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("POST", "/auth/v1/totp", {}),
    ("POST", "/auth/v1/totp/confirm", {"code": "000000"}),
    ("DELETE", "/auth/v1/totp", None),
    ("POST", "/auth/v1/recovery-codes", {}),
    ("POST", "/auth/v1/passkeys/options", {}),
    ("POST", "/auth/v1/passkeys", {"credential": "{}", "name": "x"}),
    ("PATCH", "/auth/v1/passkeys/some", {"name": "x"}),
    ("DELETE", "/auth/v1/passkeys/some", None),
)


async def later(house: AuthHouse, device: Device, seconds: int = 601) -> None:
    house.clock.advance(seconds)
    await device.refresh()


async def ways(device: Device) -> list[str]:
    return (await device.call("auth", "GET", "/auth/v1/stepup")).response["methods"]


async def test_a_session_that_is_merely_open_changes_no_lock(house: AuthHouse, ada: Device) -> None:
    async def codes() -> list[str]:
        return [(await ada.call("auth", *guarded)).code for guarded in GUARDED]

    assert "step_up_required" not in await codes()
    await later(house, ada)
    assert await codes() == ["step_up_required"] * len(GUARDED)
    await step_up(ada, "password", PASSWORD)
    assert "step_up_required" not in await codes()


async def test_step_up_makes_no_session_and_the_old_token_gains_nothing(
    house: AuthHouse, ada: Device
) -> None:
    await later(house, ada)
    old = ada.access["auth"]
    await step_up(ada, "password", PASSWORD)
    sessions = (await ada.call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
    assert len(sessions) == 1
    reply = await ada.prove("auth", "POST", "/auth/v1/totp", {}, token=old)
    assert reply.code == "step_up_required"
    await ada.refresh()
    assert (await ada.call("auth", "POST", "/auth/v1/totp", {})).status == 200


async def test_who_has_a_second_factor_must_show_it(house: AuthHouse, ada: Device) -> None:
    assert await ways(ada) == ["password"]
    await step_up(ada, "password", PASSWORD)
    secret = await add_totp(ada)
    await later(house, ada)
    assert await ways(ada) == ["totp"]
    with pytest.raises(RefusedError, match="bad_factor"):
        await step_up(ada, "password", PASSWORD)
    await step_up(ada, "totp", totp(secret, house.clock.now()))
    current = (await ada.call("auth", "GET", "/auth/v1/session")).response
    assert (current["amr"], current["acr"]) == (["pwd", "otp", "mfa"], "high")


async def test_a_code_is_spent_by_step_up_too(house: AuthHouse, ada: Device) -> None:
    secret = await add_totp(ada)
    house.clock.advance(STEP_SECONDS)
    code = totp(secret, house.clock.now())
    told = await asyncio.gather(
        *(step_up(ada, "totp", code) for _ in range(5)), return_exceptions=True
    )
    assert sum(answer is None for answer in told) == 1
    assert {answer.code for answer in told if isinstance(answer, RefusedError)} == {"bad_factor"}


async def test_a_passkey_or_a_recovery_code_will_do(house: AuthHouse, ada: Device) -> None:
    key = await add_passkey(ada, authenticator(ada, count=1))
    codes = await recovery_codes(ada)
    await later(house, ada)
    assert await ways(ada) == ["passkey", "recovery_code"]
    answer = key.get(await step_up_options(ada))
    await step_up(ada, "passkey", answer)
    with pytest.raises(RefusedError, match="bad_factor"):
        await step_up(ada, "passkey", answer)
    await step_up(ada, "recovery_code", codes[3])
    with pytest.raises(RefusedError, match="bad_factor"):
        await step_up(ada, "recovery_code", codes[3])


async def test_another_members_factor_confirms_nobody(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    key, bens = await add_passkey(ada), await add_passkey(ben)
    with pytest.raises(RefusedError, match="bad_factor"):
        await step_up(ada, "passkey", bens.get(await step_up_options(ada)))
    asked_of_ben = await step_up_options(ben)
    with pytest.raises(RefusedError, match="bad_factor"):
        await step_up(ada, "passkey", key.get(asked_of_ben))
    await step_up(ada, "passkey", key.get(await step_up_options(ada)))


async def test_tries_are_few_and_a_strangers_do_not_count(house: AuthHouse, ada: Device) -> None:
    other = house.device("Other device")
    await other.sign_in("ada")
    async with auth_house(house.house.settings.data_dir, house.clock, scale=1) as strict:
        for device in (ada, other):
            device.base_url = device.origin = strict.url
            device.http = strict.http
            await device.refresh()
        told: list[str] = []
        for _ in range(6):
            with pytest.raises(RefusedError) as refused:
                await step_up(other, "password", "not the one at all")
            told.append(refused.value.code)
        assert told == ["bad_factor"] * 5 + ["rate_limited"]
        await step_up(ada, "password", PASSWORD)


async def test_the_log_tells_of_step_up_and_of_what_was_refused(
    house: AuthHouse, ada: Device
) -> None:
    with pytest.raises(RefusedError):
        await step_up(ada, "password", "not the one at all")
    await step_up(ada, "password", PASSWORD)
    with sqlite3.connect(house.house.settings.data_dir / "sosa.db") as database:
        names = [row[0] for row in database.execute("SELECT name FROM auth_security_event")]
    database.close()
    assert names[-2:] == ["step_up_refused", "confirmed"]


async def test_the_last_lock_beside_a_short_password_stays(
    tmp_path: Path, clock: ManualClock, postgres: Postgres
) -> None:
    """Removed both at once, on PostgreSQL: each sees the other that is about to go."""
    url = postgres.create()
    async with auth_house(tmp_path, clock, database_url=url) as house:
        ada = await house.member("ada")
        await add_totp(ada)
        await add_passkey(ada)
        async with house.house.databases[url].transaction() as session:
            await session.execute(text("UPDATE auth_password SET is_short = true"))
        (entry,) = (await ada.call("auth", "GET", "/auth/v1/factors")).response["passkeys"]
        gone = await asyncio.gather(
            ada.call("auth", "DELETE", "/auth/v1/totp"),
            ada.call("auth", "DELETE", f"/auth/v1/passkeys/{entry['id']}"),
        )
        assert sorted(reply.status for reply in gone) == [204, 409]
        assert {reply.code for reply in gone} == {"", "last_factor"}


async def test_the_only_key_to_an_account_stays(house: AuthHouse, ada: Device) -> None:
    await add_totp(ada)
    await add_passkey(ada)
    with sqlite3.connect(house.house.settings.data_dir / "sosa.db") as database:
        database.execute("DELETE FROM auth_password")
    database.close()
    locks = (await ada.call("auth", "GET", "/auth/v1/factors")).response
    assert locks["has_password"] is False
    path = f"/auth/v1/passkeys/{locks['passkeys'][0]['id']}"
    reply = await ada.call("auth", "DELETE", path)
    assert (reply.status, reply.code) == (409, "last_factor")
    assert (await ada.call("auth", "DELETE", "/auth/v1/totp")).status == 204
