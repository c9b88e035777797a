"""Attack 118 of docs/security.md: keys follow each other and refuse nobody."""

from pathlib import Path

from backend.auth.service.signing import SigningKeys
from backend.kit.clock import ManualClock
from backend.kit.ids import SessionId
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device

JWKS = "/auth/v1/.well-known/jwks.json"


async def kids(house: AuthHouse) -> list[str]:
    reply = await house.device().send("GET", JWKS)
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert reply.headers["ETag"].startswith('"')
    return [key["kid"] for key in reply.json["keys"]]


async def opens(device: Device) -> bool:
    return (await device.call("auth", "GET", "/auth/v1/session")).status == 200


async def advance(house: AuthHouse, minutes: float) -> None:
    house.clock.advance(minutes * 60)
    await house.auth.signing.advance()


async def test_118_a_rotation_refuses_nobody(house: AuthHouse, ada: Device) -> None:
    first = await kids(house)
    await house.auth.signing.rotate()
    await house.auth.signing.rotate()
    pending = await kids(house)
    assert len(pending) == 2
    for _ in range(45):
        old = dict(ada.access)
        await advance(house, 1)
        await ada.refresh()
        assert await opens(ada)
        ada.access = old
        assert await opens(ada)
        await ada.refresh()
    assert await kids(house) == [kid for kid in pending if kid not in first]


async def test_a_key_signs_only_after_everyone_could_know_it(house: AuthHouse, ada: Device) -> None:
    active = (await house.auth.signing.active()).kid
    await house.auth.signing.rotate()
    await advance(house, 14)
    assert (await house.auth.signing.active()).kid == active
    await advance(house, 1)
    assert (await house.auth.signing.active()).kid != active
    assert active in await kids(house)
    await advance(house, 20)
    assert active not in await kids(house)


async def test_keys_rotate_by_themselves_every_month(house: AuthHouse) -> None:
    await advance(house, 30 * 24 * 60 - 1)
    assert len(await kids(house)) == 1
    await advance(house, 1)
    assert len(await kids(house)) == 2


async def test_a_restart_keeps_the_keys_and_who_was_signed_out(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with auth_house(tmp_path, clock) as house:
        ada, ben = await house.member("ada"), await house.member("ben")
        before = await kids(house)
        kept, origin = dict(ada.access), house.url
        assert await opens(ada)
        await ben.sign_out()
        await ada.call("auth", "DELETE", f"/auth/v1/sessions/{ada.session}")
        ended = ada.session
    async with auth_house(tmp_path, clock) as again:
        assert await kids(again) == before
        assert again.house.revocations.is_revoked(SessionId(ended))
        assert kept
        assert origin != again.url


async def test_another_process_moves_the_keys_on(house: AuthHouse) -> None:
    other = SigningKeys(house.auth._parts)
    assert (await other.active()).kid == (await house.auth.signing.active()).kid
    await other.rotate()
    await advance(house, 16)
    house.clock.advance(31)
    assert (await other.active()).kid == (await house.auth.signing.active()).kid
