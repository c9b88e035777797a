"""Attacks 93 to 95 of docs/security.md: codes used twice, and ways around the second factor."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.conftest import Postgres
from tests.device import PASSWORD, Device, RefusedError
from tests.locks import (
    STEP_SECONDS,
    add_passkey,
    add_totp,
    enter_password,
    passkey_options,
    recovery_codes,
    sealed,
    totp,
)


@pytest.fixture
async def secret(ada: Device) -> str:
    """What ada's app makes her codes of."""
    return await add_totp(ada)


async def at_the_second_step(house: AuthHouse, username: str = "ada") -> Device:
    device = house.device("Another device")
    reply = await enter_password(device, username, PASSWORD)
    assert reply.response["next"] == "second_factor"
    return device


async def show(device: Device, type_: str, value: str) -> str:
    """Shows a second factor; returns the code of the refusal, or ""."""
    try:
        await device.finish("factor", {"type": type_, "value": value})
    except RefusedError as refused:
        return refused.code
    return ""


def next_code(house: AuthHouse, secret: str) -> str:
    """A code that has not been used yet."""
    house.clock.advance(STEP_SECONDS)
    return totp(secret, house.clock.now())


async def test_a_code_leads_in_and_says_so(house: AuthHouse, ada: Device, secret: str) -> None:
    phone = await at_the_second_step(house)
    assert await show(phone, "totp", next_code(house, secret)) == ""
    current = (await phone.call("auth", "GET", "/auth/v1/session")).response
    assert (current["amr"], current["acr"]) == (["pwd", "otp", "mfa"], "high")
    assert (await ada.call("auth", "GET", "/auth/v1/session")).response["acr"] == "std"


async def test_93_a_code_is_good_once(house: AuthHouse, secret: str) -> None:
    code = next_code(house, secret)
    assert await show(await at_the_second_step(house), "totp", code) == ""
    assert await show(await at_the_second_step(house), "totp", code) == "bad_factor"


async def test_93_of_one_code_ten_times_at_once_one_is_taken(
    tmp_path: Path, clock: ManualClock, postgres: Postgres
) -> None:
    """On PostgreSQL, where they are really at once: SQLite has one writer."""
    async with auth_house(tmp_path, clock, database_url=postgres.create()) as house:
        ada = await house.member("ada")
        secret = await add_totp(ada)
        spare = (await recovery_codes(ada))[0]
        doors = [await at_the_second_step(house) for _ in range(10)]
        codes = {"totp": next_code(house, secret), "recovery_code": spare}
        for half, (kind, code) in zip((doors[:5], doors[5:]), codes.items(), strict=True):
            told = await asyncio.gather(*(show(door, kind, code) for door in half))
            assert sorted(told) == ["", *["bad_factor"] * 4], kind


async def test_93_the_code_of_the_setup_is_used(house: AuthHouse, secret: str) -> None:
    setup = totp(secret, house.clock.now())
    assert await show(await at_the_second_step(house), "totp", setup) == "bad_factor"
    assert await show(await at_the_second_step(house), "totp", next_code(house, secret)) == ""


async def test_93_no_older_code_is_taken_after_a_newer_one(house: AuthHouse, secret: str) -> None:
    older = next_code(house, secret)
    newer = totp(secret, house.clock.now() + STEP_SECONDS)
    assert await show(await at_the_second_step(house), "totp", newer) == ""
    assert await show(await at_the_second_step(house), "totp", older) == "bad_factor"


async def test_93_a_code_may_be_one_step_late_and_no_more(house: AuthHouse, secret: str) -> None:
    code = next_code(house, secret)
    house.clock.advance(2 * STEP_SECONDS)
    assert await show(await at_the_second_step(house), "totp", code) == "bad_factor"
    code = next_code(house, secret)
    house.clock.advance(STEP_SECONDS)
    assert await show(await at_the_second_step(house), "totp", code) == ""


async def test_94_a_recovery_code_is_good_once_however_it_is_written(
    house: AuthHouse, ada: Device, secret: str
) -> None:
    assert secret
    first, second, *_ = await recovery_codes(ada)
    written = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    doors = [await at_the_second_step(house) for _ in range(5)]
    told = await asyncio.gather(*(show(door, "recovery_code", written) for door in doors))
    assert sorted(told) == [""] + ["bad_factor"] * 4
    assert await show(await at_the_second_step(house), "recovery_code", second) == ""


async def test_94_new_recovery_codes_end_the_old_and_are_nobody_elses(
    house: AuthHouse, ada: Device, ben: Device, secret: str
) -> None:
    assert secret
    old = await recovery_codes(ada)
    new = await recovery_codes(ada)
    await add_totp(ben)
    bens = await recovery_codes(ben)
    assert len({*old, *new, *bens}) == 30
    for wrong in (old[0], bens[0]):
        assert await show(await at_the_second_step(house), "recovery_code", wrong) == "bad_factor"
    assert await show(await at_the_second_step(house), "recovery_code", new[0]) == ""


async def test_94_recovery_codes_stand_beside_another_factor_only(
    house: AuthHouse, ada: Device
) -> None:
    with pytest.raises(RefusedError, match="no_second_factor"):
        await recovery_codes(ada)
    await add_totp(ada)
    assert len(await recovery_codes(ada)) == 10
    assert (await ada.call("auth", "DELETE", "/auth/v1/totp")).status == 204
    await house.device().sign_in("ada")
    locks = (await ada.call("auth", "GET", "/auth/v1/factors")).response
    assert locks["recovery_codes"] == 0


async def test_five_tries_end_the_beginning(house: AuthHouse, secret: str) -> None:
    door = await at_the_second_step(house)
    for _ in range(5):
        assert await show(door, "recovery_code", "WRONG") == "bad_factor"
    assert await show(door, "totp", next_code(house, secret)) == "preauth_gone"


