"""Coming back by a device's keys alone (docs/sign-in.md 6): what it gives, and to whom it does not.

Attack 95 of docs/security.md names it as a way around the second factor; 13, 55 and 56 bear on it.
"""

import asyncio
from copy import copy
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from backend.auth import models
from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.conftest import Postgres
from tests.device import PASSWORD, Device, RefusedError
from tests.locks import add_totp, enter_password, step_up
from tests.returning import PATH, come_back

DAY = 86_400
SESSION = "/auth/v1/session"


async def refusal(device: Device) -> str:
    """Why the device is not let in by its keys; "" when it is."""
    try:
        await come_back(device)
    except RefusedError as refused:
        return refused.code
    return ""


async def who(device: Device) -> dict[str, object]:
    return (await device.call("auth", "GET", SESSION)).response


def without_cookie(device: Device) -> Device:
    """The same device after its cookies were cleared."""
    lost = copy(device)
    lost.cookie = ""
    return lost


async def test_keys_let_in_again_with_little_weight(house: AuthHouse, ada: Device) -> None:
    lost = without_cookie(ada)
    with pytest.raises(RefusedError, match="invalid_grant"):
        await lost.refresh()
    await come_back(lost)
    current = await who(lost)
    assert current["device_id"] == ada.device_id
    assert (current["amr"], current["acr"]) == (["dev"], "low")
    assert len(await lost.ticket("messaging")) == 43
    listed = (await lost.call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
    assert [entry["id"] for entry in listed] == [lost.session]
    await lost.refresh()
    assert (await who(lost))["acr"] == "low"


async def test_locks_are_out_of_its_reach_until_somebody_says_who_they_are(
    house: AuthHouse, ada: Device
) -> None:
    assert (await ada.call("auth", "POST", "/auth/v1/totp", {})).status == 200
    old = ada.access["auth"]
    await come_back(ada)
    assert (await ada.call("auth", "POST", "/auth/v1/totp", {})).code == "step_up_required"
    # A token of before, which still says that somebody was there, went with its session.
    stale = await ada.prove("auth", "POST", "/auth/v1/totp", {}, token=old)
    assert (stale.status, stale.code) == (401, "invalid_token")
    await step_up(ada, "password", PASSWORD)
    current = await who(ada)
    assert (current["amr"], current["acr"]) == (["dev", "pwd"], "std")
    assert (await ada.call("auth", "POST", "/auth/v1/totp", {})).status == 200


async def test_95_it_leads_past_no_second_factor(house: AuthHouse, ada: Device) -> None:
    assert await refusal(ada) == ""
    await step_up(ada, "password", PASSWORD)
    await add_totp(ada)
    door = house.device("Between the factors")
    assert (await enter_password(door, "ada", PASSWORD)).response["next"] == "second_factor"
    assert await refusal(door) == "invalid_proof"
    # Nor does a device that was let in before: where there is a lock, the door is used.
    assert await refusal(ada) == "login_required"
    await ada.refresh()


@pytest.mark.parametrize("way", ["logout", "session", "password", "everywhere", "device"])
async def test_55_what_somebody_ended_stays_ended(house: AuthHouse, ada: Device, way: str) -> None:
    phone = house.device("Phone")
    await phone.sign_in("ada")
    assert await refusal(phone) == ""
    changed = {"password": "quite another pony and moon", "current": PASSWORD}
    ways: dict[str, tuple[str, str, dict[str, str] | None]] = {
        "session": ("DELETE", f"/auth/v1/sessions/{phone.session}", None),
        "password": ("PUT", "/auth/v1/password", changed),
        "everywhere": ("POST", "/auth/v1/logout/all", {}),
        "device": ("DELETE", f"/auth/v1/devices/{phone.device_id}", None),
    }
    if way == "logout":
        reply = await phone.prove("auth", "POST", "/auth/v1/logout", {}, cookie=True)
    else:
        reply = await ada.call("auth", *ways[way])
    assert reply.status == 204, reply.body
    expected = "device_revoked" if way == "device" else "login_required"
    assert await refusal(without_cookie(phone)) == expected


async def test_51_a_stolen_cookie_ends_this_way_in_too(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    thief = copy(ben)
    thief.cookie = ada.cookie
    with pytest.raises(RefusedError, match="reuse_detected"):
        await thief.refresh()
    assert await refusal(ada) == "login_required"
    assert await refusal(ben) == ""


async def test_a_cookie_that_was_lost_and_turns_up_again_ends_the_session(
    house: AuthHouse, ada: Device
) -> None:
    """Somebody copied keys and cookie, and said that the cookie was lost."""
    copied = without_cookie(ada)
    await come_back(copied)
    house.clock.advance(31)
    with pytest.raises(RefusedError, match="reuse_detected"):
        await ada.refresh()
    assert (await copied.call("auth", "GET", SESSION)).code == "invalid_token"
    assert await refusal(copied) == "login_required"


async def test_an_answer_that_crossed_another_ends_nothing(house: AuthHouse, ada: Device) -> None:
    lost = without_cookie(ada)
    await come_back(lost)
    house.clock.advance(30)
    with pytest.raises(RefusedError, match="invalid_grant"):
        await ada.refresh()
    await lost.refresh()


async def test_a_device_is_known_for_thirty_days(house: AuthHouse, ada: Device) -> None:
    house.clock.advance(30 * DAY - 1)
    assert await refusal(ada) == ""
    house.clock.advance(30 * DAY)
    assert await refusal(ada) == "login_required"


async def test_56_no_number_of_returns_makes_a_session_longer(
    house: AuthHouse, ada: Device
) -> None:
    for _ in range(8):
        house.clock.advance(22 * DAY)
        assert await refusal(ada) == ""
    house.clock.advance(4 * DAY - 1)
    await ada.refresh()
    house.clock.advance(1)
    with pytest.raises(RefusedError, match="invalid_grant"):
        await ada.refresh()
    assert await refusal(ada) == "login_required"


async def test_it_takes_the_keys_and_nothing_else(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    assert (await ada.send("POST", PATH, {})).code == "proof_required"
    assert (await ada.send("POST", PATH, {}, {"Cookie": ada.cookie})).code == "proof_required"
    assert ada.keys
    assert ben.keys
    forger = copy(ben)
    forger.keys = copy(ben.keys)
    forger.keys.kid = ada.keys.kid
    assert await refusal(forger) == "invalid_proof"
    stranger = house.device("Stranger")
    await stranger.begin("login")
    assert await refusal(stranger) == "invalid_proof"
    for garbage in ("", "garbage", "a.b.c", "x" * 3_000):
        reply = await ada.send("POST", PATH, {}, {"Sosa-Proof": garbage or "."})
        assert (reply.status, reply.code) == (401, "invalid_proof")
    # Nobody's failures keep its owner out.
    assert await refusal(ada) == ""
    assert (await who(ada))["user"] == ada.user


async def test_13_a_proof_for_another_service_or_request_is_none(
    house: AuthHouse, ada: Device
) -> None:
    body = b"{}"
    for audience, path in (("messaging", PATH), ("auth", "/auth/v1/token")):
        proof = ada.proof(audience, "POST", path, body=body)
        reply = await ada.send("POST", PATH, body, {"Sosa-Proof": proof})
        assert reply.code == "invalid_proof", (audience, path)
    proof = ada.proof("auth", "POST", PATH, body=body)
    first = await ada.send("POST", PATH, body, {"Sosa-Proof": proof})
    assert first.status == 200
    again = await ada.send("POST", PATH, body, {"Sosa-Proof": proof})
    assert again.code == "replayed_proof"


async def test_who_is_banned_does_not_come_back_by_keys(house: AuthHouse, ada: Device) -> None:
    assert await refusal(ada) == ""
    async with house.auth._parts.database.transaction() as session:
        banned = update(models.User).where(col(models.User.id) == ada.user["id"])
        # As if a ban and this came at once: it ended no session.
        await session.execute(banned.values(state="banned", state_reason="Too many lions"))
    assert await refusal(ada) == "account_banned"


async def test_a_bots_secret_is_no_device_of_a_person(house: AuthHouse, ada: Device) -> None:
    assert await refusal(ada) == ""
    async with house.auth._parts.database.transaction() as session:
        bot = update(models.User).where(col(models.User.id) == ada.user["id"])
        await session.execute(bot.values(is_bot=True))
    assert await refusal(ada) == "invalid_proof"


async def test_it_is_for_now_and_then(house: AuthHouse, ada: Device) -> None:
    async with auth_house(house.house.settings.data_dir, house.clock, scale=1) as strict:
        ada.base_url = ada.origin = strict.url
        ada.http = strict.http
        told = [await refusal(ada) for _ in range(6)]
        assert told == [""] * 5 + ["rate_limited"]
        house.clock.advance(timedelta(hours=1).total_seconds())
        assert await refusal(ada) == ""


async def test_many_at_once_leave_one_session(
    tmp_path: Path, clock: ManualClock, postgres: Postgres
) -> None:
    """On PostgreSQL, where they are really at once."""
    async with auth_house(tmp_path, clock, database_url=postgres.create()) as house:
        ada = await house.member("ada")
        tabs = [copy(ada) for _ in range(5)]
        assert await asyncio.gather(*(refusal(tab) for tab in tabs)) == [""] * 5
        alive = [tab for tab in tabs if (await tab.call("auth", "GET", SESSION)).status == 200]
        assert len(alive) == 1
        listed = (await alive[0].call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
        assert [entry["id"] for entry in listed] == [alive[0].session]


async def test_the_owner_reads_of_it(house: AuthHouse, ada: Device) -> None:
    await come_back(ada)
    lines = (await ada.call("auth", "GET", "/auth/v1/security-log")).response["events"]
    assert (lines[0]["name"], lines[0]["device_name"]) == ("signed_in_by_device", "Test device")
