"""A member's own password and address, and attack 101: nobody is there before its owner."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.house import auth_house
from tests.attacks.post import (
    ADA,
    NEW_PASSWORD,
    PostHouse,
    add_authenticator,
    is_let_in,
    post_house,
)
from tests.device import PASSWORD, Device, RefusedError, Reply

BEN = "ben@sosa.example"
EMAIL = "/auth/v1/email"


@pytest.fixture
async def town(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path, clock) as opened:
        yield opened


async def change(device: Device, password: str, current: str | None = PASSWORD) -> Reply:
    body = {"password": password} | ({"current": current} if current else {})
    return await device.call("auth", "PUT", "/auth/v1/password", body)


async def confirm(device: Device, code: str) -> Reply:
    return await device.call("auth", "POST", f"{EMAIL}/verify", {"code": code})


async def state(device: Device) -> dict[str, bool]:
    return (await device.call("auth", "GET", EMAIL)).response


async def test_a_changed_password_signs_every_other_device_out(town: PostHouse) -> None:
    ada = await town.member("ada")
    other = town.house.device()
    await other.sign_in("ada")
    assert (await change(ada, NEW_PASSWORD)).status == 204
    assert (await ada.call("auth", "GET", "/auth/v1/session")).status == 200
    await ada.refresh()
    assert (await other.call("auth", "GET", "/auth/v1/session")).status == 401
    with pytest.raises(RefusedError, match="401"):
        await other.refresh()
    assert not await is_let_in(town.house, "ada")
    assert await is_let_in(town.house, "ada", NEW_PASSWORD)


async def test_the_present_password_is_asked_for(town: PostHouse) -> None:
    ada = await town.member("ada")
    for wrong in (None, "", "not this one at all", PASSWORD + " "):
        refused = await change(ada, NEW_PASSWORD, wrong)
        assert (refused.status, refused.code) == (401, "invalid_credentials")
        assert refused.json["errors"][0]["field"] == "current"
    assert (await change(ada, NEW_PASSWORD)).status == 204


async def test_a_password_and_an_address_want_a_fresh_proof_of_who_it_is(
    town: PostHouse, clock: ManualClock
) -> None:
    ada = await town.member("ada")
    await town.change_email(ada, BEN)
    clock.advance(601)
    await ada.refresh()
    for method, path, body in (
        ("PUT", "/auth/v1/password", {"current": PASSWORD, "password": NEW_PASSWORD}),
        ("PUT", EMAIL, {"email": BEN}),
        ("POST", f"{EMAIL}/verify", {"code": "000000"}),
        ("DELETE", EMAIL, None),
        ("DELETE", f"{EMAIL}/notices", None),
    ):
        refused = await ada.call("auth", method, path, body)
        assert (refused.status, refused.code) == (403, "step_up_required"), path
    assert (await state(ada))["is_verified"]


async def test_eight_characters_do_beside_a_second_factor_only(town: PostHouse) -> None:
    ada = await town.member("ada")
    short = "zebra-lamp-9q"
    assert (await change(ada, short)).code == "weak_password"
    await add_authenticator(town.house, ada.user["id"])
    assert (await change(ada, "lamp-9q")).code == "weak_password"
    assert (await change(ada, "ada-zebra-lamp-9q")).code == "weak_password"
    assert (await change(ada, short)).status == 204


async def test_an_address_is_the_members_once_the_code_was_typed(town: PostHouse) -> None:
    ada = await town.member("ada")
    mail = await town.change_email(ada, BEN)
    assert not await is_let_in(town.house, BEN)
    assert await is_let_in(town.house, ADA)
    assert (await confirm(ada, "000000")).code == "bad_code"
    assert (await confirm(ada, mail.code)).status == 204
    assert (await confirm(ada, mail.code)).status == 404
    assert await is_let_in(town.house, BEN)
    assert not await is_let_in(town.house, ADA)
    assert (await ada.call("auth", "DELETE", EMAIL)).status == 204
    assert not (await state(ada))["is_set"]
    assert not await is_let_in(town.house, BEN)


async def test_a_code_for_an_address_has_five_tries_and_ten_minutes(
    town: PostHouse, clock: ManualClock
) -> None:
    ada = await town.member("ada")
    mail = await town.change_email(ada, BEN)
    for _ in range(5):
        assert (await confirm(ada, "ZZZZZZ")).code == "bad_code"
    assert (await confirm(ada, mail.code)).status == 404
    mail = await town.change_email(ada, BEN)
    ben = await town.member("ben", "other@sosa.example")
    assert (await confirm(ben, mail.code)).status == 404
    clock.advance(599)
    await ada.refresh()
    assert (await confirm(ada, mail.code)).status == 204


async def test_88_an_address_that_another_has_is_asked_for_like_any(town: PostHouse) -> None:
    ada, ben = await town.member("ada"), await town.member("ben", BEN)
    mail = await town.change_email(ben, ADA)
    assert mail.subject == "This address has an account at SoSa"
    assert (await confirm(ben, "000000")).code == "bad_code"
    assert (await state(ada))["is_verified"]
    assert await is_let_in(town.house, ADA)


async def test_notices_go_to_who_wants_them_and_the_address_is_kept_for_no_one_else(
    town: PostHouse,
) -> None:
    ada = await town.member("ada")
    assert not (await state(ada))["has_notices"]
    mail = await town.change_email(ada, ADA, wants_notices=True)
    assert (await confirm(ada, mail.code)).status == 204
    assert (await state(ada))["has_notices"]
    await town.house.device("Kitchen").sign_in("ada")
    told = await town.post.wait(ADA, 3)
    assert (told.subject, "Kitchen" in told.text) == ("A new device at SoSa", True)
    assert (await change(ada, NEW_PASSWORD)).status == 204
    assert (await town.post.wait(ADA, 4)).subject == "Your password was changed"
    mail = await town.change_email(ada, BEN)
    assert (await confirm(ada, mail.code)).status == 204
    assert (await town.post.wait(ADA, 5)).subject == "Your e-mail address was changed"
    assert (await change(ada, PASSWORD, NEW_PASSWORD)).status == 204
    assert (await ada.call("auth", "DELETE", f"{EMAIL}/notices")).status == 204
    core = town.house.auth._core
    assert await core.letters.send_due() == 0
    assert len(town.post.to(BEN)) == 1


async def test_101_an_account_made_before_its_address_was_verified_loses_the_claim(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with auth_house(tmp_path, clock) as quiet:
        early = quiet.device()
        await early.register("mallory", email=ADA)
    async with post_house(tmp_path, clock) as town:
        await town.member("ada")
        device = await town.recovered()
        await device.finish("new-password", {"password": NEW_PASSWORD})
        assert device.user["username"] == "ada"
        mallory = town.house.device()
        await mallory.sign_in("mallory")
        assert not (await state(mallory))["is_set"]


async def test_101_a_registration_that_waits_ends_when_the_owner_comes(town: PostHouse) -> None:
    mallory = await town.apply("mallory")
    trap = await town.post.wait(ADA)
    ada = await town.member("ada")
    assert (await town.step(mallory, "verify", {"code": trap.code})).code == "preauth_gone"
    assert await is_let_in(town.house, ADA)
    assert not await is_let_in(town.house, "mallory")
    assert (await ada.call("auth", "GET", "/auth/v1/devices")).response["devices"]


async def test_101_a_change_of_address_that_waits_ends_when_the_owner_comes(
    town: PostHouse,
) -> None:
    mallory = await town.member("mallory", BEN)
    trap = await town.change_email(mallory, ADA)
    await town.member("ada")
    assert (await confirm(mallory, trap.code)).status == 404
    device = await town.recovered()
    await device.finish("new-password", {"password": NEW_PASSWORD})
    assert device.user["username"] == "ada"


@pytest.mark.parametrize("way", ["reset", "change"])
async def test_101_whoever_had_a_session_keeps_nothing_when_the_owner_takes_over(
    town: PostHouse, way: str
) -> None:
    ada = await town.member("ada")
    mallory = town.house.device()
    await mallory.sign_in("ada")
    trap = await town.change_email(mallory, BEN)
    if way == "reset":
        ada = await town.recovered()
        await ada.finish("new-password", {"password": NEW_PASSWORD})
    else:
        assert (await change(ada, NEW_PASSWORD)).status == 204
    assert (await confirm(mallory, trap.code)).status == 401
    assert (await confirm(ada, trap.code)).status == 404
    assert not await is_let_in(town.house, BEN, NEW_PASSWORD)
    assert await is_let_in(town.house, ADA, NEW_PASSWORD)
