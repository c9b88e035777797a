"""The member's own log, and ending what is theirs."""

from typing import Any

import pytest
import sqlalchemy as sa

from backend.kit.clock import ManualClock
from tests.attacks.affairs import log_of, session_of
from tests.attacks.house import AuthHouse
from tests.device import Device

LOG = "/auth/v1/security-log"


async def test_everything_that_matters_is_in_the_log(house: AuthHouse, ada: Device) -> None:
    phone = house.device("Phone")
    await phone.sign_in("ada")
    await phone.call("auth", "PATCH", f"/auth/v1/devices/{phone.device_id}", {"name": "Old phone"})
    assert (await ada.call("auth", "DELETE", f"/auth/v1/devices/{phone.device_id}")).status == 204
    await (tablet := house.device("Tablet")).sign_in("ada")
    await tablet.sign_out()
    told = [(line["name"], line["device_name"]) for line in await log_of(ada)]
    assert told == [
        ("signed_out", "Tablet"),
        ("signed_in", "Tablet"),
        ("device_revoked", "Old phone"),
        ("device_renamed", "Old phone"),
        ("signed_in", "Phone"),
        ("signed_in", "Test device"),
    ]


async def test_what_was_not_seen_is_counted(house: AuthHouse, ada: Device, ben: Device) -> None:
    async def unseen(device: Device) -> int:
        return (await device.call("auth", "GET", f"{LOG}/unseen")).response["count"]

    assert await unseen(ada) == 0
    await (phone := house.device("Phone")).sign_in("ada")
    assert await unseen(ada) == 1
    assert (await ada.call("auth", "PUT", f"{LOG}/seen", {"number": 999})).status == 204
    assert await unseen(ada) == 1
    await ada.call("auth", "PUT", f"{LOG}/seen", {"number": 2})
    assert (await unseen(ada), await unseen(phone), await unseen(ben)) == (0, 0, 0)
    assert [line["number"] for line in await log_of(ben)] == [1]


async def test_a_line_that_was_changed_or_removed_shows(house: AuthHouse, ada: Device) -> None:
    await house.device().sign_in("ada")
    assert len(await log_of(ada)) == 2
    database = house.house.databases[house.house.settings.database_of("auth")]
    async with database.transaction() as session:
        await session.execute(
            sa.text("UPDATE auth_security_event SET device_name='Mine' WHERE number=1")
        )
    page = (await ada.call("auth", "GET", LOG)).response
    assert not page["is_intact"]


CUTS = {
    "the newest line": ("DELETE FROM auth_security_event WHERE number=3",),
    "and its number": (
        "DELETE FROM auth_security_event WHERE number=3",
        "UPDATE auth_user SET log_count=2",
    ),
    "all lines, as if there had never been one": (
        "DELETE FROM auth_security_event",
        "UPDATE auth_user SET log_count=0, log_head=''",
    ),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
async def test_a_log_that_was_cut_off_shows_and_its_next_line_does_not_mend_it(
    house: AuthHouse, ada: Device, cut: tuple[str, ...]
) -> None:
    for _ in range(2):
        await house.device().sign_in("ada")
    assert (await ada.call("auth", "GET", LOG)).response["is_intact"]
    database = house.house.databases[house.house.settings.database_of("auth")]
    async with database.transaction() as session:
        for statement in cut:
            await session.execute(sa.text(statement))
    assert not (await ada.call("auth", "GET", LOG)).response["is_intact"]
    if "log_head" not in cut[-1]:
        await house.device().sign_in("ada")
        assert not (await ada.call("auth", "GET", LOG)).response["is_intact"]


async def test_the_log_is_paged_by_key(house: AuthHouse, ada: Device) -> None:
    log = house.auth._core.log
    database = house.house.databases[house.house.settings.database_of("auth")]
    async with database.transaction() as session:
        for _ in range(60):
            await log.add(session, ada.user["id"], "signed_in")
    first = (await ada.call("auth", "GET", LOG)).response
    assert ([first["events"][0]["number"], first["events"][-1]["number"]], first["more"]) == (
        [61, 12],
        True,
    )
    rest = (await ada.call("auth", "GET", LOG, query="before=12")).response
    assert ([line["number"] for line in rest["events"]], rest["more"]) == (
        list(range(11, 0, -1)),
        False,
    )


async def test_all_others_end_and_then_all(
    house: AuthHouse, clock: ManualClock, ada: Device, ben: Device
) -> None:
    others = [house.device() for _ in range(2)]
    for device in others:
        await device.sign_in("ada")
        assert (await session_of(device)).status == 200
    assert (await ada.call("auth", "DELETE", "/auth/v1/sessions")).status == 204
    assert [(await session_of(device)).status for device in others] == [401, 401]
    assert [(await session_of(device)).status for device in (ada, ben)] == [200, 200]
    await (again := house.device()).sign_in("ada")
    reply = await ada.call("auth", "POST", "/auth/v1/logout/all", {})
    assert (reply.status, "Max-Age=0" in reply.headers["Set-Cookie"]) == (204, True)
    assert [(await session_of(device)).status for device in (ada, again)] == [401, 401]


async def test_others_are_ended_by_whoever_was_there_a_moment_ago(
    house: AuthHouse, clock: ManualClock, ada: Device
) -> None:
    await house.device().sign_in("ada")
    clock.advance(601)
    await ada.refresh()
    for method, path in (
        ("DELETE", "/auth/v1/sessions"),
        ("POST", "/auth/v1/logout/all"),
        ("DELETE", f"/auth/v1/devices/{ada.device_id}"),
        ("DELETE", "/auth/v1/account"),
        ("POST", "/auth/v1/export"),
    ):
        body: Any = {} if method == "POST" else None
        assert (await ada.call("auth", method, path, body)).code == "step_up_required"
    assert (await session_of(ada)).status == 200


@pytest.mark.parametrize(("before", "status"), [(2**31 - 1, 200), (2**31, 422), (2**64, 422)])
async def test_a_number_that_no_line_has_is_refused(ada: Device, before: int, status: int) -> None:
    assert (await ada.call("auth", "GET", LOG, query=f"before={before}")).status == status
    assert (await ada.call("auth", "PUT", f"{LOG}/seen", {"number": before})).status == (
        204 if status == 200 else 422
    )
