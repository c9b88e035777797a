"""Attacks 50 to 60 and 123 of docs/security.md: the refresh cookie, and what a copy is worth."""

import asyncio
from copy import copy

import pytest

from backend.kit.ids import SessionId
from tests.attacks.house import AuthHouse
from tests.device import Device, RefusedError, new_jti

TOKEN = "/auth/v1/token"


def stolen(house: AuthHouse, owner: Device, thief: Device) -> Device:
    """The thief's own device and keys with the owner's cookie and tokens."""
    robber = copy(thief)
    robber.cookie, robber.access = owner.cookie, owner.access
    return robber


async def lives(device: Device) -> bool:
    return (await device.call("auth", "GET", "/auth/v1/session")).status == 200


async def test_a_refresh_gives_new_tokens_and_a_new_cookie(house: AuthHouse, ada: Device) -> None:
    before = (ada.cookie, ada.access)
    house.clock.advance(299)
    await ada.refresh()
    assert ada.cookie != before[0]
    house.clock.advance(60)
    assert await lives(ada)
    ada.access = before[1]
    assert not await lives(ada)


async def test_50_a_cookie_without_a_proof_opens_nothing(house: AuthHouse, ada: Device) -> None:
    reply = await ada.send("POST", TOKEN, {}, {"Cookie": ada.cookie})
    assert (reply.status, reply.code) == (401, "proof_required")
    assert "Set-Cookie" not in reply.headers
    await ada.refresh()


