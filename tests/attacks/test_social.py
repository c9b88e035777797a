"""Attacks 62 to 70, 78, 79, 84 and 86: getting in with an account elsewhere."""

import asyncio
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from backend.kit.clock import ManualClock
from deploy.providers.server import CLIENT_SECRET
from tests.attacks.abroad import Abroad, abroad
from tests.device import RefusedError, Reply
from tests.logged import logged_to
from tests.visits import Trip, depart, sign_in, sign_up


async def returned(
    world: Abroad, provider: str = "google", name: str = "Zoe"
) -> tuple[Trip, dict[str, str]]:
    trip = await depart(world.house.device(), provider)
    return trip, await trip.consent(name)


def refused(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.code


@pytest.mark.parametrize("provider", ["google", "reddit", "imgur", "acme"])
async def test_somebody_new_is_asked_and_somebody_known_comes_in(world: Abroad, provider: str):
    zoe = (await sign_up(world.house.device(), provider, "Zoe", "zoe-of-elsewhere")).device
    session = (await zoe.call("auth", "GET", "/auth/v1/session")).response
    assert (session["user"]["username"], session["amr"]) == ("zoe-of-elsewhere", ["fed"])
    again = await depart(world.house.device(), provider)
    _, opened = await again.try_complete(await again.consent("Zoe"))
    assert opened["user"] == zoe.user
    assert opened["device_id"] != session["device_id"]


async def test_61_62_another_client_cannot_complete(world: Abroad):
    trip, answer = await returned(world)
    thief = world.house.device()
    await thief.begin("login")
    own, thief.preauth = thief.preauth, trip.device.preauth
    path = f"/auth/v1/preauth/{thief.preauth}/complete"
    reply = await thief.prove("auth", "POST", path, answer)
    assert refused(reply) == (401, "invalid_proof")
    reply = await thief.prove("auth", "POST", f"/auth/v1/preauth/{own}/complete", answer)
    assert refused(reply) == (410, "preauth_gone")
    assert (await trip.complete(answer)).status == 200


async def test_63_a_code_without_a_proof_is_nothing(world: Abroad):
    trip, answer = await returned(world)
    path = f"/auth/v1/preauth/{trip.device.preauth}/complete"
    assert refused(await trip.device.send("POST", path, answer)) == (401, "proof_required")
    assert world.fakes.google.faults.tokens_asked == 0
    assert (await trip.complete(answer)).status == 200


async def test_64_a_victims_answer_does_not_fit_the_attackers_beginning(world: Abroad):
    _, stolen = await returned(world)
    attacker, own = await returned(world, name="Eve")
    assert refused(await attacker.complete(stolen)) == (400, "state_mismatch")
    assert world.fakes.google.faults.tokens_asked == 0
    assert (await attacker.complete(own)).status == 200


async def test_65_70_a_victims_code_under_the_attackers_state_is_refused_by_the_provider(
    world: Abroad,
):
    _, stolen = await returned(world)
    attacker, own = await returned(world, name="Eve")
    reply = await attacker.complete({**own, "code": stolen["code"]})
    assert refused(reply) == (400, "provider_error")
    assert reply.json["errors"][0]["data"] == {"reason": "invalid_grant"}


async def test_65_the_verifier_is_the_devices_own(world: Abroad):
    trip, answer = await returned(world)
    kept = world.fakes.google._server.issued.codes[answer["code"]]
    plain = {"code_challenge_method": "plain", "code_challenge": trip.verifier}
    world.fakes.google._server.issued.codes[answer["code"]] = dataclasses.replace(kept, **plain)
    # The provider would now take the verifier as it is: what it gets is what the device derived.
    assert (await trip.complete(answer)).status == 200


async def test_70_the_provider_refuses_a_token_request_without_the_verifier(world: Abroad):
    # Of a house whose configuration forgot PKCE on the way back; Google still insists.
    trip, answer = await returned(world)
    client = world.house.auth._core.elsewhere.clients["google"]
    client.provider = replace(client.provider, pkce=False)
    assert refused(await trip.complete(answer)) == (400, "provider_error")


@pytest.mark.parametrize("iss", ["https://evil.example", "", "https://accounts.google.com/"])
async def test_67_the_answer_of_another_issuer_is_refused(world: Abroad, iss: str):
    trip, answer = await returned(world)
    assert refused(await trip.complete({**answer, "iss": iss})) == (400, "issuer_mismatch")
    assert world.fakes.google.faults.tokens_asked == 0
    assert (await trip.complete(answer)).status == 200


async def test_67_an_issuer_that_says_who_it_is_must_say_so(world: Abroad):
    trip, answer = await returned(world, "acme")
    silent = {name: value for name, value in answer.items() if name != "iss"}
    assert refused(await trip.complete(silent)) == (400, "issuer_mismatch")
    assert (await trip.complete(answer)).status == 200


async def test_68_each_provider_has_an_address_of_its_own(world: Abroad):
    google, answer = await returned(world, "google")
    reddit, _ = await returned(world, "reddit")
    assert refused(await reddit.complete(answer)) == (400, "state_mismatch")
    assert "callback%2Fgoogle&" in google.authorize_url
    # A provider that is told of another's address does not even ask.
    crossed = google.authorize_url.replace("callback%2Fgoogle", "callback%2Freddit")
    async with world.house.http.get(crossed) as page:
        assert page.status == 400
    assert (await google.complete(answer)).status == 200


async def test_69_of_ten_at_once_one_gets_in(world: Abroad):
    await sign_up(world.house.device(), "google", "Zoe", "zoe")
    world.fakes.google.faults.tokens_asked = 0
    trip, answer = await returned(world)
    replies = await asyncio.gather(*(trip.complete(answer) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [200] + [410] * 9
    assert world.fakes.google.faults.tokens_asked == 1
    assert refused(await trip.complete(answer)) == (410, "preauth_gone")


async def test_a_beginning_is_over_after_ten_minutes(world: Abroad):
    trip, answer = await returned(world)
    world.house.clock.advance(601)
    assert refused(await trip.complete(answer)) == (410, "preauth_gone")


async def test_who_says_no_is_told_kindly_and_may_begin_again(world: Abroad):
    trip = await depart(world.house.device(), "google")
    answer = await trip.consent("Zoe", answer="no")
    assert answer["error"] == "access_denied"
    reply = await trip.complete(answer)
    assert refused(reply) == (400, "provider_error")
    assert reply.json["errors"][0]["data"] == {"reason": "denied"}
    assert (await sign_up(world.house.device(), "google", "Zoe", "zoe")).device.session


@pytest.mark.parametrize("provider", ["google", "reddit", "imgur"])
async def test_a_provider_that_is_down_is_another_error(world: Abroad, provider: str):
    trip, answer = await returned(world, provider)
    getattr(world.fakes, provider).faults.is_down = True
    assert refused(await trip.complete(answer)) == (502, "provider_unavailable")


@pytest.mark.parametrize("is_verified", [False, True])
async def test_78_79_101_nobody_is_recognised_by_an_address(world: Abroad, is_verified: bool):
    victim = world.house.device()
    await victim.register("ada", email="ada@example.org")
    claims = {"email": "ada@example.org", "email_verified": is_verified}
    world.fakes.google.faults.claims = claims
    trip, answer = await returned(world, name="Ada")
    _, asked = await trip.try_complete(answer)
    assert asked["unregistered"] is True
    assert (await trip.accept(asked["link_token"], "ada-from-google")).status == 200
    assert trip.device.user["id"] != victim.user["id"]
    linked = await victim.call("auth", "GET", "/auth/v1/providers/linked")
    assert linked.response["linked"] == []


async def rows(world: Abroad, table: str) -> int:
    async with world.house.house.parts["auth"].database.reading() as session:
        return (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608


async def test_84_nothing_is_made_before_the_yes(world: Abroad):
    trip, answer = await returned(world)
    _, asked = await trip.try_complete(answer)
    assert asked["suggested_username"] == "Zoe"
    for table in ("auth_user", "auth_provider_user", "auth_device", "auth_session"):
        assert await rows(world, table) == 0
    other, its_answer = await returned(world, name="Eve")
    await other.complete(its_answer)
    for token in (asked["link_token"], "", "x" * 43):
        reply = await other.accept(token, "eve")
        assert refused(reply) == (401, "invalid_link_token")
    assert await rows(world, "auth_user") == 0
    assert (await trip.accept(asked["link_token"], "zoe")).status == 200
    assert await rows(world, "auth_provider_user") == 1


async def test_84_the_yes_follows_the_rules_of_any_registration(world: Abroad, clock: ManualClock):
    await world.house.member("ada")
    trip, answer = await returned(world)
    _, asked = await trip.try_complete(answer)
    token = asked["link_token"]
    for more, expected in (
        ({"username": "ADA"}, (409, "username_taken")),
        ({"username": "no spaces"}, (422, "invalid_request")),
        ({"terms": False}, (422, "invalid_request")),
    ):
        form: dict[str, Any] = {"username": "zoe", **more}
        assert refused(await trip.accept(token, **form)) == expected
    assert (await trip.accept(token, "zoe")).status == 200
    assert refused(await trip.accept(token, "zoe2")) == (410, "preauth_gone")


async def test_125_the_age_question_is_asked_here_too(world: Abroad):
    trip, answer = await returned(world)
    _, asked = await trip.try_complete(answer)
    young = await trip.accept(asked["link_token"], "zoe", age_answer="under_13")
    assert refused(young) == (403, "too_young")
    assert refused(await trip.accept(asked["link_token"], "zoe")) == (403, "too_young")


async def test_two_yeses_for_one_account_elsewhere_make_one_account(world: Abroad):
    trips = [await returned(world) for _ in range(2)]
    asked = [(await trip.try_complete(answer))[1] for trip, answer in trips]
    first, second = trips[0][0], trips[1][0]
    assert (await first.accept(asked[0]["link_token"], "zoe")).status == 200
    late = await second.accept(asked[1]["link_token"], "zoe-again")
    assert refused(late) == (409, "already_linked")
    assert await rows(world, "auth_user") == 1


async def test_86_reddit_answers_only_those_who_introduce_themselves(
    tmp_path: Path, clock: ManualClock
):
    rude: dict[str, Any] = {"user_agent": "Authlib/1.9.9"}
    async with abroad(tmp_path, clock, reddit=rude) as world:
        trip, answer = await returned(world, "reddit")
        assert refused(await trip.complete(answer)) == (502, "provider_unavailable")


async def test_each_provider_is_on_or_off_for_each_purpose(tmp_path: Path, clock: ManualClock):
    off: dict[str, Any] = {"sign_up": False}
    async with abroad(tmp_path, clock, google=off, reddit={"sign_in": False}) as world:
        listed = (await world.house.device().send("GET", "/auth/v1/providers")).response
        told = {
            entry["name"]: (entry["can_sign_in"], entry["can_sign_up"])
            for entry in listed["providers"]
        }
        assert told == {
            "google": (True, False),
            "reddit": (False, True),
            "imgur": (True, True),
            "acme": (True, True),
        }
        trip, answer = await returned(world, "google")
        assert refused(await trip.complete(answer)) == (403, "sign_up_closed")
        await sign_up(world.house.device(), "reddit", "Zoe", "zoe")
        assert refused(await sign_in(world.house.device(), "reddit", "Zoe")) == (
            422,
            "kind_not_offered",
        )
        with pytest.raises(RefusedError, match="422 kind_not_offered"):
            await depart(world.house.device(), "myspace")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the house writes at its most talkative."""
    stream = io.StringIO()
    with logged_to("DEBUG", stream):
        yield stream


async def test_5_6_no_secret_of_a_flow_is_logged_or_kept(
    world: Abroad, tmp_path: Path, logged: io.StringIO
):
    trip, answer = await returned(world)
    ben = await sign_up(world.house.device(), "google", "Ben", "ben")
    assert (await trip.complete(answer)).status == 200
    issued = list(world.fakes.google._server.issued.tokens)
    assert len(issued) == 2
    secrets = [trip.verifier, ben.verifier, answer["code"], trip.state, CLIENT_SECRET, *issued]
    # The files of the database, with whatever was deleted from them.
    kept = b"".join(file.read_bytes() for file in (tmp_path / "abroad").glob("sosa.db*"))
    lines = logged.getvalue().splitlines()
    assert b"ben" in kept
    assert lines
    for value in secrets:
        assert value.encode() not in kept
        assert not [line for line in lines if value in line]
