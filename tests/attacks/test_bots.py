"""Bots: what their secret opens, what it does not, and when it ends."""

import asyncio
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from backend.auth import models
from backend.auth.api import OPEN_TO_BOTS
from backend.auth.contract import Auth, Confirmed, Recipient
from backend.auth.service.sessions import end_all
from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.op import operations
from tests.attacks.bots import Secret, fetch_tokens, let_in, machine, make_bot, renew, robot
from tests.attacks.house import AuthHouse
from tests.device import Device, RefusedError, unb64

SESSION = "/auth/v1/session"


def clock_time(clock: ManualClock, seconds: float) -> datetime:
    return datetime.fromtimestamp(clock.now() + seconds, UTC)


async def refused(doing: Any) -> tuple[int, str]:
    with pytest.raises(RefusedError) as told:
        await doing
    return told.value.reply.status, told.value.code


async def listed(owner: Device) -> list[dict[str, Any]]:
    return (await owner.call("auth", "GET", "/auth/v1/bots")).response["bots"]


async def seen_by_owner(house: AuthHouse, owner: Device) -> list[tuple[str, str]]:
    async with house.house.parts["auth"].database.reading() as session:
        mine = col(models.SecurityEvent.user_id) == owner.user["id"]
        lines = select(models.SecurityEvent).where(mine).order_by(col(models.SecurityEvent.number))
        return [(line.name, line.detail) for line in await session.scalars(lines)]


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


async def end(owner: Device, given: Secret, ending: str) -> Secret | None:
    if ending == "renew":
        return await renew(owner, given.bot)
    reply = await owner.call("auth", "DELETE", f"/auth/v1/bots/{given.bot}")
    assert reply.status == 204
    return None


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


async def test_another_members_bot_is_not_there(house: AuthHouse, ada: Device, ben: Device):
    given, bot = await robot(house, ada)
    assert await listed(ben) == []
    for method, path in (("DELETE", given.bot), ("POST", f"{given.bot}/secret")):
        body: dict[str, str] | None = {} if method == "POST" else None
        reply = await ben.call("auth", method, f"/auth/v1/bots/{path}", body)
        assert (reply.status, reply.code) == (404, "not_found")
    assert (await bot.call("auth", "GET", SESSION)).status == 200


async def test_making_and_ending_bots_takes_a_fresh_proof_of_who_one_is(
    house: AuthHouse, ada: Device, clock: ManualClock
):
    given, bot = await robot(house, ada)
    clock.advance(601)
    await ada.refresh()
    assert await refused(make_bot(ada, "boop")) == (403, "step_up_required")
    assert await refused(renew(ada, given.bot)) == (403, "step_up_required")
    reply = await ada.call("auth", "DELETE", f"/auth/v1/bots/{given.bot}")
    assert (reply.status, reply.code) == (403, "step_up_required")
    assert [entry["id"] for entry in await listed(ada)] == [given.bot]
    assert await let_in(bot, given.bot)


async def test_a_member_has_five_bots_at_most_also_when_asking_at_once(
    house: AuthHouse, ada: Device, ben: Device
):
    made = [await make_bot(ada, f"bot-{number}") for number in range(4)]
    both = await asyncio.gather(
        make_bot(ada, "fifth"), make_bot(ada, "sixth"), return_exceptions=True
    )
    (refusal,) = (one for one in both if isinstance(one, BaseException))
    assert isinstance(refusal, RefusedError)
    assert (refusal.reply.status, refusal.code) == (403, "quota")
    assert await make_bot(ben, "bens-own")
    await end(ada, made[0], "revoke")
    assert await make_bot(ada, "in-its-place")


@pytest.mark.parametrize(
    ("name", "answer"),
    [("ada", (409, "username_taken")), ("ADA", (409, "username_taken")),
     ("no", (422, "invalid_request")), ("no spaces", (422, "invalid_request"))],
)  # fmt: skip
async def test_names_of_bots_follow_the_rules_of_names(
    house: AuthHouse, ada: Device, name: str, answer: tuple[int, str]
):
    assert await make_bot(ada, "fine_name-1")
    with pytest.raises(RefusedError) as told:
        await make_bot(ada, name)
    assert (told.value.reply.status, told.value.code) == answer
    assert told.value.reply.json["errors"][0]["field"] == "name"


@pytest.mark.parametrize("state", ["banned", "deleting", "suspended"])
async def test_a_bot_stays_out_while_its_owner_has_to(house: AuthHouse, ada: Device, state: str):
    given, bot = await robot(house, ada)
    async with house.house.parts["auth"].database.transaction() as session:
        owner = await session.get_one(models.User, ada.user["id"])
        owner.state = state
        session.add(owner)
    assert await refused(let_in(bot, given.bot)) == (403, "bot_owner_away")


async def test_a_bot_is_back_when_its_owners_suspension_is_over(
    house: AuthHouse, ada: Device, clock: ManualClock
):
    given, bot = await robot(house, ada)
    async with house.house.parts["auth"].database.transaction() as session:
        owner = await session.get_one(models.User, ada.user["id"])
        owner.state, owner.state_until = "suspended", clock_time(clock, 3_600)
        session.add(owner)
    assert await refused(let_in(bot, given.bot)) == (403, "bot_owner_away")
    clock.advance(3_601)
    assert await let_in(bot, given.bot)


async def test_after_a_restored_backup_a_bot_needs_a_new_secret(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    assert [bot["has_keys"] for bot in await listed(ada)] == [True]
    await end_all(house.house.parts["auth"].database, "restored")
    assert await refused(let_in(machine(house, given), given.bot)) == (401, "invalid_proof")
    await ada.sign_in("ada")
    assert [bot["has_keys"] for bot in await listed(ada)] == [False]
    newer = await renew(ada, given.bot)
    assert await let_in(machine(house, newer), given.bot)


async def test_a_stolen_token_of_a_bot_opens_nothing_without_its_keys(
    house: AuthHouse, ada: Device, ben: Device
):
    _, bot = await robot(house, ada)
    assert (await bot.call("auth", "GET", SESSION)).status == 200
    reply = await ben.prove("auth", "GET", SESSION, token=bot.access["auth"])
    assert (reply.status, reply.code) == (401, "invalid_proof")


async def test_the_owner_reads_of_it_in_the_security_log(house: AuthHouse, ada: Device):
    given, _ = await robot(house, ada)
    newer = await renew(ada, given.bot)
    await let_in(machine(house, newer), given.bot)
    await end(ada, newer, "revoke")
    assert [line for line in await seen_by_owner(house, ada) if line[0].startswith("bot")] == [
        ("bot_made", "beep"),
        ("bot_signed_in", "beep"),
        ("bot_secret_renewed", "beep"),
        ("bot_signed_in", "beep"),
        ("bot_revoked", "beep"),
    ]
