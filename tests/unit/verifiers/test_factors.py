"""Codes from an app and from paper: whose they are, when, and how often."""

import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from backend.auth import models
from backend.auth.contract import BadFactorError, FactorExistsError
from backend.auth.service.recovery_codes import RecoveryCodes
from backend.auth.service.totp import TotpApps, code_at
from backend.kit.clock import ManualClock, utc
from backend.kit.errors import NotFoundError

PAPER = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}")


@pytest.fixture
def apps(parts: Any) -> TotpApps:
    return TotpApps(parts)


@pytest.fixture
def papers(parts: Any) -> RecoveryCodes:
    return RecoveryCodes(parts)


def shown(secret: str, clock: ManualClock, steps: int = 0) -> str:
    """What the phone shows, that many steps from now."""
    return code_at(secret, int(clock.now()) // 30 + steps).decode()


async def begun(apps: TotpApps, session: AsyncSession, user: models.User) -> str:
    return (await apps.begin(session, user))["secret"]


async def in_use(
    apps: TotpApps, session: AsyncSession, user: models.User, clock: ManualClock
) -> str:
    """The secret of an app that was set up a while ago."""
    secret = await begun(apps, session, user)
    await apps.confirm(session, user.id, shown(secret, clock))
    clock.advance(3_610)
    return secret


async def test_a_phone_learns_what_the_code_is_for(
    apps: TotpApps, session: AsyncSession, ada: models.User
):
    told = await apps.begin(session, ada)
    uri = urlsplit(told["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == "/SoSa%20%28sosa.example%29:Ada"
    assert parse_qs(uri.query)["secret"] == [told["secret"]]
    assert told["picture"].startswith("data:image/svg+xml")
    row = await session.get(models.Totp, ada.id)
    assert row is not None
    assert told["secret"] not in row.sealed_secret


async def test_an_app_waits_for_its_first_code_and_that_is_used_then(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock
):
    secret = await begun(apps, session, ada)
    with pytest.raises(BadFactorError):
        await apps.use(session, ada.id, shown(secret, clock))
    with pytest.raises(BadFactorError):
        await apps.confirm(session, ada.id, "000000")
    await apps.confirm(session, ada.id, shown(secret, clock))
    with pytest.raises(BadFactorError):
        await apps.use(session, ada.id, shown(secret, clock))
    await apps.use(session, ada.id, shown(secret, clock, 1))
    with pytest.raises(NotFoundError):
        await apps.confirm(session, ada.id, shown(secret, clock))
    row = await session.get(models.Totp, ada.id)
    assert row is not None
    assert row.confirmed_at == utc(clock)


@pytest.mark.parametrize(("seconds", "is_open"), [(900, True), (901, False)])
async def test_an_app_waits_for_a_quarter_of_an_hour(
    apps: TotpApps,
    session: AsyncSession,
    ada: models.User,
    clock: ManualClock,
    seconds: int,
    *,
    is_open: bool,
):
    secret = await begun(apps, session, ada)
    clock.advance(seconds)
    if is_open:
        await apps.confirm(session, ada.id, shown(secret, clock))
        return
    with pytest.raises(NotFoundError):
        await apps.confirm(session, ada.id, shown(secret, clock))


async def test_nobody_confirms_what_was_not_begun(
    apps: TotpApps, session: AsyncSession, ada: models.User, ben: models.User, clock: ManualClock
):
    secret = await begun(apps, session, ada)
    with pytest.raises(NotFoundError):
        await apps.confirm(session, ben.id, shown(secret, clock))


async def test_who_begins_again_has_another_secret_until_one_is_in_use(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock
):
    first, second = await begun(apps, session, ada), await begun(apps, session, ada)
    assert first != second
    with pytest.raises(BadFactorError):
        await apps.confirm(session, ada.id, shown(first, clock))
    await apps.confirm(session, ada.id, shown(second, clock))
    with pytest.raises(FactorExistsError):
        await apps.begin(session, ada)


async def test_of_two_who_set_an_app_up_at_once_one_waits_for_the_other(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock, locked: list[str]
):
    secret = await begun(apps, session, ada)
    await apps.confirm(session, ada.id, shown(secret, clock))
    assert locked == [f"auth_totp.user_id = '{ada.id}'::VARCHAR FOR UPDATE"] * 2


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_clock_may_be_off_by_one_step(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock, steps: int
):
    secret = await in_use(apps, session, ada, clock)
    code = shown(secret, clock, steps)
    await apps.use(session, ada.id, f" {code[:3]} {code[3:]}\n")


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_a_code_of_another_time_is_refused(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock, steps: int
):
    secret = await in_use(apps, session, ada, clock)
    with pytest.raises(BadFactorError):
        await apps.use(session, ada.id, shown(secret, clock, steps))


async def test_a_code_is_good_once_and_none_before_it_after(
    apps: TotpApps, session: AsyncSession, ada: models.User, clock: ManualClock
):
    secret = await in_use(apps, session, ada, clock)
    clock.advance(5)
    await apps.use(session, ada.id, shown(secret, clock))
    clock.advance(10)
    for steps in (0, -1):
        with pytest.raises(BadFactorError):
            await apps.use(session, ada.id, shown(secret, clock, steps))
    await apps.use(session, ada.id, shown(secret, clock, 1))


async def test_an_app_is_of_one_account(
    apps: TotpApps, session: AsyncSession, ada: models.User, ben: models.User, clock: ManualClock
):
    secret = await in_use(apps, session, ada, clock)
    other = await in_use(apps, session, ben, clock)
    code = shown(secret, clock)
    with pytest.raises(BadFactorError):
        await apps.use(session, ben.id, code)
    await apps.use(session, ada.id, code)
    await apps.use(session, ben.id, shown(other, clock))
    await apps.remove(session, ada.id)
    with pytest.raises(BadFactorError):
        await apps.use(session, ada.id, shown(secret, clock, 1))
    await apps.use(session, ben.id, shown(other, clock, 1))


async def test_an_app_that_waits_can_be_removed_and_what_is_not_there_cannot(
    apps: TotpApps, session: AsyncSession, ada: models.User
):
    await begun(apps, session, ada)
    await apps.remove(session, ada.id)
    with pytest.raises(NotFoundError):
        await apps.remove(session, ada.id)


async def test_a_secret_that_was_moved_to_another_account_does_not_open(
    apps: TotpApps, session: AsyncSession, ada: models.User, ben: models.User, clock: ManualClock
):
    secret = await in_use(apps, session, ada, clock)
    await in_use(apps, session, ben, clock)
    own, taken = await session.get(models.Totp, ben.id), await session.get(models.Totp, ada.id)
    assert own is not None
    assert taken is not None
    own.sealed_secret = taken.sealed_secret
    await session.flush()
    with pytest.raises(Exception, match="does not open"):
        await apps.use(session, ben.id, shown(secret, clock))


async def test_recovery_codes_are_ten_and_each_is_good_once(
    papers: RecoveryCodes, session: AsyncSession, ada: models.User, clock: ManualClock
):
    codes = await papers.make(session, ada.id)
    assert len(set(codes)) == 10
    assert all(PAPER.fullmatch(code) for code in codes)
    for left, code in zip(range(9, -1, -1), codes, strict=True):
        await papers.use(session, ada.id, code)
        with pytest.raises(BadFactorError):
            await papers.use(session, ada.id, code)
        assert await papers.count(session, ada.id) == left
    used = {row.used_at for row in await rows(session)}
    assert used == {utc(clock)}


async def test_recovery_codes_are_of_one_account(
    papers: RecoveryCodes, session: AsyncSession, ada: models.User, ben: models.User
):
    codes = await papers.make(session, ada.id)
    own = await papers.make(session, ben.id)
    with pytest.raises(BadFactorError):
        await papers.use(session, ben.id, codes[0])
    await papers.use(session, ada.id, codes[0])
    assert (await papers.count(session, ada.id), await papers.count(session, ben.id)) == (9, 10)
    await papers.remove(session, ada.id)
    assert (await papers.count(session, ada.id), await papers.count(session, ben.id)) == (0, 10)
    await papers.use(session, ben.id, own[0])


async def test_new_recovery_codes_make_those_before_worthless(
    papers: RecoveryCodes, session: AsyncSession, ada: models.User
):
    (before, *_) = await papers.make(session, ada.id)
    (after, *_) = await papers.make(session, ada.id)
    assert await papers.count(session, ada.id) == 10
    with pytest.raises(BadFactorError):
        await papers.use(session, ada.id, before)
    await papers.use(session, ada.id, after)


async def test_a_recovery_code_is_taken_however_it_is_typed(
    papers: RecoveryCodes, session: AsyncSession, ada: models.User, monkeypatch: pytest.MonkeyPatch
):
    letters, chosen = iter("01AB" * 12), secrets.choice

    def choose(known: str) -> str:
        return next(letters, None) or chosen(known)

    monkeypatch.setattr("secrets.choice", choose)
    assert (await papers.make(session, ada.id))[:2] == ("-".join(["01AB"] * 6),) * 2
    letters = iter("01AB" * 6)
    await papers.make(session, ada.id)
    await papers.use(session, ada.id, "oiab oLAB\t01ab-O1AB01AB 01ab")


async def test_recovery_codes_are_kept_as_macs(
    papers: RecoveryCodes, session: AsyncSession, ada: models.User, parts: Any
):
    codes = await papers.make(session, ada.id)
    plain = [code.replace("-", "") for code in codes]
    macs = {parts.keyring.mac("recovery code 1", f"{ada.id} {code}") for code in plain}
    assert {row.code_hash for row in await rows(session)} == macs


async def rows(session: AsyncSession) -> list[models.RecoveryCode]:
    return list(await session.scalars(select(models.RecoveryCode)))
