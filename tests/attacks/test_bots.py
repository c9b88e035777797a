"""Bots: what their secret opens, what it does not, and when it ends."""

import asyncio
import json
import re
import secrets

import pytest
from sqlmodel import SQLModel

from backend.auth import models
from backend.auth.api import OPEN_TO_BOTS
from backend.auth.contract import Auth, Confirmed, Recipient
from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.op import operations
from tests.attacks.bots import (
    end,
    fetch_tokens,
    let_in,
    listed,
    machine,
    make_bot,
    refused,
    robot,
)
from tests.attacks.house import AuthHouse
from tests.device import Device, unb64

SESSION = "/auth/v1/session"


async def dumped(house: AuthHouse) -> str:
    async with house.house.parts["auth"].database.reading() as session:
        rows = [
            await session.execute(table.select())
            for table in SQLModel.metadata.sorted_tables
            if table.name.startswith("auth_")
        ]
        return "".join(str(each.all()) for each in rows)


async def test_a_bot_is_an_account_of_its_own(house: AuthHouse, ada: Device):
    given, bot = await robot(house, ada, "Beep-1")
    found = (await bot.call("auth", "GET", SESSION)).response
    assert found["user"] == {"id": given.bot, "username": "Beep-1"}
    assert found["amr"] == ["swk"]
    assert given.bot != ada.user["id"]
    async with house.house.parts["auth"].database.reading() as session:
        account = await session.get_one(models.User, given.bot)
        owner = await session.get_one(models.User, ada.user["id"])
    assert (account.is_bot, account.owner_id) == (True, owner.id)
    assert account.age_band == owner.age_band


async def test_its_tokens_say_that_it_is_a_bot_and_peoples_do_not(house: AuthHouse, ada: Device):
    _, bot = await robot(house, ada)
    for device, is_bot in ((bot, True), (ada, False)):
        claims = json.loads(unb64(device.access["messaging"].split(".")[1]))
        assert ("bot" in claims["roles"]) is is_bot


