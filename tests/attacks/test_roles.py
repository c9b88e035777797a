"""Who may do what in the house, and who may not."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from backend.kit.ids import UserId
from backend.kit.settings import Settings
from backend.wiring import open_house
from tests.attacks.affairs import (
    ban,
    grant,
    log_of,
    owner_of,
    revoke,
    session_of,
    suspend,
    unban,
)
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device, RefusedError

DAY = 86_400


@pytest.fixture
async def olga(house: AuthHouse) -> Device:
    return await owner_of(house)


async def test_a_role_ends_the_tokens_of_before_and_is_in_those_of_after(
    house: AuthHouse, olga: Device, ada: Device
) -> None:
    refused = await ada.call("auth", "GET", "/auth/v1/roles")
    assert (refused.status, refused.code) == (403, "forbidden")
    assert (await grant(olga, ada, "admin")).status == 204
    assert (await session_of(ada)).code == "invalid_token"
    await ada.refresh()
    listed = (await ada.call("auth", "GET", "/auth/v1/roles")).response["members"]
    assert [(one["username"], one["roles"]) for one in listed] == [
        ("olga", ["member", "owner"]),
        ("ada", ["member", "admin"]),
    ]
    assert (await revoke(olga, ada, "admin")).status == 204
    await ada.refresh()
    assert (await ada.call("auth", "GET", "/auth/v1/roles")).status == 403
    told = [(line["name"], line["detail"], line["is_own"]) for line in await log_of(ada)]
    assert told[:2] == [("role_revoked", "admin", False), ("role_granted", "admin", False)]


async def test_nobody_gives_above_their_own_nor_takes_from_their_equals(
    house: AuthHouse, olga: Device, ada: Device, ben: Device
) -> None:
    for admin in (ada, ben):
        assert (await grant(olga, admin, "admin")).status == 204
        await admin.refresh()
    cleo = await house.member("cleo")
    assert (await grant(ada, cleo, "moderator")).status == 204
    assert (await grant(ada, cleo, "owner")).status == 403
    assert (await revoke(ada, ben, "admin")).status == 403
    assert (await ban(ada, ben)).status == 403
    assert (await ban(ada, olga)).status == 403
    await cleo.refresh()
    assert (await grant(cleo, cleo, "moderator")).status == 403
    assert (await revoke(ada, cleo, "moderator")).status == 204
    assert (await revoke(ben, ben, "admin")).status == 204


async def test_a_moderator_may_send_someone_out_for_a_while_and_no_more(
    house: AuthHouse, clock: ManualClock, olga: Device, ada: Device, ben: Device
) -> None:
    assert (await grant(olga, ada, "moderator")).status == 204
    await ada.refresh()
    until = datetime.fromtimestamp(clock.now() + DAY, UTC).isoformat()
    assert (await suspend(ada, ben, until)).status == 204
    assert (await unban(ada, ben)).status == 204
    assert (await ban(ada, ben)).status == 403
    assert (await grant(ada, ben, "moderator")).status == 403
    assert (await ban(olga, ben)).status == 204
    assert (await unban(ada, ben)).status == 403


async def test_the_last_owner_stays(house: AuthHouse, olga: Device, ada: Device) -> None:
    for reply in (
        await revoke(olga, olga, "owner"),
        await olga.call("auth", "DELETE", "/auth/v1/account"),
    ):
        assert (reply.status, reply.code) == (409, "last_owner")
    assert (await grant(olga, ada, "owner")).status == 204
    await ada.refresh()
    results = await asyncio.gather(revoke(ada, olga, "owner"), revoke(olga, ada, "owner"))
    assert sorted(reply.status for reply in results) in ([204, 403], [204, 409], [204, 401])


async def test_keys_are_not_handed_out_from_a_screen_left_open(
    clock: ManualClock, olga: Device, ada: Device
) -> None:
    clock.advance(601)
    await olga.refresh()
    reply = await grant(olga, ada, "admin")
    assert (reply.status, reply.code) == (403, "step_up_required")


async def test_a_ban_is_told_after_the_right_password_only(
    house: AuthHouse, olga: Device, ada: Device
) -> None:
    assert (await session_of(ada)).status == 200
    assert (await ban(olga, ada)).status == 204
    assert (await session_of(ada)).status == 401
    with pytest.raises(RefusedError, match="invalid_grant"):
        await ada.refresh()
    with pytest.raises(RefusedError, match="401 invalid_credentials"):
        await house.device().sign_in("ada", "correct pony battery sun")
    with pytest.raises(RefusedError, match="403 account_banned") as told:
        await house.device().sign_in("ada")
    assert "Ate every marshmallow" in told.value.reply.json["errors"][0]["message"]
    assert (await unban(olga, ada)).status == 204
    await (back := house.device()).sign_in("ada")
    names = [line["name"] for line in await log_of(back)]
    assert names[:3] == ["signed_in", "let_in_again", "banned"]


async def test_a_suspension_ends_by_itself(
    house: AuthHouse, clock: ManualClock, olga: Device, ada: Device
) -> None:
    until = datetime.fromtimestamp(clock.now() + 2 * DAY, UTC).isoformat()
    assert (await suspend(olga, ada, "2031-01-01T00:00:00")).status == 422
    assert (await suspend(olga, ada, until)).status == 204
    with pytest.raises(RefusedError, match="403 account_suspended") as told:
        await house.device().sign_in("ada")
    assert "Too loud" in told.value.reply.json["errors"][0]["message"]
    clock.advance(2 * DAY)
    await (back := house.device()).sign_in("ada")
    assert (await session_of(back)).status == 200


async def test_of_a_code_and_a_house_one_becomes_owner(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    async def claim(device: Device, code: str) -> int:
        return (await device.call("auth", "POST", "/auth/v1/first-run", {"code": code})).status

    first_run = "/auth/v1/first-run"
    assert (await ada.call("auth", "GET", first_run)).response == {"is_open": True}
    stale = await house.auth.offer_house()
    code = await house.auth.offer_house()
    assert await claim(ada, stale) == 403
    assert await claim(ada, "00000-00000") == 403
    results = await asyncio.gather(*(claim(one, code.lower()) for one in (ada, ben)))
    assert sorted(results) == [204, 403]
    owner = ada if results[0] == 204 else ben
    await owner.refresh()
    assert (await owner.call("auth", "GET", first_run)).response == {"is_open": False}
    assert (await owner.call("auth", "GET", "/auth/v1/members/BEN")).response["username"] == "ben"
    assert await house.auth.offer_house() is None


async def test_the_code_is_good_for_a_day(
    house: AuthHouse, clock: ManualClock, ada: Device
) -> None:
    code = await house.auth.offer_house()
    clock.advance(DAY + 1)
    await (late := house.device()).sign_in("ada")
    reply = await late.call("auth", "POST", "/auth/v1/first-run", {"code": code})
    assert (reply.status, reply.code) == (403, "wrong_house_code")


async def test_a_restart_revives_no_token_of_before_a_change(
    tmp_path: Path, clock: ManualClock
) -> None:
    settings = Settings(data_dir=tmp_path)
    async with auth_house(tmp_path, clock) as before:
        olga, ada = await owner_of(before), await before.member("ada")
        assert (await session_of(ada)).status == 200
        assert (await grant(olga, ada, "moderator")).status == 204
        user_id = UserId(ada.user["id"])
    async with open_house(settings, serve=("auth",), clock=clock) as (after, _):
        assert after.revocations.is_outdated(user_id, 0)
        assert not after.revocations.is_outdated(user_id, 1)