async def test_fifty_tries_at_once_are_five(house: AuthHouse, secret: str) -> None:
    assert secret
    door = await at_the_second_step(house)
    told = await asyncio.gather(*(show(door, "totp", f"{guess:06}") for guess in range(50)))
    assert told.count("preauth_gone") == 45


async def test_a_password_again_does_not_give_the_tries_back(house: AuthHouse, secret: str) -> None:
    door = await at_the_second_step(house)
    for _ in range(4):
        assert await show(door, "totp", "000000") == "bad_factor"
    form = {"identifier": "ada", "password": PASSWORD}
    again = await door.prove("auth", "POST", f"/auth/v1/preauth/{door.preauth}/password", form)
    assert again.code == "preauth_gone"
    assert await show(door, "totp", next_code(house, secret)) == ""


async def test_an_account_is_guessed_at_no_faster_over_many_beginnings(
    house: AuthHouse, secret: str
) -> None:
    assert secret
    async with auth_house(house.house.settings.data_dir, house.clock, scale=1) as strict:
        told: list[str] = []
        for _ in range(3):
            door = await at_the_second_step(strict)
            told += [await show(door, "totp", "000000") for _ in range(4)]
        assert told == ["bad_factor"] * 10 + ["rate_limited"] * 2


async def test_95_nothing_leads_past_the_second_factor(
    house: AuthHouse, ada: Device, secret: str
) -> None:
    ways = {
        "register": {
            "username": "ada2", "password": PASSWORD, "age_answer": "18_plus", "terms": True,
        },
        "password": {"identifier": "ada", "password": PASSWORD},
        "passkey": {"credential": "{}"},
    }  # fmt: skip
    door = await at_the_second_step(house)
    for way, form in ways.items():
        path = f"/auth/v1/preauth/{door.preauth}/{way}"
        assert (await door.prove("auth", "POST", path, form)).code == "preauth_gone", way
    door.cookie = ada.cookie
    assert (await door.prove("auth", "POST", "/auth/v1/token", {})).status == 401
    for path in ("/auth/v1/session", "/auth/v1/factors"):
        assert (await door.prove("auth", "GET", path)).status == 401
    assert (await door.prove("auth", "POST", "/auth/v1/tickets", {"aud": "ui"})).status == 401
    assert await show(door, "totp", next_code(house, secret)) == ""


async def test_95_the_second_factor_alone_leads_nowhere(house: AuthHouse, secret: str) -> None:
    door = house.device()
    await door.begin("login")
    code = next_code(house, secret)
    assert await show(door, "totp", code) == "preauth_gone"
    assert await show(await at_the_second_step(house), "totp", code) == ""


async def test_95_somebody_elses_second_factor_is_none(
    house: AuthHouse, ben: Device, secret: str
) -> None:
    bens = await add_totp(ben)
    house.clock.advance(STEP_SECONDS)
    code, other = totp(secret, house.clock.now()), totp(bens, house.clock.now())
    door = await at_the_second_step(house)
    assert await show(door, "totp", other) == "bad_factor"
    assert await show(door, "totp", code) == ""


async def test_95_another_device_cannot_show_the_factor_for_a_beginning(
    house: AuthHouse, secret: str
) -> None:
    door = await at_the_second_step(house)
    thief = house.device("Thief")
    await thief.begin("login")
    thief.preauth = door.preauth
    code = next_code(house, secret)
    assert await show(thief, "totp", code) == "invalid_proof"
    assert await show(door, "totp", code) == ""


async def test_a_secret_that_waits_is_no_factor_yet_and_waits_not_for_long(
    house: AuthHouse, ada: Device
) -> None:
    first = (await sealed(ada, "POST", "/auth/v1/totp", {}))["secret"]
    await house.device().sign_in("ada")
    second = (await sealed(ada, "POST", "/auth/v1/totp", {}))["secret"]
    now = house.clock.now()
    confirm = "/auth/v1/totp/confirm"
    refused = await ada.call("auth", "POST", confirm, {"code": totp(first, now)})
    assert (refused.status, refused.code) == (401, "bad_factor")
    assert (await ada.call("auth", "POST", confirm, {"code": totp(second, now)})).status == 204
    twice = await ada.call("auth", "POST", "/auth/v1/totp", {})
    assert twice.code == "factor_exists"


async def test_the_owner_reads_of_a_factor_that_was_refused(
    house: AuthHouse, ada: Device, secret: str
) -> None:
    assert secret
    assert await show(await at_the_second_step(house), "totp", "000000") == "bad_factor"
    with sqlite3.connect(house.house.settings.data_dir / "sosa.db") as database:
        query = "SELECT name, device_name, detail FROM auth_security_event WHERE user_id = ?"
        lines = database.execute(query, [ada.user["id"]]).fetchall()
    database.close()
    assert ("totp_added", "Test device", "") in lines
    assert ("second_factor_refused", "Another device", "totp") in lines


async def test_neither_dump_nor_log_shows_a_factor(
    house: AuthHouse, ada: Device, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    codes = await recovery_codes(ada)
    await add_passkey(ada)
    door = await at_the_second_step(house)
    assert await passkey_options(door)
    assert await show(door, "recovery_code", codes[0]) == ""
    path = house.house.settings.data_dir / "sosa.db"
    stored = b"".join(file.read_bytes() for file in path.parent.glob("sosa.db*")).decode("latin-1")
    assert ada.user["id"] in stored, "the scan sees what is stored"
    told = [secret, *codes, *(code.replace("-", "") for code in codes)]
    assert not [item for item in told if item in stored or item in caplog.text]