async def test_the_secret_is_told_once_and_kept_nowhere(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    told_again = json.dumps(await listed(ada))
    assert given.name in told_again
    assert given.secret not in told_again
    kept = await dumped(house)
    assert given.kid in kept
    for form in (given.secret, unb64(given.secret).hex(), repr(unb64(given.secret))):
        assert form not in kept


async def test_the_secret_itself_is_good_for_nothing_at_the_doors_for_people(
    house: AuthHouse, ada: Device
):
    assert (await house.device().post_secret("login", secrets.token_bytes(32))).status == 200
    given = await make_bot(ada, "beep")
    reply = await house.device().post_secret("login", unb64(given.secret))
    assert (reply.status, reply.code) == (409, "device_secret_reused")


async def test_a_bot_keeps_one_session_however_often_it_comes(
    house: AuthHouse, ada: Device, clock: ManualClock
):
    given, bot = await robot(house, ada)
    first = bot.session
    clock.advance(3_600)
    assert (await let_in(machine(house, given), given.bot)).session == first
    clock.advance(31 * 86_400)
    later = await let_in(machine(house, given), given.bot)
    assert later.session != first
    assert (await later.call("auth", "GET", SESSION)).status == 200


async def test_ten_first_comings_at_once_open_one_session(house: AuthHouse, ada: Device):
    given = await make_bot(ada, "beep")
    machines = await asyncio.gather(*(let_in(machine(house, given), given.bot) for _ in range(10)))
    assert len({one.session for one in machines}) == 1


async def test_only_the_keys_of_the_bot_fetch_its_tokens(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    other, _ = await robot(house, ada, "boop")
    for impostor in (machine(house, other), ada):
        reply = await fetch_tokens(impostor, given.bot)
        assert (reply.status, reply.code) == (401, "invalid_proof")
    bare = await house.device().send("POST", f"/auth/v1/bots/{given.bot}/tokens", {})
    assert (bare.status, bare.code) == (401, "proof_required")


async def test_what_is_no_bot_looks_like_a_wrong_proof(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    for nobody in (ada.user["id"], "nobody"):
        reply = await fetch_tokens(machine(house, given), nobody)
        assert (reply.status, reply.code) == (401, "invalid_proof")


async def test_a_stranger_cannot_keep_a_bot_out_by_guessing(house: AuthHouse, ada: Device):
    given, bot = await robot(house, ada)
    forger = machine(house, given)
    assert forger.keys
    forger.keys.proof["auth"] = bytes(32)
    for _ in range(20):
        assert (await fetch_tokens(forger, given.bot)).code == "invalid_proof"
    assert (await fetch_tokens(bot, given.bot)).status == 200


async def test_a_proof_fetches_tokens_once(house: AuthHouse, ada: Device):
    given, bot = await robot(house, ada)
    path = f"/auth/v1/bots/{given.bot}/tokens"
    proof = {"Sosa-Proof": bot.proof("auth", "POST", path, body=b"{}")}
    assert (await bot.send("POST", path, b"{}", proof)).status == 200
    again = await bot.send("POST", path, b"{}", proof)
    assert (again.status, again.code) == (401, "replayed_proof")


@pytest.mark.parametrize("ending", ["revoke", "renew"])
async def test_an_old_secret_opens_nothing_any_more(house: AuthHouse, ada: Device, ending: str):
    given, bot = await robot(house, ada)
    assert (await bot.call("auth", "GET", SESSION)).status == 200
    newer = await end(ada, given, ending)
    gone = await bot.call("auth", "GET", SESSION)
    assert (gone.status, gone.code) == (401, "invalid_token")
    assert await refused(let_in(machine(house, given), given.bot)) == (401, "invalid_proof")
    if newer is None:
        assert await listed(ada) == []
    else:
        assert await let_in(machine(house, newer), given.bot)


@pytest.mark.parametrize("ending", ["revoke", "renew"])
async def test_a_secret_that_was_never_used_ends_as_well(
    house: AuthHouse, ada: Device, ending: str
):
    given = await make_bot(ada, "beep")
    await end(ada, given, ending)
    assert await refused(let_in(machine(house, given), given.bot)) == (401, "invalid_proof")


async def test_a_bot_gets_tickets_for_sockets_and_none_for_pages(house: AuthHouse, ada: Device):
    _, bot = await robot(house, ada)
    assert await bot.ticket("messaging")
    assert await ada.ticket("ui")
    assert await refused(bot.ticket("ui")) == (403, "not_for_bots")


MEMBERS_ONLY = (
    ("GET", "/auth/v1/sessions", None),
    ("GET", "/auth/v1/devices", None),
    ("GET", "/auth/v1/bots", None),
    ("POST", "/auth/v1/bots", {"name": "bot-of-a-bot"}),
)


async def test_what_is_for_people_is_closed_to_bots(house: AuthHouse, ada: Device):
    given, bot = await robot(house, ada)
    for method, path, body in MEMBERS_ONLY:
        assert (await ada.call("auth", method, path, body)).status == 200, path
        reply = await bot.call("auth", method, path, body)
        assert (reply.status, reply.code) == (403, "not_for_bots"), path
    for own in (f"devices/{bot.device_id}", f"sessions/{bot.session}", f"bots/{given.bot}"):
        reply = await bot.call("auth", "DELETE", f"/auth/v1/{own}")
        assert (reply.status, reply.code) == (403, "not_for_bots"), own
    assert (await bot.call("auth", "GET", SESSION)).status == 200


async def test_every_door_of_auth_is_closed_to_bots_unless_it_says_otherwise(
    house: AuthHouse, ada: Device
):
    _, bot = await robot(house, ada)
    people = {Member, Recipient, Confirmed}
    walked = [item for item in operations(Auth) if people & set(item.caller_types)]
    assert {item.path for item in walked} > OPEN_TO_BOTS
    for operation in walked:
        path = re.sub(r"{\w+}", "unknown", operation.path)
        body: dict[str, str] | None = {} if operation.has_body else None
        reply = await bot.call("auth", operation.method, path, body)
        is_open = operation.path in OPEN_TO_BOTS
        assert (reply.code == "not_for_bots") is not is_open, operation.name


async def test_nobody_signs_in_as_a_bot_by_password(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    await house.device().sign_in("ada")
    assert await refused(house.device().sign_in(given.name)) == (401, "invalid_credentials")
