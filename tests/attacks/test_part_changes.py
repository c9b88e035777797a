"""Wrap keys and identities follow each other between services that each have a part of the keys.

Attacks 115 and 117, with traffic.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from backend.auth import models
from backend.auth.contract import RedeemTicket, UserRegistered
from backend.auth.service.device_keys import open_keys
from backend.kit.callers import Member, Service
from backend.kit.clock import ManualClock
from backend.kit.ids import UserId
from backend.kit.key_changes import (
    add_identity,
    add_missing,
    add_wrap_key,
    drop_key,
    sync_part,
    take_part,
)
from backend.kit.key_files import KeyringError, write_keys
from backend.kit.keyring import Keyring
from backend.kit.settings import Settings
from backend.kit.tokens.errors import BadServiceError
from backend.profiles.contract import GetMyProfile
from backend.wiring import House, open_house
from tests.device import Device, Reply, hashed, unb64
from tests.serving import free_socket, serving

MINUTE = 60
ME = GetMyProfile()
PARTS = ("auth", "profiles", "ui")


@dataclass
class Parted:
    """Auth, profiles and the UI, each with its own part of the keys of one house."""

    folder: Path
    houses: dict[str, House]
    clock: ManualClock
    device: Device
    profiles_url: str

    @property
    def source(self) -> Path:
        return self.folder / "keys.json"

    def part(self, name: str) -> Path:
        return self.folder / name / "keys.json"

    def sync(self, *names: str) -> None:
        for name in names:
            sync_part(self.part(name), self.source, name)

    async def attach(self) -> Member:
        """The member comes to the UI with a ticket."""
        origin, bind = self.houses["auth"].settings.origin, hashed(b"a page")
        ticket = await self.device.ticket("ui", bind)
        proof = self.device.socket_proof("ui", "/_event", ticket)
        request = RedeemTicket(
            ticket=ticket, proof=proof, aud="ui", origin=origin, htu=f"{origin}/_event", bind=bind
        )
        redeemed = (
            await self.houses["ui"].peers("ui").auth.redeem_ticket(Service(name="ui"), request)
        )
        return redeemed.member

    async def ask(self) -> Reply:
        """The device asks profiles, with the token it has."""
        device = replace(self.device, base_url=self.profiles_url)
        return await device.call("profiles", "GET", "/profiles/v1/me")

    async def ask_for(self, member: Member) -> str:
        """The UI asks profiles on behalf of the member."""
        return (await self.houses["ui"].peers("ui").profiles.get_my_profile(member, ME)).username

    def wrap_kid(self) -> str:
        """Which key the device's token for profiles was wrapped with."""
        claims = json.loads(unb64(self.device.access["profiles"].split(".")[1]))
        return str(json.loads(unb64(claims["cnf"]["jwe"].split(".")[0]))["kid"])


@pytest.fixture
async def parted(tmp_path: Path, clock: ManualClock) -> AsyncGenerator[Parted]:
    Keyring.open(tmp_path / "keys.json")
    for name in PARTS:
        sync_part(tmp_path / name / "keys.json", tmp_path / "keys.json", name)
    async with AsyncExitStack() as stack:
        sockets = {name: free_socket() for name in ("auth", "profiles")}
        urls = {name: f"http://127.0.0.1:{at.getsockname()[1]}" for name, at in sockets.items()}
        settings = Settings(
            rate_limit_scale=1000,
            public_origin=urls["auth"],
            auth_url=urls["auth"],
            profiles_url=urls["profiles"],
        )
        houses: dict[str, House] = {}
        for name in PARTS:
            own = replace(settings, data_dir=tmp_path / name)
            serve = [name] if name in sockets else []
            opening = open_house(own, serve=serve, clock=clock)
            houses[name], app = await stack.enter_async_context(opening)
            if serve:
                await stack.enter_async_context(serving(app, sockets[name]))
        jar = aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        device = Device(http, urls["auth"], now=clock.now)
        await device.register("ada")
        registered = UserRegistered(user_id=UserId(device.user["id"]), username="ada")
        await houses["profiles"].services["profiles"].on_user_registered(registered)
        yield Parted(tmp_path, houses, clock, device, urls["profiles"])


