"""No line of a member's security log is changed, moved or taken away unseen."""

from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.security_log import SecurityLog
from backend.kit.clock import ManualClock, utc
from backend.kit.key_files import fresh_keys, random_key


@pytest.fixture
async def log(parts: Any, session: AsyncSession, ada: models.User, ben: models.User) -> SecurityLog:
    """Three lines of ada's and two of ben's."""
    log = SecurityLog(parts)
    await log.add(session, ada.id, "signed_in", device_name="Phone", detail="by password")
    await log.add(session, ben.id, "signed_in")
    parts.clock.advance(60)
    await log.add(session, ada.id, "suspended", actor_id=ben.id, detail="for a day")
    await log.add(session, ada.id, "signed_out")
    await log.add(session, ben.id, "signed_out")
    return log


async def lines(session: AsyncSession, user: models.User) -> list[models.SecurityEvent]:
    query = select(models.SecurityEvent).where(col(models.SecurityEvent.user_id) == user.id)
    number = col(models.SecurityEvent.number)
    return list(await session.scalars(query.order_by(number)))


async def test_what_happened_is_written_as_it_was(
    log: SecurityLog, session: AsyncSession, ada: models.User, ben: models.User, clock: ManualClock
):
    said = [
        (line.number, line.name, line.actor_id, line.device_name, line.detail, line.at)
        for line in await lines(session, ada)
    ]
    now = utc(clock)
    assert said == [
        (1, "signed_in", ada.id, "Phone", "by password", now - timedelta(minutes=1)),
        (2, "suspended", ben.id, "", "for a day", now),
        (3, "signed_out", ada.id, "", "", now),
    ]
    assert [line.number for line in await lines(session, ben)] == [1, 2]
    for user in (ada, ben):
        assert await log.find_broken(session, user.id) is None


async def test_lines_that_were_written_long_ago_are_good_still(
    log: SecurityLog, session: AsyncSession, ada: models.User, parts: Any
):
    first, second, _ = await lines(session, ada)
    before = ""
    for line, said in (
        (
            first,
            "9:id-of-ada1:125:2027-01-15T08:00:00+00:009:signed_in9:id-of-ada5:Phone11:by password",
        ),
        (second, "9:id-of-ada1:225:2027-01-15T08:01:00+00:009:suspended9:id-of-ben0:9:for a day"),
    ):
        text = f"{len(before)}:{before}{said}"
        before = parts.keyring.mac("security log 1", text)
        assert line.mac == before


async def test_lines_of_one_member_are_written_one_after_the_other(
    log: SecurityLog, session: AsyncSession, ada: models.User, locked: list[str]
):
    await log.add(session, ada.id, "signed_in")
    assert locked == [f"auth_user.id = '{ada.id}'::VARCHAR FOR UPDATE"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "banned"),
        ("actor_id", "id-of-cleo"),
        ("device_name", "Another phone"),
        ("detail", "for two days"),
        ("at", timedelta(seconds=1)),
        ("mac", "0" * 64),
    ],
)
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_line_that_was_changed_is_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, number: int, field: str, value: Any
):
    line = (await lines(session, ada))[number - 1]
    changed = line.at + value if isinstance(value, timedelta) else value
    setattr(line, field, changed)
    await session.flush()
    assert await log.find_broken(session, ada.id) == number


async def test_letters_that_move_from_one_field_to_the_next_are_found(
    log: SecurityLog, session: AsyncSession, ada: models.User
):
    line = (await lines(session, ada))[0]
    line.device_name, line.detail = "Phone1", line.detail[1:]
    await session.flush()
    assert await log.find_broken(session, ada.id) == 1


@pytest.mark.parametrize("gone", [1, 2])
async def test_a_line_that_was_taken_away_is_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, gone: int
):
    await session.delete((await lines(session, ada))[gone - 1])
    await session.flush()
    assert await log.find_broken(session, ada.id) == gone


async def test_lines_that_moved_up_after_one_was_taken_away_are_found(
    log: SecurityLog, session: AsyncSession, ada: models.User
):
    first, second, third = await lines(session, ada)
    await session.delete(first)
    await session.flush()
    second.number, third.number = 1, 2
    await session.flush()
    assert await log.find_broken(session, ada.id) == 1


async def test_a_line_of_somebody_else_is_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, ben: models.User
):
    taken, _ = await lines(session, ben)
    own = (await lines(session, ada))[0]
    own.name, own.actor_id, own.device_name = taken.name, taken.actor_id, taken.device_name
    own.detail, own.at, own.mac = taken.detail, taken.at, taken.mac
    await session.flush()
    assert await log.find_broken(session, ada.id) == 1


async def cut(session: AsyncSession, user: models.User, *numbers: int) -> None:
    """Take lines away, as whoever has the database could."""
    for line in await lines(session, user):
        if line.number in numbers:
            await session.delete(line)
    await session.flush()


async def put_head(session: AsyncSession, user: models.User, **columns: Any) -> None:
    """Change what the account's own row says of its log."""
    own = update(models.User).where(col(models.User.id) == user.id)
    await session.execute(own.values(**columns))
    await session.refresh(user)


async def numbers(session: AsyncSession, user: models.User) -> list[int]:
    return [line.number for line in await lines(session, user)]