async def test_51_a_stolen_cookie_on_another_device_ends_the_session(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    assert await lives(ada)
    with pytest.raises(RefusedError, match="401 reuse_detected"):
        await stolen(house, ada, ben).refresh()
    assert not await lives(ada)
    with pytest.raises(RefusedError, match="401 reuse_detected"):
        await ada.refresh()
    await ben.refresh()


async def test_51_a_forgery_under_the_owners_kid_ends_it_too(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    robber = stolen(house, ada, ben)
    assert ada.keys
    assert ben.keys
    robber.keys = copy(ben.keys)
    robber.keys.kid = ada.keys.kid
    with pytest.raises(RefusedError, match="401 reuse_detected"):
        await robber.refresh()
    assert not await lives(ada)


async def test_39_41_a_stolen_access_token_opens_nothing(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    path = "/auth/v1/session"
    bearer = await ada.send("GET", path, headers={"Authorization": f"Bearer {ada.access['auth']}"})
    assert (bearer.status, bearer.code) == (401, "token_required")
    alone = await ada.send("GET", path, headers={"Authorization": f"SoSa {ada.access['auth']}"})
    assert (alone.status, alone.code) == (401, "proof_required")
    robber = stolen(house, ada, ben)
    assert (await robber.call("auth", "GET", path)).code == "invalid_proof"
    assert await lives(ada)
    assert await lives(ben)


async def test_a_proof_that_only_does_not_fit_ends_no_session(
    house: AuthHouse, ada: Device
) -> None:
    proof = ada.proof("auth", "POST", "/auth/v1/other", body=b"{}")
    reply = await ada.send("POST", TOKEN, {}, {"Cookie": ada.cookie, "Sosa-Proof": proof})
    assert reply.code == "invalid_proof"
    garbage = await ada.send("POST", TOKEN, {}, {"Cookie": ada.cookie, "Sosa-Proof": "garbage"})
    assert garbage.code == "invalid_proof"
    await ada.refresh()


@pytest.mark.parametrize("cookie", ["", "sosa_rt=", "sosa_rt=unknown", "other=1", "sosa_rt=é"])
async def test_52_an_unknown_cookie_is_no_grant(house: AuthHouse, ada: Device, cookie: str) -> None:
    kept, ada.cookie = ada.cookie, cookie
    with pytest.raises(RefusedError, match="401 invalid_grant"):
        await ada.refresh()
    ada.cookie = kept
    await ada.refresh()


async def test_parallel_refreshes_get_the_same_successor(house: AuthHouse, ada: Device) -> None:
    tabs = [copy(ada) for _ in range(8)]
    await asyncio.gather(*(tab.refresh() for tab in tabs))
    assert len({tab.cookie for tab in tabs}) == 1
    assert tabs[0].cookie != ada.cookie
    await tabs[3].refresh()
    assert await lives(tabs[5])


async def test_a_lost_answer_can_be_asked_for_again(house: AuthHouse, ada: Device) -> None:
    lost, ada_again = copy(ada), copy(ada)
    await lost.refresh()
    house.clock.advance(30)
    await ada_again.refresh()
    assert ada_again.cookie == lost.cookie


async def test_53_a_copy_that_comes_later_ends_the_family(house: AuthHouse, ada: Device) -> None:
    old = copy(ada)
    await ada.refresh()
    house.clock.advance(31)
    assert await lives(ada)
    with pytest.raises(RefusedError, match="401 reuse_detected"):
        await old.refresh()
    with pytest.raises(RefusedError, match="401 reuse_detected"):
        await ada.refresh()
    assert not await lives(ada)


async def test_55_signed_out_is_signed_out(house: AuthHouse, ada: Device) -> None:
    kept = copy(ada)
    assert (await ada.sign_out()).status == 204
    assert not await lives(kept)
    with pytest.raises(RefusedError, match="401 invalid_grant"):
        await kept.refresh()


async def test_55_a_revoked_device_is_told_so(house: AuthHouse, ada: Device) -> None:
    phone = house.device("Phone")
    await phone.sign_in("ada")
    assert await lives(phone)
    gone = await ada.call("auth", "DELETE", f"/auth/v1/devices/{phone.device_id}")
    assert gone.status == 204
    assert not await lives(phone)
    with pytest.raises(RefusedError, match="401 device_revoked"):
        await phone.refresh()
    assert await lives(ada)


async def test_56_a_session_ends_though_it_is_always_used(house: AuthHouse, ada: Device) -> None:
    for _ in range(6):
        house.clock.advance(29 * 86_400)
        await ada.refresh()
    house.clock.advance(6 * 86_400 - 1)
    await ada.refresh()
    house.clock.advance(1)
    with pytest.raises(RefusedError, match="401 invalid_grant"):
        await ada.refresh()


async def test_56_a_session_ends_when_it_lies_idle(house: AuthHouse, ada: Device) -> None:
    house.clock.advance(30 * 86_400 - 1)
    await ada.refresh()
    house.clock.advance(30 * 86_400)
    with pytest.raises(RefusedError, match="401 invalid_grant"):
        await ada.refresh()


async def test_59_the_twenty_first_session_ends_the_oldest(house: AuthHouse, ada: Device) -> None:
    others = [house.device(f"Device {number}") for number in range(20)]
    for device in others[:19]:
        await device.sign_in("ada")
    assert await lives(ada)
    await others[19].sign_in("ada")
    assert not await lives(ada)
    listed = await others[0].call("auth", "GET", "/auth/v1/sessions")
    assert len(listed.response["sessions"]) == 20


async def test_60_signing_out_works_when_the_keys_are_gone(house: AuthHouse, ada: Device) -> None:
    headers = {"Cookie": ada.cookie, "Origin": house.url}
    assert await lives(ada)
    reply = await ada.send("POST", "/auth/v1/logout", {}, headers)
    assert reply.status == 204
    assert not await lives(ada)
    again = await ada.send("POST", "/auth/v1/logout", {}, headers)
    assert again.status == 204
    nothing = await ada.send("POST", "/auth/v1/logout", {}, {"Origin": house.url})
    assert nothing.status == 204


async def test_60_another_site_signs_nobody_out(house: AuthHouse, ada: Device) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": house.url},
        {},
    ):
        reply = await ada.send("POST", "/auth/v1/logout", {}, {"Cookie": ada.cookie, **headers})
        assert (reply.status, reply.code) == (403, "cross_origin")
    reply = await ada.send("POST", "/auth/v1/logout", {})
    assert (reply.status, reply.code) == (401, "proof_required")
    assert await lives(ada)


async def test_a_stolen_cookie_signs_out_only_with_its_keys(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    reply = await stolen(house, ada, ben).sign_out()
    assert (reply.status, reply.code) == (401, "reuse_detected")


async def test_123_the_cookie_says_exactly_this(house: AuthHouse, ada: Device) -> None:
    reply = await ada.prove("auth", "POST", TOKEN, {}, cookie=True, jti=new_jti())
    name, _, rest = reply.headers["Set-Cookie"].partition("=")
    value, _, attributes = rest.partition("; ")
    assert (name, len(value)) == ("sosa_rt", 43)
    assert attributes == "HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
    assert value.encode() not in reply.body
    assert reply.headers["Cache-Control"] == "no-store"
    out = await ada.sign_out()
    assert out.headers["Set-Cookie"] == "sosa_rt=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"
    assert out.headers["Clear-Site-Data"] == '"storage"'


async def test_47_who_listens_hears_of_the_end_at_once(house: AuthHouse, ada: Device) -> None:
    heard: list[SessionId] = []
    house.house.revocations.listen(heard.append)
    await ada.sign_out()
    assert heard == [ada.session]
