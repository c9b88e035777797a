"""Roots of keyed hashes follow each other (attack 117): everything is found, under whichever."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from backend.auth.service.rekeying import KEYED
from backend.kit.clock import ManualClock
from backend.kit.key_changes import MAX_ROOTS, add_root, drop_root
from backend.kit.key_files import KeyringError
from backend.kit.macs import root_of
from backend.kit.tokens.nonces import Nonces
from deploy import keys
from tests.attacks.house import AuthHouse
from tests.attacks.post import ADA, PostHouse, post_house
from tests.device import PASSWORD, Device, RefusedError
from tests.locks import add_totp, enter_password, recovery_codes

BEN = "ben@sosa.example"
MINUTE = 60


@pytest.fixture
async def town(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PostHouse]:
    async with post_house(tmp_path, clock) as opened:
        yield opened


def begin_root(town: PostHouse, minutes: int = 0) -> None:
    """Have another root begin, so many minutes from now."""
    now = town.house.clock.now()
    add_root(file_of(town), now, now + minutes * MINUTE)


def file_of(town: PostHouse) -> Path:
    return town.house.house.settings.data_dir / "keys.json"


async def let_in(town: PostHouse, identifier: str) -> Device:
    await (device := town.house.device()).sign_in(identifier)
    return device


async def left(town: PostHouse) -> dict[str, int]:
    """What is under the first root."""
    return dict(await town.house.auth.rekeying.count("1"))


async def test_117_a_root_follows_the_other_and_nobody_is_refused(town: PostHouse) -> None:
    ada = await town.member("ada")
    begin_root(town, minutes=15)
    for minute in range(30):
        town.house.clock.advance(MINUTE)
        # The nonce is of a minute ago, and nobody asks for another one.
        reply = await ada.send("GET", "/auth/v1/session", headers=headers_of(ada))
        assert reply.status == 200, f"minute {minute}"
        await ada.refresh()
        if minute % 3 == 0:
            assert (await let_in(town, ADA)).user["username"] == "ada", f"minute {minute}"
    assert root_of(town.house.house.keyring.mac("any", "thing")) == "2"
    assert "addresses" not in await left(town)


async def test_117_a_nonce_of_the_root_before_is_good_for_as_long_as_nonces_are(
    town: PostHouse, clock: ManualClock
) -> None:
    ada = await town.member("ada")
    (before,) = town.house.house.keyring.mac_keys("nonce")
    old = Nonces(lambda: (before,), clock)
    begin_root(town)
    for minutes, code in ((0, ""), (9, ""), (2, "use_nonce")):
        clock.advance(minutes * MINUTE)
        await ada.refresh()
        assert ada.keys
        ada.nonce = old.fresh(ada.keys.kid)
        reply = await ada.send("GET", "/auth/v1/session", headers=headers_of(ada))
        assert reply.code == code


def headers_of(device: Device) -> dict[str, str]:
    token = device.access["auth"]
    proof = device.proof("auth", "GET", "/auth/v1/session", presented=token)
    return {"Authorization": f"SoSa {token}", "Sosa-Proof": proof}


async def test_117_what_waited_for_a_code_goes_on_under_the_next_root(town: PostHouse) -> None:
    ada = await town.member("ada")
    applicant = await town.apply("ben", BEN)
    change = await town.change_email(ada, "new@sosa.example")
    begin_root(town)
    forgetful, mail = await town.forgetful(ADA)
    begin_root(town)
    await applicant.finish("verify", {"code": (await town.post.wait(BEN)).code})
    assert (await town.step(forgetful, "pin", {"pin": mail.code})).status == 200
    confirmed = await ada.call("auth", "POST", "/auth/v1/email/verify", {"code": change.code})
    assert confirmed.status == 204
    for identifier in ("new@sosa.example", BEN):
        await let_in(town, identifier)


async def test_117_an_address_is_its_owners_under_every_root(town: PostHouse) -> None:
    await town.member("ada")
    begin_root(town)
    await town.apply("impostor", ADA)
    assert (await town.post.wait(ADA, 2)).subject == "You already have an account at SoSa"


async def test_117_a_device_secret_is_good_once_under_all_roots(town: PostHouse) -> None:
    device, secret = town.house.device(), secrets.token_bytes(32)
    assert (await device.post_secret("login", secret)).status == 200
    begin_root(town)
    assert (await device.post_secret("login", secret)).code == "device_secret_reused"
    fresh = secrets.token_bytes(32)
    assert (await device.post_secret("login", fresh)).status == 200
    assert (await device.post_secret("login", fresh)).code == "device_secret_reused"


async def test_117_recovery_codes_are_good_once_under_the_next_root(town: PostHouse) -> None:
    ada = await town.member("ada")
    await add_totp(ada)
    codes = await recovery_codes(ada)
    assert {len(code.replace("-", "")) for code in codes} == {24}
    begin_root(town)
    for code, expected in ((codes[0], 200), (codes[0], 401), (codes[1], 200)):
        device = town.house.device()
        await enter_password(device, "ada", PASSWORD)
        form = {"type": "recovery_code", "value": code}
        assert (await town.step(device, "factor", form)).status == expected


async def test_117_a_name_that_is_gone_stays_gone(town: PostHouse, clock: ManualClock) -> None:
    ada = await town.member("ada")
    assert (await ada.call("auth", "DELETE", "/auth/v1/account")).status < 300
    clock.advance(14 * 86_400)
    await town.house.auth.keep_house()
    await town.house.auth._core.parts.outbox.deliver_all()
    begin_root(town)
    with pytest.raises(RefusedError, match="username_taken"):
        await town.house.device().register("ada")


async def test_117_sealed_addresses_and_logs_move_by_themselves(
    town: PostHouse, clock: ManualClock
) -> None:
    ada = await town.member("ada")
    change = await town.change_email(ada, "new@sosa.example", wants_notices=True)
    await ada.call("auth", "POST", "/auth/v1/email/verify", {"code": change.code})
    begin_root(town)
    await town.house.auth.keep_house()
    kinds = {"addresses", "lines of security logs", "ends of security logs"}
    assert kinds <= set(await left(town)), "what was begun before must find it as it was"
    clock.advance(11 * MINUTE)
    await town.house.auth.keep_house()
    assert not kinds & set(await left(town))
    await ada.refresh()
    log = await ada.call("auth", "GET", "/auth/v1/security-log")
    assert log.response["is_intact"]
    await let_in(town, "new@sosa.example")


async def test_117_a_log_that_was_changed_is_not_bound_anew(
    town: PostHouse, clock: ManualClock
) -> None:
    ada = await town.member("ada")
    async with town.house.auth._core.parts.database.transaction() as session:
        await session.execute(sa.text("UPDATE auth_security_event SET detail='nothing'"))
    begin_root(town)
    clock.advance(11 * MINUTE)
    await town.house.auth.keep_house()
    assert "lines of security logs" in await left(town)
    await ada.refresh()
    log = await ada.call("auth", "GET", "/auth/v1/security-log")
    assert not log.response["is_intact"]


async def test_117_a_root_goes_when_nothing_is_under_it(
    town: PostHouse, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    await town.member("ada")
    settings = town.house.house.settings
    begin_root(town)
    with pytest.raises(KeyringError, match="in use"):
        drop_root(file_of(town), "1", clock.now())
    with pytest.raises(KeyringError, match="1 addresses"):
        await keys.drop_root(settings, "1", is_forced=False)
    add_root(file_of(town), time.time(), time.time())
    await keys.show_status(settings)
    shown = capsys.readouterr().out
    assert "1 addresses, which leave as their owners sign in" in shown
    assert "root 3, and makes what is new" in shown
    clock.advance(11 * MINUTE)
    await let_in(town, ADA)
    clock.advance(401 * 86_400)
    await town.house.auth.keep_house()
    assert await left(town) == {}
    drop_root(file_of(town), "1", clock.now())
    await let_in(town, ADA)


async def test_a_root_that_is_dropped_anyway_takes_what_is_under_it_along(town: PostHouse) -> None:
    await town.member("ada")
    settings, now = town.house.house.settings, time.time()
    add_root(file_of(town), now, now - 11 * MINUTE)
    await keys.drop_root(settings, "1", is_forced=True)
    assert town.house.house.keyring.roots == ("2",)
    with pytest.raises(RefusedError, match="invalid_credentials"):
        await let_in(town, ADA)
    await let_in(town, "ada")


async def test_there_are_not_more_roots_than_look_ups_can_try(town: PostHouse) -> None:
    for _ in range(MAX_ROOTS - 1):
        begin_root(town)
    with pytest.raises(KeyringError, match="drop-root"):
        begin_root(town)


def test_every_keyed_hash_is_counted() -> None:
    names = ("hmac", "mac", "code_hash", "log_head")
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name.startswith("auth_")]
    columns = {
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if column.name in names or column.name.endswith("_hmac")
    }
    assert len(columns) > 8
    counted = {(keyed.column.table.name, keyed.column.name) for keyed in KEYED}
    assert counted == columns | {("auth_user", "username_key")}


async def test_the_first_root_is_read_from_a_file_of_before(house: AuthHouse) -> None:
    keyring = house.house.keyring
    stored = json.loads((house.house.settings.data_dir / "keys.json").read_bytes())
    old = {**stored, "mac_root": stored["mac_roots"]["1"]}
    del old["mac_roots"], old["times"]
    before = type(keyring)(old)
    assert before.mac("label", "data") == keyring.mac("label", "data")
    assert before.is_mac(keyring.mac("label", "data"), "label", "data")
