"""A second lock, in every shape: set up, asked for, and shown once more for what is delicate."""

from tests.device import PASSWORD, Device
from tests.locks import (
    STEP_SECONDS,
    add_passkey,
    add_totp,
    enter_password,
    passkey_options,
    recovery_codes,
    step_up,
    step_up_options,
    totp,
)
from tests.members import Arrive


async def test_a_second_lock_is_asked_for_and_opened_by_each_of_its_keys(arrive: Arrive):
    ada = (await arrive("ada")).device
    name = ada.user["username"]
    secret = await add_totp(ada)
    passkey = await add_passkey(ada)
    codes = await recovery_codes(ada)
    # The code of the present half minute was used to set the app up; the next is good already.
    shown = {"totp": totp(secret, ada.now() + ada.skew + STEP_SECONDS), "recovery_code": codes[0]}
    for kind, value in shown.items():
        door = Device(ada.http, ada.base_url)
        asked = (await enter_password(door, name, PASSWORD)).response
        assert asked == {"next": "second_factor", "methods": ["totp", "passkey", "recovery_code"]}
        await door.finish("factor", {"type": kind, "value": value})
        assert (await door.call("profiles", "GET", "/profiles/v1/me")).status == 200
    door = Device(ada.http, ada.base_url)
    await door.begin("login")
    await door.finish("passkey", {"credential": passkey.get(await passkey_options(door))})
    assert (await door.call("auth", "GET", "/auth/v1/session")).response["acr"] == "high"
    await step_up(door, "passkey", passkey.get(await step_up_options(door)))
    assert (await door.call("auth", "DELETE", "/auth/v1/totp")).status == 204
