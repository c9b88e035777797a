"""Attacks 81 and 82: linking an account elsewhere, and parting with it."""

import asyncio

import pytest

from tests.attacks.abroad import Abroad
from tests.device import Device, RefusedError
from tests.visits import Trip, depart, end_link, link, sign_up, start_link


async def found(trip: Trip, name: str) -> str:
    """The token that stands for who came back."""
    _, opened = await trip.try_complete(await trip.consent(name))
    assert set(opened) >= {"link_token", "username_hint"}
    assert "access" not in opened
    return opened["link_token"]


@pytest.fixture
async def ada(world: Abroad) -> Device:
    return await world.house.member("ada")


@pytest.fixture
async def ben(world: Abroad) -> Device:
    return await world.house.member("ben")


async def test_what_is_linked_opens_the_account_and_is_listed(world: Abroad, ada: Device):
    assert (await link(ada, world.house.device(), "google", "Ada")).status == 200
    trip = await depart(world.house.device(), "google")
    _, opened = await trip.try_complete(await trip.consent("Ada"))
    assert opened["user"] == ada.user
    listed = (await ada.call("auth", "GET", "/auth/v1/providers/linked")).response["linked"]
    assert [(entry["provider"], entry["username_hint"]) for entry in listed] == [("google", "Ada")]
    async with world.house.house.parts["auth"].database.reading() as session:
        assert await world.house.auth._core.log.find_broken(session, ada.user["id"]) is None


async def test_81_what_ada_allowed_is_not_bens(world: Abroad, ada: Device, ben: Device):
    trip = await start_link(ada, world.house.device(), "google")
    token = await found(trip, "Ada")
    refused = await end_link(ben, trip, token)
    assert (refused.status, refused.code) == (410, "preauth_gone")
    for entry in (ada, ben):
        listed = await entry.call("auth", "GET", "/auth/v1/providers/linked")
        assert listed.response["linked"] == []
    assert (await end_link(ada, trip, token)).status == 200
    assert (await end_link(ada, trip, token)).code == "preauth_gone"


async def test_81_nobody_takes_over_what_somebody_else_began(
    world: Abroad, ada: Device, ben: Device
):
    trip = await start_link(ada, world.house.device(), "google")
    path = "/auth/v1/providers/google/link"
    taken = await ben.call("auth", "POST", path, {"preauth_id": trip.device.preauth})
    assert (taken.status, taken.code) == (410, "preauth_gone")
    wrong = await ada.call(
        "auth", "POST", "/auth/v1/providers/reddit/link", {"preauth_id": trip.device.preauth}
    )
    assert (wrong.status, wrong.code) == (410, "preauth_gone")
    assert (await end_link(ada, trip, await found(trip, "Ada"))).status == 200


async def test_81_a_link_that_no_member_allowed_leads_nowhere(world: Abroad, ada: Device):
    trip = await depart(world.house.device(), "google", kind="link")
    assert (trip.authorize_url, trip.state) == ("", "")
    reply = await trip.complete({"code": "x", "state": "y"})
    assert (reply.status, reply.code) == (410, "preauth_gone")


async def test_a_link_is_no_way_in_and_a_way_in_no_link(world: Abroad, ada: Device):
    await sign_up(world.house.device(), "google", "Zoe", "zoe")
    trip = await start_link(ada, world.house.device(), "google")
    token = await found(trip, "Zoe")
    assert (await trip.accept(token, "zoe-again")).code == "preauth_gone"
    taken = await end_link(ada, trip, token)
    assert (taken.status, taken.code) == (409, "already_linked")
    signing_in = await depart(world.house.device(), "google")
    _, asked = await signing_in.try_complete(await signing_in.consent("Ada"))
    mixed = await end_link(ada, signing_in, asked["link_token"])
    assert (mixed.status, mixed.code) == (410, "preauth_gone")


async def test_one_of_each_provider(world: Abroad, ada: Device):
    early = await start_link(ada, world.house.device(), "google")
    token = await found(early, "Ada-at-work")
    assert (await link(ada, world.house.device(), "google", "Ada")).status == 200
    late = await end_link(ada, early, token)
    assert (late.status, late.code) == (409, "already_linked")
    with pytest.raises(RefusedError, match="409 already_linked"):
        await start_link(ada, world.house.device(), "google")


async def test_linking_and_unlinking_want_a_member_who_was_there_a_moment_ago(
    world: Abroad, ada: Device
):
    assert (await link(ada, world.house.device(), "google", "Ada")).status == 200
    world.house.clock.advance(601)
    await ada.refresh()
    with pytest.raises(RefusedError, match="403 step_up_required"):
        await start_link(ada, world.house.device(), "reddit")
    gone = await ada.call("auth", "DELETE", "/auth/v1/providers/google")
    assert (gone.status, gone.code) == (403, "step_up_required")


async def test_82_the_last_way_in_stays(world: Abroad):
    zoe = (await sign_up(world.house.device(), "google", "Zoe", "zoe")).device
    path = "/auth/v1/providers/google"
    kept = await zoe.call("auth", "DELETE", path)
    assert (kept.status, kept.code) == (409, "last_login_method")
    assert (await link(zoe, world.house.device(), "reddit", "Zoe")).status == 200
    paths = (path, "/auth/v1/providers/reddit")
    both = await asyncio.gather(*(zoe.call("auth", "DELETE", path) for path in paths))
    assert sorted(reply.status for reply in both) == [204, 409]
    assert (await zoe.call("auth", "DELETE", "/auth/v1/providers/acme")).status == 404


async def test_who_has_a_password_may_part_with_all(world: Abroad, ada: Device):
    assert (await link(ada, world.house.device(), "google", "Ada")).status == 200
    assert (await ada.call("auth", "DELETE", "/auth/v1/providers/google")).status == 204
    trip = await depart(world.house.device(), "google")
    _, asked = await trip.try_complete(await trip.consent("Ada"))
    assert asked["unregistered"] is True
