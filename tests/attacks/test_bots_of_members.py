"""Bots and who answers for them: whose they are, how many, and what the owner is told."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.sessions import end_all
from backend.kit.clock import ManualClock
from tests.attacks.bots import (
    end,
    let_in,
    listed,
    machine,
    make_bot,
    refused,
    renew,
    robot,
)
from tests.attacks.house import AuthHouse
from tests.device import Device, RefusedError

SESSION = "/auth/v1/session"


def clock_time(clock: ManualClock, seconds: float) -> datetime:
    return datetime.fromtimestamp(clock.now() + seconds, UTC)


async def seen_by_owner(house: AuthHouse, owner: Device) -> list[tuple[str, str]]:
    async with house.house.parts["auth"].database.reading() as session:
        mine = col(models.SecurityEvent.user_id) == owner.user["id"]
        lines = select(models.SecurityEvent).where(mine).order_by(col(models.SecurityEvent.number))
        return [(line.name, line.detail) for line in await session.scalars(lines)]


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
