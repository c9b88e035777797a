"""Attacks 6, 71 and 77: a provider that lies, errs, or is somebody else."""

from pathlib import Path
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.oauth.providers import ProviderConfigError
from tests.attacks.abroad import Abroad, abroad
from tests.device import RefusedError
from tests.visits import depart, sign_in, sign_up

LIES: list[dict[str, Any]] = [
    {"claims": {"nonce": "another"}},
    {"claims": {"nonce": ["x"]}},
    {"claims": {"nonce": None}},
    {"claims": {"aud": "somebody-else"}},
    {"claims": {"aud": ["sosa", "somebody-else"]}},
    {"claims": {"azp": "somebody-else"}},
    {"claims": {"iss": "https://evil.example"}},
    {"claims": {"exp": 1}},
    {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    {"signing": "none"},
    {"signing": "foreign"},
    {"signing": "secret"},
    {"sends_id_token": False},
]


@pytest.mark.parametrize("provider", ["google", "acme"])
async def test_71_what_is_not_right_about_a_token_is_not_believed(world: Abroad, provider: str):
    # One house for all of them: opening one takes longer than being lied to.
    fake = getattr(world.fakes, provider)
    await sign_up(world.house.device(), provider, "Zoe", "zoe")
    for lie in LIES:
        for name, value in lie.items():
            setattr(fake.faults, name, value)
        trip = await depart(world.house.device(), provider)
        answer = await trip.consent("Zoe")
        reply = await trip.complete(answer)
        assert (reply.status, reply.code) == (400, "provider_error"), lie
        assert reply.json["errors"][0]["data"] == {"reason": "bad_id_token"}, lie
        # It is spent, whatever was wrong with it.
        assert (await trip.complete(answer)).code == "preauth_gone"
        fake.faults.__init__()
    trip = await depart(world.house.device(), provider)
    assert (await trip.complete(await trip.consent("Zoe"))).status == 200


async def test_a_new_key_of_the_provider_is_fetched_but_not_at_every_call(world: Abroad):
    await sign_up(world.house.device(), "google", "Zoe", "zoe")
    world.fakes.google.faults.kid = "pretended-2"
    assert (await sign_in(world.house.device(), "google", "Zoe")).code == "provider_error"
    world.house.clock.advance(61)
    assert (await sign_in(world.house.device(), "google", "Zoe")).status == 200


async def opened_with_document(tmp_path: Path, clock: ManualClock, **faults: Any) -> None:
    async with abroad(tmp_path, clock, faults=faults):
        pass


@pytest.mark.parametrize(
    "faults",
    [
        {"documented_as": "https://evil.example"},
        {"algorithms": ("none",)},
        {"algorithms": ("HS256",)},
    ],
    ids=str,
)
async def test_77_a_document_that_cannot_be_right_keeps_the_house_closed(
    tmp_path: Path, clock: ManualClock, faults: dict[str, Any]
):
    with pytest.raises(ProviderConfigError, match="acme"):
        await opened_with_document(tmp_path / "closed", clock, **faults)
    await opened_with_document(tmp_path / "open", clock, algorithms=("none", "RS256"))


async def test_a_provider_that_is_away_does_not_keep_the_house_closed(
    tmp_path: Path, clock: ManualClock
):
    away: dict[str, Any] = {"issuer": "http://127.0.0.1:9/acme"}
    async with abroad(tmp_path, clock, acme=away) as world:
        with pytest.raises(RefusedError, match="502 provider_unavailable"):
            await depart(world.house.device(), "acme")
        await sign_up(world.house.device(), "google", "Zoe", "zoe")
