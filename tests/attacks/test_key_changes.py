"""Keys change while everybody goes on (attacks 117 and 118)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from sqlmodel import SQLModel

from backend.auth.service.rewrapping import SEALED
from backend.kit.clock import ManualClock
from backend.kit.key_changes import add_kek, drop_kek
from backend.kit.key_files import KeyringError
from backend.kit.keyring import Keyring
from backend.kit.settings import Settings
from backend.operating import open_auth
from backend.wiring import House, open_house
from tests.attacks.affairs import session_of
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device, Reply
from tests.serving import free_socket, serving

MINUTE = 60


class Twins:
    """Auth that runs twice, on one data folder, behind one public origin."""

    def __init__(self, houses: list[tuple[House, str]], http: aiohttp.ClientSession) -> None:
        self.houses = [house for house, _ in houses]
        self.urls = [url for _, url in houses]
        self.http = http

    async def member(self, username: str, clock: ManualClock) -> Device:
        device = Device(self.http, self.urls[0], now=clock.now)
        await device.register(username)
        return device

    async def keep_house(self) -> None:
        for house in self.houses:
            await house.services["auth"].keep_house()


@pytest.fixture
async def twins(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Twins]:
    listeners = [free_socket() for _ in range(2)]
    urls = [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
    settings = Settings(data_dir=tmp_path, public_origin=urls[0], rate_limit_scale=1000)
    async with AsyncExitStack() as stack:
        houses: list[tuple[House, str]] = []
        for listener, url in zip(listeners, urls, strict=True):
            opening = open_house(settings, serve=("auth",), clock=clock)
            house, app = await stack.enter_async_context(opening)
            await stack.enter_async_context(serving(app, listener))
            houses.append((house, url))
        jar = aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        yield Twins(houses, http)


async def test_a_signing_key_follows_the_other_and_nobody_is_refused(
    twins: Twins, clock: ManualClock
) -> None:
    members = [await twins.member(name, clock) for name in ("ada", "ben")]
    signing = twins.houses[0].services["auth"].signing
    first = (await signing.active()).kid
    await asyncio.gather(*(house.services["auth"].signing.rotate() for house in twins.houses))
    states = [state for _, state, _ in await signing.list_states()]
    assert sorted(states) == ["active", "pending"]
    for minute in range(40):
        clock.advance(MINUTE)
        # One of them falls behind: it keeps house less often than the other.
        await twins.houses[minute % 2 and minute % 5 == 0].services["auth"].keep_house()
        for number, member in enumerate(members):
            if minute % 4 == number:
                member.base_url = twins.urls[minute // 4 % 2]
                await member.refresh()
        replies: list[Reply] = []
        for url in twins.urls:
            for member in members:
                member.base_url = url
                replies.append(await session_of(member))
        assert [reply.status for reply in replies] == [200] * 4, f"minute {minute}"
    assert (await signing.active()).kid != first
    assert first not in {key.kid for key in await signing.published()}


async def test_a_dropped_key_is_refused_at_once_and_its_holders_go_on(
    twins: Twins, clock: ManualClock
) -> None:
    ada = await twins.member("ada", clock)
    for url in twins.urls:
        ada.base_url = url
        assert (await session_of(ada)).status == 200
    async with open_auth(twins.houses[0].settings) as operator:
        dropped = await operator.signing.drop_all()
    assert len(dropped) == 1
    # What the relays do within five seconds.
    await twins.houses[0].outboxes["auth"].deliver_all()
    for kid in dropped:
        twins.houses[1].revocations.drop_key(kid)
    for url in twins.urls:
        ada.base_url = url
        assert (await session_of(ada)).code == "invalid_token"
    await ada.refresh()
    for url in twins.urls:
        ada.base_url = url
        assert (await session_of(ada)).status == 200


async def test_values_move_to_a_new_key_while_everybody_goes_on(
    house: AuthHouse, ada: Device, tmp_path: Path
) -> None:
    rewrapping = house.auth.rewrapping
    neighbour = Keyring.open(tmp_path / "keys.json")
    assert set(await rewrapping.count()) == {"1"}
    assert add_kek(tmp_path / "keys.json", time.time()) == "2"
    sealed = neighbour.seal("table", "column", "row", b"by the other process")
    assert sealed.startswith("v1.2.")
    assert house.house.keyring.open_sealed("table", "column", "row", sealed)
    traffic = asyncio.create_task(_traffic(house, ada))
    await rewrapping.finish(_hush)
    await traffic
    assert set(await rewrapping.count()) == {"2"}
    with pytest.raises(KeyringError, match="10 minutes"):
        drop_kek(tmp_path / "keys.json", "1", time.time())
    with pytest.raises(KeyringError, match="the one that seals"):
        drop_kek(tmp_path / "keys.json", "2", time.time() + 700)
    drop_kek(tmp_path / "keys.json", "1", time.time() + 700)
    await ada.refresh()
    await house.device().sign_in("ada")
    assert set(Keyring.open(tmp_path / "keys.json")._keks) == {"2"}


async def test_the_background_moves_values_too(
    house: AuthHouse, ada: Device, tmp_path: Path
) -> None:
    add_kek(tmp_path / "keys.json", time.time())
    await house.auth.keep_house()
    assert set(await house.auth.rewrapping.count()) == {"2"}
    assert (await session_of(ada)).status == 200


async def test_a_restart_opens_what_the_new_key_has_sealed(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with auth_house(tmp_path, clock) as before:
        ada = await before.member("ada")
        add_kek(tmp_path / "keys.json", time.time())
        await before.auth.rewrapping.finish(_hush)
    drop_kek(tmp_path / "keys.json", "1", time.time() + 700)
    async with auth_house(tmp_path, clock) as after:
        await after.device().sign_in("ada")
    assert ada.user["username"] == "ada"


def test_every_sealed_column_is_moved() -> None:
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name.startswith("auth_")]
    columns = {
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if column.name.startswith("sealed") or column.name in {"leaves", "successor"}
    }
    assert len(columns) > 5
    assert columns == {(sealed.table.name, sealed.column) for sealed in SEALED}


async def _traffic(house: AuthHouse, device: Device) -> None:
    for _ in range(5):
        await device.refresh()
        await house.device().sign_in("ada")
        assert (await session_of(device)).status == 200


def _hush(_left: int) -> None:
    """Nobody watches."""
