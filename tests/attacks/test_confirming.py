"""Step-up of members who come by a provider only (docs/sign-in.md 14), and what is no step-up."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.abroad import Abroad, abroad
from tests.attacks.house import auth_house
from tests.confirming import bring_back, confirm, form_of, leave, show
from tests.device import Device, RefusedError
from tests.locks import add_totp
from tests.returning import come_back
from tests.visits import link, sign_in, sign_up


async def later(world: Abroad, device: Device) -> None:
    """Until signing in is no fresh certainty any more."""
    world.house.clock.advance(601)
    await device.refresh()


async def member(world: Abroad, provider: str = "google", name: str = "Zoe") -> Device:
    """Somebody who comes by a provider only, and signed in a while ago."""
    device = (await sign_up(world.house.device(), provider, name, f"{name}-{provider}")).device
    await later(world, device)
    return device


@pytest.fixture
async def zoe(world: Abroad) -> Device:
    return await member(world)


async def is_certain(device: Device) -> bool:
    """Whether the session may change locks. Told without changing any."""
    reply = await device.call("auth", "DELETE", "/auth/v1/totp")
    assert reply.status in {204, 403, 404}, reply.code
    return reply.code != "step_up_required"


def reason(refused: RefusedError) -> str:
    return refused.reply.json["errors"][0]["data"]["reason"]


@pytest.mark.parametrize("provider", ["google", "acme", "reddit", "imgur"])
async def test_who_comes_by_a_provider_is_confirmed_there(world: Abroad, provider: str):
    zoe = await member(world, provider)
    ways = (await zoe.call("auth", "GET", "/auth/v1/stepup")).response
    assert ways["methods"] == []
    assert [place["name"] for place in ways["providers"]] == [provider]
    assert not await is_certain(zoe)
    old = zoe.access["auth"]
    await confirm(zoe, world.house.device(), provider, "Zoe")
    assert await is_certain(zoe)
    stale = await zoe.prove("auth", "DELETE", "/auth/v1/totp", token=old)
    assert stale.code == "step_up_required", "the old token gained nothing"
    current = (await zoe.call("auth", "GET", "/auth/v1/session")).response
    assert (current["amr"], current["acr"]) == (["fed"], "std")
    events = (await zoe.call("auth", "GET", "/auth/v1/security-log")).response["events"]
    assert (events[0]["name"], events[0]["detail"]) == ("confirmed", provider)
    sessions = (await zoe.call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
    assert [entry["id"] for entry in sessions] == [zoe.session]


async def test_a_device_that_came_back_by_its_keys_is_confirmed_there_too(
    world: Abroad, zoe: Device
):
    await come_back(zoe)
    assert not await is_certain(zoe)
    await confirm(zoe, world.house.device(), "google", "Zoe")
    assert await is_certain(zoe)
    current = (await zoe.call("auth", "GET", "/auth/v1/session")).response
    assert (current["amr"], current["acr"]) == (["dev", "fed"], "std")


@pytest.mark.parametrize("provider", ["google", "acme"])
async def test_a_sign_in_of_before_is_not_fresh(world: Abroad, provider: str):
    zoe = await member(world, provider)
    faults = getattr(world.fakes, provider).faults
    faults.signed_in_ago = 61
    with pytest.raises(RefusedError, match="400 provider_error") as refused:
        await confirm(zoe, world.house.device(), provider, "Zoe")
    assert reason(refused.value) == "not_fresh"
    assert not await is_certain(zoe)
    # Somebody who is signed in there may still come in by it; only this asks for more.
    assert (await sign_in(world.house.device(), provider, "Zoe")).status == 200
    faults.signed_in_ago = 60
    await confirm(zoe, world.house.device(), provider, "Zoe")
    assert await is_certain(zoe)


@pytest.mark.parametrize("told", [None, "now", 1.5e9, True, 1_800_000_000 + 7_200])
async def test_what_a_provider_says_of_the_time_has_to_be_a_time(
    world: Abroad, zoe: Device, told: Any
):
    world.fakes.google.faults.claims = {"auth_time": told}
    with pytest.raises(RefusedError, match="400 provider_error") as refused:
        await confirm(zoe, world.house.device(), "google", "Zoe")
    assert reason(refused.value) == "not_fresh"
    assert not await is_certain(zoe)
    world.fakes.google.faults.claims = {}
    await confirm(zoe, world.house.device(), "google", "Zoe")
    assert await is_certain(zoe)


async def test_the_time_counts_from_when_the_session_allowed_it(world: Abroad, zoe: Device):
    """A sign-in there of a moment ago, and a way there that took nine minutes."""
    trip = await leave(zoe, world.house.device(), "google")
    world.house.clock.advance(540)
    world.fakes.google.faults.signed_in_ago = 601
    with pytest.raises(RefusedError, match="provider_error"):
        await bring_back(trip, "Zoe")
    await zoe.refresh()
    trip = await leave(zoe, world.house.device(), "google")
    world.house.clock.advance(540)
    world.fakes.google.faults.signed_in_ago = 600
    await zoe.refresh()
    assert (await show(zoe, trip, await bring_back(trip, "Zoe"))).status == 200


def asking_nothing(url: str) -> str:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    kept = {name: asked[name] for name in asked if name not in {"prompt", "max_age", "claims"}}
    assert len(kept) < len(asked), "there is something to leave out"
    return urlunsplit(parts._replace(query=urlencode(kept)))


@pytest.mark.parametrize("provider", ["google", "acme"])
async def test_a_browser_that_does_not_pass_on_what_was_asked_gains_nothing(
    world: Abroad, provider: str
):
    zoe = await member(world, provider)
    trip = await leave(zoe, world.house.device(), provider)
    trip.authorize_url = asking_nothing(trip.authorize_url)
    with pytest.raises(RefusedError, match="provider_error") as refused:
        await bring_back(trip, "Zoe")
    assert reason(refused.value) == "not_fresh"
    await confirm(zoe, world.house.device(), provider, "Zoe")
    assert await is_certain(zoe)


async def test_what_one_session_began_confirms_no_other(world: Abroad, zoe: Device):
    """Two screens of one member: what was shown at one says nothing of who sits at the other."""
    other = world.house.device("Another screen")
    assert (await sign_in(other, "google", "Zoe")).status == 200
    await later(world, other)
    await zoe.refresh()
    trip = await leave(zoe, world.house.device(), "google")
    token = await bring_back(trip, "Zoe")
    refused = await show(other, trip, token)
    assert (refused.status, refused.code) == (410, "preauth_gone")
    taken = await other.call(
        "auth", "POST", "/auth/v1/providers/google/confirm", {"preauth_id": trip.device.preauth}
    )
    assert (taken.status, taken.code) == (410, "preauth_gone")
    assert not await is_certain(other)
    assert (await show(zoe, trip, token)).status == 200
    assert (await show(zoe, trip, token)).code == "preauth_gone", "and once"
    await zoe.refresh()
    assert await is_certain(zoe)


async def test_another_account_there_confirms_nobody(world: Abroad, zoe: Device):
    await member(world, name="Eve")
    await zoe.refresh()
    # Eve is known here, Mallory is not; neither is Zoe.
    for name in ("Eve", "Mallory"):
        with pytest.raises(RefusedError, match="400 provider_error") as refused:
            await confirm(zoe, world.house.device(), "google", name)
        assert reason(refused.value) == "another_account"
    assert not await is_certain(zoe)
    events = (await zoe.call("auth", "GET", "/auth/v1/security-log")).response["events"]
    assert events[0]["name"] == "step_up_refused"
    assert events[0]["detail"] == "Google: another_account"
    await confirm(zoe, world.house.device(), "google", "Zoe")
    assert await is_certain(zoe)


async def test_another_members_session_takes_nothing_of_it(world: Abroad, zoe: Device):
    eve = await member(world, name="Eve")
    await zoe.refresh()
    trip = await leave(eve, world.house.device(), "google")
    token = await bring_back(trip, "Eve")
    refused = await show(zoe, trip, token)
    assert (refused.status, refused.code) == (410, "preauth_gone")
    assert (await show(eve, trip, token)).status == 200


async def test_a_guessed_or_mixed_up_token_is_none(world: Abroad, zoe: Device):
    trip = await leave(zoe, world.house.device(), "google")
    token = await bring_back(trip, "Zoe")
    for guess in ("", "x" * 43):
        assert (await show(zoe, trip, guess)).code == "invalid_link_token"
    path, form = form_of(trip, token)
    crossed = await zoe.call("auth", "POST", path.replace("google", "reddit"), form)
    assert crossed.code == "preauth_gone"
    linked = {"preauth_id": trip.device.preauth, "link_token": token}
    mixed = await zoe.call("auth", "POST", "/auth/v1/providers/google/linked", linked)
    assert mixed.code == "preauth_gone", "a confirmation is no link"
    assert (await trip.accept(token, "zoe-again")).code == "preauth_gone", "nor a way in"
    assert (await show(zoe, trip, token)).status == 200


async def test_a_confirmation_that_no_session_allowed_leads_nowhere(world: Abroad, zoe: Device):
    from_nowhere = world.house.device()
    trip = await leave(zoe, from_nowhere, "google")
    with pytest.raises(RefusedError, match="preauth_gone"):
        # It was allowed already, for one way there.
        await _allow_again(zoe, from_nowhere)
    thief = world.house.device()
    await thief.begin("login")
    answer = await trip.consent("Zoe")
    thief.preauth = trip.device.preauth
    stolen = await thief.prove("auth", "POST", f"/auth/v1/preauth/{thief.preauth}/complete", answer)
    assert stolen.code == "invalid_proof"
    assert (await trip.complete(answer)).status == 200


async def _allow_again(member: Device, carrier: Device) -> None:
    path = "/auth/v1/providers/google/confirm"
    reply = await member.call("auth", "POST", path, {"preauth_id": carrier.preauth})
    if reply.status != 200:
        raise RefusedError(reply)


async def test_it_is_no_way_around_a_password_or_a_second_factor(world: Abroad, zoe: Device):
    ada = await world.house.member("ada")
    assert (await link(ada, world.house.device(), "google", "Ada")).status == 200
    with pytest.raises(RefusedError, match="422 kind_not_offered"):
        await leave(ada, world.house.device(), "google")
    assert (await ada.call("auth", "GET", "/auth/v1/stepup")).response["providers"] == []
    await confirm(zoe, world.house.device(), "google", "Zoe")
    trip = await leave(zoe, world.house.device(), "google")
    token = await bring_back(trip, "Zoe")
    await add_totp(zoe)
    # The lock was added meanwhile: now it is what counts.
    refused = await show(zoe, trip, token)
    assert (refused.status, refused.code) == (401, "bad_factor")
    with pytest.raises(RefusedError, match="422 kind_not_offered"):
        await leave(zoe, world.house.device(), "google")


async def test_an_account_there_that_was_unlinked_meanwhile_confirms_nobody(world: Abroad):
    zoe = (await sign_up(world.house.device(), "google", "Zoe", "zoe")).device
    assert (await link(zoe, world.house.device(), "reddit", "Zoe")).status == 200
    trip = await leave(zoe, world.house.device(), "reddit")
    token = await bring_back(trip, "Zoe")
    assert (await zoe.call("auth", "DELETE", "/auth/v1/providers/reddit")).status == 204
    assert (await show(zoe, trip, token)).code == "bad_factor"
    await confirm(zoe, world.house.device(), "google", "Zoe")


async def test_of_ten_at_once_one_is_taken(world: Abroad, zoe: Device):
    trip = await leave(zoe, world.house.device(), "google")
    token = await bring_back(trip, "Zoe")
    replies = await asyncio.gather(*(show(zoe, trip, token) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [200] + [410] * 9


async def test_a_provider_that_is_not_to_be_believed_is_not_asked(
    tmp_path: Path, clock: ManualClock
):
    """And one of OpenID that cannot say when counts like any other, where the operator says so."""
    says: dict[str, Any] = {"confirms": "return"}
    async with abroad(tmp_path, clock, reddit={"confirms": "no"}, google=says) as world:
        zoe = await member(world, "reddit")
        ways = (await zoe.call("auth", "GET", "/auth/v1/stepup")).response
        assert (ways["methods"], ways["providers"]) == ([], [])
        with pytest.raises(RefusedError, match="422 kind_not_offered"):
            await leave(zoe, world.house.device(), "reddit")
        world.fakes.google.faults.signed_in_ago = 9_000
        ann = await member(world, "google", "Ann")
        await confirm(ann, world.house.device(), "google", "Ann")
        assert await is_certain(ann)


async def test_tries_are_few(world: Abroad, zoe: Device):
    strict = auth_house(
        world.house.house.settings.data_dir,
        world.house.clock,
        scale=1,
        providers=world.house.house.settings.providers,
    )
    async with strict as house:
        zoe.base_url = zoe.origin = house.url
        zoe.http = house.http
        await zoe.refresh()
        told: list[str] = []
        for _ in range(6):
            try:
                await leave(zoe, house.device(), "google")
            except RefusedError as refused:
                told.append(refused.code)
        assert told == ["rate_limited"]
