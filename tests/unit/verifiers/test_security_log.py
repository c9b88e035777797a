"""No line of a member's security log is changed, moved or taken away unseen."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.security_log import SecurityLog
from backend.kit.clock import ManualClock, utc


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
