"""Attacks 88, 95, 97 and 101: codes by mail, for registering and for forgotten passwords."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from backend.auth import models
from backend.kit.clock import ManualClock
from tests.attacks.house import auth_house
from tests.attacks.post import (
    ADA,
    NEW_PASSWORD,
    PostHouse,
    Work,
    add_authenticator,
    form_of,
    is_let_in,
    post_house,
)
from tests.device import PASSWORD, RefusedError

BEN = "ben@sosa.example"


@pytest.fixture
async def town(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path, clock) as opened:
        yield opened


async def test_an_account_is_made_by_the_code_and_by_nothing_before(town: PostHouse) -> None:
    device = await town.apply("ada")
    assert not await is_let_in(town.house, "ada")
    mail = await town.post.wait(ADA)
    assert "10 minutes" in mail.text or "ten minutes" in mail.text
    typed = f" {mail.code[:3]}-{mail.code[3:].lower()} "
    await device.finish("verify", {"code": typed})
    assert device.user["username"] == "ada"
    assert await is_let_in(town.house, "ada")
    assert await is_let_in(town.house, "ADA@sosa.example")


async def test_another_code_may_be_asked_for_and_the_first_is_worthless(town: PostHouse) -> None:
    device = await town.apply("ada", BEN)
    first = await town.post.wait(BEN)
    again = await town.step(device, "register", form_of("ada", ADA))
    assert again.response == {"next": "verify_email"}
    second = await town.post.wait(ADA)
    assert (await town.step(device, "verify", {"code": first.code})).code == "bad_code"
    await device.finish("verify", {"code": second.code})


async def test_of_two_who_registered_with_a_name_the_first_code_gets_it(town: PostHouse) -> None:
    ada, ben = await town.apply("same", ADA), await town.apply("same", BEN)
    await ada.finish("verify", {"code": (await town.post.wait(ADA)).code})
    code = {"code": (await town.post.wait(BEN)).code}
    assert (await town.step(ben, "verify", code)).code == "username_taken"
    await town.step(ben, "register", form_of("other", BEN))
    await ben.finish("verify", {"code": (await town.post.wait(BEN, 2)).code})
    assert ben.user["username"] == "other"


async def test_88_a_known_address_registers_like_an_unknown_one(town: PostHouse) -> None:
    await town.member("ada")
    work, seen = Work(town.house), {}
    for name, email in (("known", ADA), ("unknown", BEN)):
        device = town.house.device()
        await device.begin("register")
        work.read()
        reply = await town.step(device, "register", form_of(name, email))
        seen[name] = (reply.status, reply.body, work.read()[1])
        assert (await town.step(device, "verify", {"code": "000000"})).code == "bad_code"
    assert seen["known"] == seen["unknown"]
    assert (await town.post.wait(ADA, 2)).subject == "You already have an account at SoSa"
    assert (await town.post.wait(BEN)).code


async def test_88_what_is_asked_of_the_database_is_the_same(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with post_house(tmp_path, clock) as town:
        await town.member("ada")
        core = town.house.auth._core

        async def nothing() -> int:
            await asyncio.Event().wait()
            return 0

        core.letters.send_due = nothing
        work = Work(town.house)
        for step, form in (("register", form_of("x")), ("reset", {})):
            seen: dict[str, tuple[int, int]] = {}
            for name, email in (("known", ADA), ("unknown", BEN)):
                # What the house does beside, in its own time, can only add to the count of a try.
                tries: list[tuple[int, int]] = []
                for number in range(3):
                    device = town.house.device()
                    await device.begin(step)
                    named = {"username": f"{name}-{number}"} if "username" in form else {}
                    work.read()
                    await town.step(device, step, {**form, "email": email, **named})
                    tries.append(work.read())
                seen[name] = min(tries)
            assert seen["known"] == seen["unknown"], step
            assert seen["known"][0] > 3


async def test_a_reset_changes_the_password_and_signs_everyone_else_out(town: PostHouse) -> None:
    ada = await town.member("ada")
    stranger = town.house.device()
    await stranger.sign_in("ada")
    device = await town.recovered()
    await device.finish("new-password", {"password": NEW_PASSWORD})
    assert device.user["username"] == "ada"
    for old in (ada, stranger):
        assert (await old.call("auth", "GET", "/auth/v1/session")).status == 401
        with pytest.raises(RefusedError, match="401"):
            await old.refresh()
    devices = (await device.call("auth", "GET", "/auth/v1/devices")).response["devices"]
    assert [entry["is_current"] for entry in devices] == [True]
    assert not await is_let_in(town.house, "ada")
    assert await is_let_in(town.house, "ada", NEW_PASSWORD)
    assert (await town.post.wait(ADA, 3)).subject == "Your password was changed"
    core = town.house.auth._core
    async with core.parts.database.reading() as session:
        line = await session.get(models.SecurityEvent, (ada.user["id"], 3))
    assert (line.name, line.device_name) == ("password_reset", "Borrowed")


async def test_88_a_reset_does_not_tell_who_has_an_account(town: PostHouse) -> None:
    await town.member("ada")
    known, told = await town.forgetful(ADA)
    unknown, nobody = await town.forgetful("nobody@sosa.example")
    assert told.code
    assert nobody.subject == "No account with this address"
    wrong = [await town.step(device, "pin", {"pin": "000000"}) for device in (known, unknown)]
    assert wrong[0].body == wrong[1].body
    assert {reply.code for reply in wrong} == {"bad_pin"}


async def test_97_after_five_wrong_codes_the_right_one_is_refused(town: PostHouse) -> None:
    await town.member("ada")
    device, mail = await town.forgetful()
    for _ in range(5):
        assert (await town.step(device, "pin", {"pin": "ZZZZZZ"})).code == "bad_pin"
    late = await town.step(device, "pin", {"pin": mail.code})
    assert (late.status, late.code) == (410, "preauth_gone")


async def test_97_of_many_tries_at_once_five_are_looked_at(town: PostHouse) -> None:
    await town.member("ada")
    device, _ = await town.forgetful()
    replies = await asyncio.gather(
        *(town.step(device, "pin", {"pin": f"ZZZZZ{number}"}) for number in range(9))
    )
    codes = [reply.code for reply in replies]
    assert (codes.count("bad_pin"), codes.count("preauth_gone")) == (5, 4)


async def test_97_a_code_is_good_on_the_device_that_asked_and_nowhere_else(town: PostHouse) -> None:
    await town.member("ada")
    device, mail = await town.forgetful()
    thief, _ = await town.forgetful()
    assert (await town.step(thief, "pin", {"pin": mail.code})).code == "bad_pin"
    assert (await town.step(device, "pin", {"pin": mail.code})).response["username"] == "ada"


async def test_97_a_code_is_good_for_ten_minutes_and_no_second_longer(
    town: PostHouse, clock: ManualClock
) -> None:
    await town.member("ada")
    early, first = await town.forgetful()
    clock.advance(599)
    assert (await town.step(early, "pin", {"pin": first.code})).status == 200
    late, second = await town.forgetful()
    clock.advance(601)
    assert (await town.step(late, "pin", {"pin": second.code})).code == "preauth_gone"


async def test_97_the_newest_code_is_the_only_one(town: PostHouse) -> None:
    await town.member("ada")
    device, first = await town.forgetful()
    assert (await town.step(device, "reset", {"email": ADA})).status == 202
    second = await town.post.wait(ADA, 3)
    assert (await town.step(device, "pin", {"pin": first.code})).code == "bad_pin"
    assert (await town.step(device, "pin", {"pin": second.code})).status == 200


async def test_97_no_step_of_a_reset_can_be_left_out(town: PostHouse) -> None:
    await town.member("ada")
    device, mail = await town.forgetful()
    skipped = await town.step(device, "new-password", {"password": NEW_PASSWORD})
    assert (skipped.status, skipped.code) == (410, "preauth_gone")
    for step, form in (
        ("password", {"identifier": "ada", "password": PASSWORD}),
        ("register", form_of("cleo")),
        ("verify", {"code": mail.code}),
    ):
        assert (await town.step(device, step, form)).code == "preauth_gone"
    assert (await town.step(device, "pin", {"pin": mail.code})).status == 200
    assert (await town.step(device, "pin", {"pin": mail.code})).code == "preauth_gone"
    await device.finish("new-password", {"password": NEW_PASSWORD})


async def test_95_a_reset_leads_past_no_second_factor(town: PostHouse) -> None:
    ada = await town.member("ada")
    await add_authenticator(town.house, ada.user["id"])
    device = await town.recovered()
    # Fewer than fifteen characters are enough beside a second factor.
    reply = await town.step(device, "new-password", {"password": "zebra-lamp-9q"})
    assert reply.response == {"next": "second_factor", "methods": ["totp"]}
    assert "Set-Cookie" not in reply.headers
    # Whoever merely reads the mail changes nothing and signs nobody out.
    assert (await ada.call("auth", "GET", "/auth/v1/session")).status == 200
    core = town.house.auth._core
    async with core.parts.database.reading() as session:
        hashed = await core.accounts.find_hash(session, ada.user["id"])
    assert await core.passwords.is_right(PASSWORD, hashed)


async def test_mail_to_an_address_is_bounded_and_known_or_not_makes_no_difference(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with post_house(tmp_path, clock, scale=1) as town:
        for email in (ADA, BEN):
            for _ in range(3):
                await town.forgetful(email)
            device = town.house.device()
            await device.begin("reset")
            refused = await town.step(device, "reset", {"email": email})
            assert (refused.status, refused.code) == (429, "rate_limited")
            assert len(town.post.to(email)) == 3
            clock.advance(60)


async def test_a_house_without_mail_says_so_and_lets_people_in_all_the_same(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with auth_house(tmp_path, clock) as house:
        ada = house.device()
        await ada.register("ada", email=ADA)
        with pytest.raises(RefusedError, match="422 kind_not_offered") as caught:
            await house.device().begin("reset")
        assert "sends no mail" in caught.value.reply.json["errors"][0]["message"]
        state = (await ada.call("auth", "GET", "/auth/v1/email")).response
        assert (state["has_mail"], state["is_set"], state["is_verified"]) == (False, True, False)
        refused = await ada.call("auth", "PUT", "/auth/v1/email", {"email": BEN})
        assert (refused.status, refused.code) == (422, "mail_not_offered")


async def test_5_6_neither_log_nor_dump_shows_a_code_or_an_address(
    town: PostHouse, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    town.post.answer = "451 later"
    with structlog.testing.capture_logs() as lines:
        device = await town.apply("ada")
        while not lines:  # noqa: ASYNC110 - the log has nothing to wait for
            await asyncio.sleep(0.01)
    assert [(line["event"], line["reason"]) for line in lines] == [("mail_waits", "451")]
    with sqlite3.connect(tmp_path / "sosa.db") as database:
        waiting = "\n".join(database.iterdump())
    database.close()
    assert 'INSERT INTO "auth_letter"' in waiting
    town.post.answer = "250 OK"
    town.house.clock.advance(5)
    code = (await town.post.wait(ADA)).code
    await device.finish("verify", {"code": code})
    # But for the catcher's own, which is no part of the house.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert ours
    for shown in (waiting, "\n".join(ours)):
        assert not [secret for secret in (ADA, code, PASSWORD) if secret in shown]
