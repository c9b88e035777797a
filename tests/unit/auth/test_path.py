"""The whole way of a member, on each engine."""

import asyncio
from copy import copy
from pathlib import Path

import pytest

from backend.auth.contract import Holder, InvalidGrantError, Refresh
from backend.auth.service.signing import SigningKeys
from backend.kit.clock import ManualClock
from backend.kit.ids import SessionId
from tests.attacks.house import AuthHouse, auth_house
from tests.device import PASSWORD, Device, RefusedError


async def test_a_member_comes_goes_and_comes_back(
    tmp_path: Path, clock: ManualClock, database_url: str
) -> None:
    async with auth_house(tmp_path, clock, database_url=database_url) as house:
        ada = await house.member("Ada")
        before = await ada.call("auth", "GET", "/auth/v1/session")
        assert before.response["user"] == ada.user
        tabs = [copy(ada) for _ in range(5)]
        await asyncio.gather(*(tab.refresh() for tab in tabs))
        assert len({tab.cookie for tab in tabs}) == 1
        assert len(await tabs[0].ticket("messaging")) == 43
        assert (await tabs[0].sign_out()).status == 204
        await ada.sign_in("ada")
        after = await ada.call("auth", "GET", "/auth/v1/session")
        assert after.response["user"] == before.response["user"]
        assert after.response["session"] != before.response["session"]
        with pytest.raises(RefusedError, match="409 username_taken"):
            await house.device().register("ADA")


async def test_a_beginning_is_used_once_of_many_tries_at_once(
    tmp_path: Path, clock: ManualClock, database_url: str
) -> None:
    async with auth_house(tmp_path, clock, database_url=database_url) as house:
        await house.member("ada")
        device = house.device()
        await device.begin("login")
        tries = [copy(device) for _ in range(5)]
        form = {"identifier": "ada", "password": PASSWORD}
        results = await asyncio.gather(
            *(each.finish("password", form) for each in tries), return_exceptions=True
        )
        assert sum(result is None for result in results) == 1
        assert {str(result) for result in results if result} == {"410 preauth_gone"}


async def test_members_see_and_end_their_sessions(house: AuthHouse, ada: Device) -> None:
    other = house.device("Phone")
    await other.sign_in("ada")
    listed = (await ada.call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
    assert [entry["device_name"] for entry in listed] == ["Phone", "Test device"]
    gone = await ada.call("auth", "DELETE", f"/auth/v1/sessions/{other.session}")
    assert gone.status == 204
    assert (await other.call("auth", "GET", "/auth/v1/session")).code == "invalid_token"


async def test_a_token_of_a_forgotten_family_is_no_grant(house: AuthHouse, ada: Device) -> None:
    holder = Holder(session_id=SessionId(ada.session), refresh_hash="forgotten", jti="j")
    with pytest.raises(InvalidGrantError):
        await house.auth.refresh(holder, Refresh())


async def test_a_process_that_was_not_prepared_makes_the_first_key(house: AuthHouse) -> None:
    parts = house.auth._parts
    table = SigningKeys(parts)
    assert (await table.active()).kid == (await house.auth.signing.active()).kid
    async with parts.database.transaction() as session:
        for key in await table._in_state(session, "active"):
            await session.delete(key)
    assert (await SigningKeys(parts).active()).kid != (await table.active()).kid
