"""Codes that are mailed: of one row, for ten minutes, five tries, and once."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.auth import models
from backend.auth.service.codes import ALPHABET, Codes, new_code, normal
from backend.kit.clock import ManualClock, utc

CODE = "0A1B2C"


@pytest.fixture
def codes(parts: Any) -> Codes:
    return Codes(parts)


async def waiting(session: AsyncSession, codes: Codes, row_id: str = "p-1") -> models.Preauth:
    """A beginning that waits for the code."""
    now = utc(codes._parts.clock)
    row = models.Preauth(
        id=row_id, kind="reset", kid="k", leaves="", device_name="", device_platform="",
        is_too_young=False, tries=0, expires_at=now, used_at=None, **codes.columns(row_id, CODE),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def tried(
    codes: Codes, session: AsyncSession, typed: str, row_id: str = "p-1"
) -> bool | None:
    right = await codes.is_right(session, models.Preauth, row_id, typed)
    await session.flush()
    session.expire_all()
    return right


def test_a_new_code_is_six_of_the_alphabet():
    made = [new_code() for _ in range(200)]
    assert {len(code) for code in made} == {6}
    assert set("".join(made)) == set(ALPHABET)


@pytest.mark.parametrize(
    "typed", ["0A1B2C", "0a1b2c", " oA-i B 2c", "OAlB2C", "OALB2C", "0AIB2C\n"]
)
def test_a_code_is_what_somebody_meant(typed: str):
    assert normal(typed) == CODE


async def test_the_right_code_is_right_once(codes: Codes, session: AsyncSession):
    row = await waiting(session, codes)
    assert codes.is_open(row)
    assert await tried(codes, session, " 0a-1b-2c ") is True
    await session.refresh(row)
    assert not codes.is_open(row)
    assert await tried(codes, session, CODE) is None


async def test_a_wrong_code_is_wrong_five_times_and_then_the_right_one_is_worthless(
    codes: Codes, session: AsyncSession
):
    row = await waiting(session, codes)
    for number in range(1, 6):
        assert codes.is_open(row)
        assert await tried(codes, session, "000000") is False
        await session.refresh(row)
        assert row.code_tries == number
    assert not codes.is_open(row)
    assert await tried(codes, session, CODE) is None


async def test_a_fifth_try_may_be_right(codes: Codes, session: AsyncSession):
    await waiting(session, codes)
    for _ in range(4):
        assert await tried(codes, session, "000000") is False
    assert await tried(codes, session, CODE) is True


@pytest.mark.parametrize(("seconds", "is_good"), [(599, True), (600, False)])
async def test_a_code_is_good_for_ten_minutes(
    codes: Codes, session: AsyncSession, clock: ManualClock, seconds: int, *, is_good: bool
):
    row = await waiting(session, codes)
    clock.advance(seconds)
    assert codes.is_open(row) is is_good
    assert await tried(codes, session, CODE) is (True if is_good else None)


async def test_a_code_is_of_one_row(codes: Codes, session: AsyncSession):
    await waiting(session, codes)
    other = await waiting(session, codes, "p-2")
    other.code_hmac = codes.columns("p-1", CODE)["code_hmac"]
    await session.flush()
    assert await tried(codes, session, CODE, "p-2") is False
    assert await tried(codes, session, CODE) is True
    await session.refresh(other)
    assert (other.code_tries, other.code_hmac is None) == (1, False)


async def test_where_there_is_no_code_there_is_none_to_try(codes: Codes, session: AsyncSession):
    row = await waiting(session, codes)
    assert await tried(codes, session, CODE, "p-2") is None
    for column in ("code_hmac", "code_expires_at"):
        await session.execute(update(models.Preauth).values(**codes.columns("p-1", CODE)))
        await session.execute(update(models.Preauth).values(**{column: None}))
        await session.refresh(row)
        assert not codes.is_open(row)
        assert await tried(codes, session, CODE) is None
        await session.refresh(row)
    assert row.code_tries == 0


async def test_an_address_that_waits_has_a_code_as_well(
    codes: Codes, session: AsyncSession, ada: models.User, ben: models.User
):
    for user in (ada, ben):
        columns = codes.columns(user.id, CODE)
        session.add(models.PendingEmail(user_id=user.id, hmac="h", **columns))
    await session.flush()
    assert await codes.is_right(session, models.PendingEmail, ada.id, "000000") is False
    assert await codes.is_right(session, models.PendingEmail, ada.id, CODE) is True
    assert await codes.is_right(session, models.PendingEmail, ada.id, CODE) is None
    assert await codes.is_right(session, models.PendingEmail, ben.id, CODE) is True


def test_a_code_is_kept_as_a_mac(codes: Codes, parts: Any):
    mac = parts.keyring.mac("code 1", f"p-1 {CODE}")
    assert codes.columns("p-1", CODE)["code_hmac"] == mac


async def test_a_new_code_makes_the_one_before_worthless(codes: Codes, session: AsyncSession):
    await waiting(session, codes)
    again = update(models.Preauth).where(col(models.Preauth.id) == "p-1")
    await session.execute(again.values(**codes.columns("p-1", "FFFFFF")))
    assert await tried(codes, session, CODE) is False
    assert await tried(codes, session, "FFFFFF") is True