def operate(parted: Parted, minute: int, began: float) -> None:
    """What an operator does in the course of 45 minutes."""
    if minute == 1:
        for service in PARTS:
            add_wrap_key(parted.source, service, began, began + 15 * MINUTE)
            add_identity(parted.source, service, began, began + 15 * MINUTE)
    if minute in {4, 8, 12}:
        # Nobody is given theirs at the same time as the others.
        parted.sync(PARTS[minute // 4 - 1])
    if minute == 40:
        for kid in ("profiles-1", "svc-ui-1", "svc-profiles-1"):
            drop_key(parted.source, kid, parted.clock.now())
        parted.sync(*PARTS)


async def test_117_wrap_keys_and_identities_change_and_nobody_is_refused(parted: Parted) -> None:
    member, began = await parted.attach(), parted.clock.now()
    for minute in range(45):
        operate(parted, minute, began)
        if minute % 10 == 9:
            member = await parted.attach()
        before = dict(parted.device.access)
        parted.clock.advance(MINUTE)
        await parted.device.refresh()
        now = parted.device.access
        for access in (before, now):
            parted.device.access = access
            assert (await parted.ask()).status == 200, f"minute {minute}"
        assert await parted.ask_for(member) == "ada", f"minute {minute}"
        assert parted.wrap_kid() == ("profiles-2" if minute >= 14 else "profiles-1")
    assert parted.houses["ui"].keyring.identity("ui").kid == "svc-ui-2"
    assert "svc-ui-1" not in parted.houses["profiles"].keyring.identity_keys()
    assert set(parted.houses["profiles"].keyring.wrap_keys("profiles")) == {"profiles-2"}


async def test_115_who_was_not_given_the_new_keys_refuses_them_and_takes_them_afterwards(
    parted: Parted,
) -> None:
    member, now = await parted.attach(), parted.clock.now()
    add_wrap_key(parted.source, "profiles", now, now)
    add_identity(parted.source, "ui", now, now)
    parted.sync("auth", "ui")
    await parted.device.refresh()
    assert (await parted.ask()).code == "invalid_token"
    with pytest.raises(BadServiceError):
        await parted.ask_for(member)
    parted.sync("profiles")
    assert (await parted.ask()).status == 200
    assert await parted.ask_for(member) == "ada"


async def test_a_key_is_not_dropped_while_it_is_met(parted: Parted) -> None:
    now = parted.clock.now()
    with pytest.raises(KeyringError, match="in use"):
        drop_key(parted.source, "ui-1", now)
    add_wrap_key(parted.source, "ui", now, now + 15 * MINUTE)
    with pytest.raises(KeyringError, match="in use"):
        drop_key(parted.source, "ui-1", now + 30 * MINUTE)
    drop_key(parted.source, "ui-1", now + 36 * MINUTE)
    with pytest.raises(KeyringError, match="no key"):
        drop_key(parted.source, "ui-1", now + 36 * MINUTE)


async def test_a_part_keeps_what_is_its_own_and_takes_over_nothing_of_others(
    parted: Parted,
) -> None:
    now = parted.clock.now()
    before = read(parted.part("profiles"))
    add_wrap_key(parted.source, "profiles", now, now)
    add_wrap_key(parted.source, "community", now, now)
    newer = parted.folder / "newer.json"
    for name in ("profiles", "auth"):
        newer.unlink(missing_ok=True)
        sync_part(newer, parted.source, name)
        if name == "profiles":
            assert take_part(parted.part("profiles"), newer)
            assert not take_part(parted.part("profiles"), newer)
    after = read(parted.part("profiles"))
    assert (after["keks"], after["mac_roots"]) == (before["keks"], before["mac_roots"])
    assert set(after["wrap_keys"]) == {"profiles"}
    assert set(after["wrap_keys"]["profiles"]) == {"profiles-1", "profiles-2"}
    with pytest.raises(KeyringError, match="another service"):
        take_part(parted.part("profiles"), newer)
    with pytest.raises(KeyringError, match="split"):
        take_part(parted.part("profiles"), parted.source)
    assert parted.part("profiles").stat().st_mode & 0o777 == 0o600
    for change in (add_wrap_key, add_identity):
        with pytest.raises(KeyringError, match="one part"):
            change(parted.part("auth"), "auth", now, now)


async def test_a_service_that_the_key_file_is_older_than_comes_to_a_running_house(
    tmp_path: Path, clock: ManualClock
) -> None:
    older = read_fresh(tmp_path)
    for kind in ("wrap_keys", "identities"):
        del older[kind]["community"]
    write_keys(tmp_path / "house" / "keys.json", older)
    running = Keyring.open(tmp_path / "house" / "keys.json", clock)
    for asked in (running.wrap_keys, running.identity):
        with pytest.raises(KeyringError, match="sosa keys add"):
            asked("community")
    assert add_missing(tmp_path / "house" / "keys.json") == ["community"]
    assert add_missing(tmp_path / "house" / "keys.json") == []
    assert running.wrap_key("community")[0] == "community-1"
    assert running.identity("community").kid == "svc-community-1"
    assert running.identity("ui").kid == "svc-ui-1"


async def test_a_device_of_before_goes_on_without_the_new_service(parted: Parted) -> None:
    auth, device = parted.houses["auth"], parted.device
    assert set(device.access) == {"auth", "profiles", "messaging", "community"}
    async with auth.parts["auth"].database.transaction() as session:
        row = await session.get_one(models.Device, device.device_id)
        keys = open_keys(auth.keyring, "auth_device", row.id, row.kid, row.leaves or "")
        del keys.proof_keys["community"]
        row.leaves = keys.seal(auth.keyring, "auth_device", row.id)
        session.add(row)
    await device.refresh()
    assert set(device.access) == {"auth", "profiles", "messaging"}
    assert (await parted.ask()).status == 200
    await device.sign_in("ada")
    assert "community" in device.access


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_bytes()))


def read_fresh(tmp_path: Path) -> dict[str, Any]:
    Keyring.open(tmp_path / "fresh" / "keys.json")
    return read(tmp_path / "fresh" / "keys.json")
