"""Where one part of auth meets another: what each allows alone is not allowed by both together."""

import pytest

from tests.attacks.house import AuthHouse
from tests.device import PASSWORD, Device, RefusedError
from tests.locks import STEP_SECONDS, add_totp, enter_password, totp

SHORT = "zQ7!vf2Kp"


async def change(device: Device, password: str) -> tuple[int, str]:
    body = {"current": PASSWORD, "password": password}
    reply = await device.call("auth", "PUT", "/auth/v1/password", body)
    return reply.status, reply.code


def fresh_code(house: AuthHouse, secret: str) -> str:
    house.clock.advance(STEP_SECONDS)
    return totp(secret, house.clock.now())


async def test_a_short_password_holds_the_second_lock_in_place(ada: Device) -> None:
    assert await change(ada, SHORT) == (422, "weak_password")
    await add_totp(ada)
    assert await change(ada, SHORT) == (204, "")
    kept = await ada.call("auth", "DELETE", "/auth/v1/totp")
    assert (kept.status, kept.code) == (409, "last_factor")
    body = {"current": SHORT, "password": "four words that rhyme not"}
    assert (await ada.call("auth", "PUT", "/auth/v1/password", body)).status == 204
    assert (await ada.call("auth", "DELETE", "/auth/v1/totp")).status == 204


async def test_who_is_leaving_comes_back_past_the_second_lock(
    house: AuthHouse, ada: Device
) -> None:
    secret = await add_totp(ada)
    assert (await ada.call("auth", "DELETE", "/auth/v1/account")).status == 204
    back = house.device()
    assert (await enter_password(back, "ada", PASSWORD)).response["next"] == "second_factor"
    with pytest.raises(RefusedError, match="preauth_gone"):
        await back.finish("undelete", {})
    shown = {"type": "totp", "value": fresh_code(house, secret)}
    path = f"/auth/v1/preauth/{back.preauth}/factor"
    asked = await back.prove("auth", "POST", path, shown)
    assert asked.response["next"] == "undelete"
    await back.finish("undelete", {})
    session = (await back.call("auth", "GET", "/auth/v1/session")).response
    assert (session["user"]["username"], session["acr"]) == ("ada", "high")