async def test_an_account_says_how_many_lines_there_are_and_which_is_the_last(
    log: SecurityLog, session: AsyncSession, ada: models.User, ben: models.User, parts: Any
):
    for user, count in ((ada, 3), (ben, 2)):
        await session.refresh(user)
        last = (await lines(session, user))[-1].mac
        ends = f"9:{user.id}1:{count}64:{last}"
        assert (user.log_count, user.log_head) == (
            count,
            parts.keyring.mac("security log head 1", ends),
        )


@pytest.mark.parametrize("gone", [(3,), (2, 3), (1, 2, 3)])
async def test_lines_that_were_cut_off_are_found_and_stay_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, ben: models.User, gone: Any
):
    await cut(session, ada, *gone)
    first = min(gone)
    assert await log.find_broken(session, ada.id) == first
    await log.add(session, ada.id, "signed_in")
    # A line has the number that it would have had; the next do not cover up that some are gone.
    assert await numbers(session, ada) == [*range(1, first), 4]
    assert await log.find_broken(session, ada.id) == first
    assert await log.find_broken(session, ben.id) is None


async def test_an_end_of_another_log_does_not_fit(
    log: SecurityLog, session: AsyncSession, ada: models.User, ben: models.User
):
    await log.add(session, ben.id, "signed_in")
    await session.refresh(ben)
    assert await log.find_broken(session, ada.id) is None
    await put_head(session, ada, log_head=ben.log_head)
    assert await log.find_broken(session, ada.id) == 4
    await log.add(session, ada.id, "signed_in")
    assert await log.find_broken(session, ada.id) == 4


@pytest.mark.parametrize("count", [0, 1, 2, 4])
async def test_a_number_of_lines_that_was_changed_is_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, count: int
):
    await put_head(session, ada, log_count=count)
    assert await log.find_broken(session, ada.id) == 4
    await log.add(session, ada.id, "signed_in")
    assert await numbers(session, ada) == [1, 2, 3, max(count, 3) + 1]
    assert await log.find_broken(session, ada.id) == 4


@pytest.mark.parametrize("count", [0, 3])
async def test_an_end_that_was_taken_away_is_found(
    log: SecurityLog, session: AsyncSession, ada: models.User, count: int
):
    await put_head(session, ada, log_count=count, log_head="")
    assert await log.find_broken(session, ada.id) == 4
    await log.add(session, ada.id, "signed_in")
    assert await log.find_broken(session, ada.id) == 4


async def test_an_account_without_a_line_is_none_that_came_in(
    session: AsyncSession, ada: models.User, parts: Any
):
    log = SecurityLog(parts)
    assert await log.find_broken(session, ada.id) == 1
    assert not await log.renew(session, ada.id)
    await log.add(session, ada.id, "signed_in")
    assert await log.find_broken(session, ada.id) is None


@pytest.fixture
def rooted(parts: Any) -> dict[str, Any]:
    """The keys of a house of which the second root has just begun."""
    stored = fresh_keys()
    parts.keyring._take(stored)
    stored["mac_roots"]["2"] = random_key()
    return stored


async def test_a_log_is_bound_anew_under_the_root_of_now(
    rooted: dict[str, Any], parts: Any, session: AsyncSession, ada: models.User, locked: list[str]
):
    log = SecurityLog(parts)
    for name in ("signed_in", "signed_out", "signed_in"):
        await log.add(session, ada.id, name)
    parts.keyring._take(rooted)
    locked.clear()
    assert await log.find_broken(session, ada.id) is None
    assert locked == []
    assert await log.renew(session, ada.id)
    assert locked == [f"auth_user.id = '{ada.id}'::VARCHAR FOR UPDATE"]
    await session.flush()
    await session.refresh(ada)
    kept = [line.mac for line in await lines(session, ada)]
    assert all(mac.startswith("2.") for mac in (*kept, ada.log_head))
    del rooted["mac_roots"]["1"]
    parts.keyring._take(rooted)
    assert await log.find_broken(session, ada.id) is None
    await log.add(session, ada.id, "signed_out")
    assert await log.find_broken(session, ada.id) is None


async def test_a_log_that_was_tampered_with_is_not_bound_anew(
    rooted: dict[str, Any], parts: Any, session: AsyncSession, ada: models.User
):
    log = SecurityLog(parts)
    for name in ("signed_in", "signed_out"):
        await log.add(session, ada.id, name)
    await cut(session, ada, 2)
    parts.keyring._take(rooted)
    assert not await log.renew(session, ada.id)
    assert [line.mac[:2] == "2." for line in await lines(session, ada)] == [False]


async def test_the_log_of_the_process_tells_once_and_only_what_has_come_to_be(
    parts: Any, session: AsyncSession, ada: models.User, ben: models.User
):
    log, (one, other) = SecurityLog(parts), (ada.id, ben.id)
    with structlog.testing.capture_logs() as told:
        await log.add(session, one, "signed_in", device_name="Phone", by=("pwd", "otp"))
        await log.add(session, one, "suspended", actor_id=other, detail="for a day")
        assert told == []
        await session.commit()
        await session.commit()
    said = {"event": "account_event", "log_level": "info", "user_id": one}
    assert told == [
        {**said, "what": "signed_in", "actor_id": one, "by": ["pwd", "otp"]},
        {**said, "what": "suspended", "actor_id": other},
    ]
