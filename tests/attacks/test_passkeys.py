"""Attack 96 of docs/security.md: answers of passkeys that are not what they should be."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.attacks.house import AuthHouse
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.device import PASSWORD, Device, RefusedError, b64, unb64
from tests.locks import (
    add_passkey,
    add_totp,
    authenticator,
    creation_options,
    enter_password,
    passkey_options,
    step_up_options,
)


@pytest.fixture
async def key(ada: Device) -> Authenticator:
    """A passkey of ada's, with a counter."""
    return await add_passkey(ada, authenticator(ada, count=7))


async def at_the_door(house: AuthHouse) -> tuple[Device, str]:
    """A device that began, and what is asked of a passkey there."""
    device = house.device("Another device")
    await device.begin("login")
    return device, await passkey_options(device)


async def sign_in(device: Device, credential: str) -> str:
    """Signs in with a passkey alone; returns the code of the refusal, or ""."""
    try:
        await device.finish("passkey", {"credential": credential})
    except RefusedError as refused:
        return refused.code
    return ""


async def test_a_passkey_that_knows_its_owner_is_enough(
    house: AuthHouse, ada: Device, key: Authenticator
) -> None:
    await add_totp(ada)
    door, asked = await at_the_door(house)
    assert json.loads(asked)["userVerification"] == "required"
    assert json.loads(asked)["allowCredentials"] == []
    assert await sign_in(door, key.get(asked)) == ""
    current = (await door.call("auth", "GET", "/auth/v1/session")).response
    assert (current["user"]["username"], current["acr"]) == ("ada", "high")
    assert current["amr"] == ["pop", "mfa"]


async def test_96_an_answer_that_is_bent_is_refused(house: AuthHouse, key: Authenticator) -> None:
    bents: list[dict[str, Any]] = [
        {"origin": "https://evil.example"},
        {"party": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"user_handle": b"somebody else"},
    ]
    door, asked = await at_the_door(house)
    for bent in bents:
        bent_key = replace(key, **bent)
        assert await sign_in(door, bent_key.get(asked)) == "bad_factor", bent
        key.count = bent_key.count
        asked = await passkey_options(door)
    assert await sign_in(door, key.get(asked)) == "", "the same key, straight, at the same door"


async def test_96_bent_client_data_is_refused(house: AuthHouse, key: Authenticator) -> None:
    bents: list[dict[str, Any]] = [
        {"type": "webauthn.create"},
        {"challenge": b64(b"\x05" * 32)},
        {"origin": "null"},
        {"origin": None},
        {"crossOrigin": True},
    ]
    door, asked = await at_the_door(house)
    for bent in bents:
        assert await sign_in(door, key.get(asked, **bent)) == "bad_factor", bent
        asked = await passkey_options(door)
    assert await sign_in(door, key.get(asked)) == ""


async def test_96_a_challenge_is_good_once(house: AuthHouse, key: Authenticator) -> None:
    door, asked = await at_the_door(house)
    assert await sign_in(door, key.get(asked, origin="https://evil.example")) == "bad_factor"
    assert await sign_in(door, key.get(asked)) == "bad_factor", "a wrong answer used it up"
    assert await sign_in(door, key.get(await passkey_options(door))) == ""


async def test_96_of_one_answer_many_times_at_once_one_is_taken(
    house: AuthHouse, key: Authenticator
) -> None:
    door, asked = await at_the_door(house)
    answer = key.get(asked)
    told = await asyncio.gather(*(sign_in(door, answer) for _ in range(8)))
    assert told.count("") == 1


async def test_96_a_challenge_is_of_one_beginning_for_ten_minutes(
    house: AuthHouse, key: Authenticator
) -> None:
    (door, asked), (other, others) = await at_the_door(house), await at_the_door(house)
    assert await sign_in(other, key.get(asked)) == "bad_factor"
    assert await sign_in(door, key.get(others)) == "bad_factor"
    asked = await passkey_options(door)
    house.clock.advance(601)
    assert await sign_in(door, key.get(asked)) == "preauth_gone"
    door, asked = await at_the_door(house)
    assert await sign_in(door, key.get(asked)) == ""


async def test_96_a_challenge_is_of_one_purpose(
    house: AuthHouse, ada: Device, key: Authenticator
) -> None:
    asked = await step_up_options(ada)
    options = json.loads(asked) | {"user": {"id": b64(ada.user["id"].encode())}}
    wrong = {"credential": authenticator(ada).create(json.dumps(options)), "name": "x"}
    assert (await ada.call("auth", "POST", "/auth/v1/passkeys", wrong)).code == "bad_factor"
    made = {"credential": authenticator(ada).create(await creation_options(ada)), "name": "x"}
    assert (await ada.call("auth", "POST", "/auth/v1/passkeys", made)).status == 200
    door, _ = await at_the_door(house)
    assert await sign_in(door, key.get(asked)) == "bad_factor"


async def test_96_a_counter_that_goes_back_is_refused(house: AuthHouse, key: Authenticator) -> None:
    for count, told in ((20, ""), (20, "bad_factor"), (3, "bad_factor"), (21, "")):
        key.count = count - 1
        door, asked = await at_the_door(house)
        assert await sign_in(door, key.get(asked)) == told, count


async def test_96_a_passkey_that_does_not_count_goes_on_working(
    house: AuthHouse, ada: Device
) -> None:
    synchronised = await add_passkey(ada)
    for _ in range(2):
        door, asked = await at_the_door(house)
        assert await sign_in(door, synchronised.get(asked)) == ""


async def test_96_another_key_under_a_known_name_is_refused(
    house: AuthHouse, ada: Device, key: Authenticator
) -> None:
    forged = authenticator(ada, credential_id=key.credential_id, user_handle=key.user_handle)
    door, asked = await at_the_door(house)
    assert await sign_in(door, forged.get(asked)) == "bad_factor"
    assert await sign_in(door, key.get(await passkey_options(door))) == ""


async def test_96_as_a_second_factor_it_must_be_the_accounts_own(
    house: AuthHouse, ben: Device, key: Authenticator
) -> None:
    bens = await add_passkey(ben)
    door = house.device()
    reply = await enter_password(door, "ada", PASSWORD)
    assert reply.response["methods"] == ["passkey"]
    asked = await passkey_options(door)
    allowed = json.loads(asked)["allowCredentials"]
    assert [item["id"] for item in allowed] == [b64(key.credential_id)]
    with pytest.raises(RefusedError, match="bad_factor"):
        await door.finish("factor", {"type": "passkey", "value": bens.get(asked)})
    key.flags = PRESENT
    again = await passkey_options(door)
    await door.finish("factor", {"type": "passkey", "value": key.get(again)})
    current = (await door.call("auth", "GET", "/auth/v1/session")).response
    assert (current["user"]["username"], current["amr"]) == ("ada", ["pwd", "pop", "mfa"])


async def test_96_one_credential_is_one_accounts(
    house: AuthHouse, ada: Device, ben: Device, key: Authenticator
) -> None:
    taken = json.loads(await creation_options(ada))["excludeCredentials"]
    assert [item["id"] for item in taken] == [b64(key.credential_id)]
    form = {"credential": key.create(await creation_options(ben)), "name": "Ben's now"}
    assert (await ben.call("auth", "POST", "/auth/v1/passkeys", form)).code == "factor_exists"
    key.user_handle = ada.user["id"].encode()
    door, asked = await at_the_door(house)
    assert await sign_in(door, key.get(asked)) == ""
    assert door.user["username"] == "ada"


async def test_96_nobody_touches_another_members_passkey(
    ada: Device, ben: Device, key: Authenticator
) -> None:
    assert key
    (entry,) = (await ada.call("auth", "GET", "/auth/v1/factors")).response["passkeys"]
    path = f"/auth/v1/passkeys/{entry['id']}"
    assert (await ben.call("auth", "PATCH", path, {"name": "Mine"})).status == 404
    assert (await ben.call("auth", "DELETE", path)).status == 404
    assert (await ada.call("auth", "PATCH", path, {"name": "Blue key"})).status == 204
    (entry,) = (await ada.call("auth", "GET", "/auth/v1/factors")).response["passkeys"]
    assert (entry["name"], entry["is_backed_up"]) == ("Blue key", False)
    assert (await ada.call("auth", "DELETE", path)).status == 204
    assert (await ada.call("auth", "GET", "/auth/v1/factors")).response["passkeys"] == []


async def test_96_a_passkey_that_was_removed_opens_nothing(
    house: AuthHouse, ada: Device, key: Authenticator
) -> None:
    door, asked = await at_the_door(house)
    assert await sign_in(door, key.get(asked)) == ""
    (entry,) = (await ada.call("auth", "GET", "/auth/v1/factors")).response["passkeys"]
    await ada.call("auth", "DELETE", f"/auth/v1/passkeys/{entry['id']}")
    door, asked = await at_the_door(house)
    assert await sign_in(door, key.get(asked)) == "bad_factor"


async def test_96_nonsense_is_refused_and_breaks_nothing(
    house: AuthHouse, key: Authenticator
) -> None:
    door, asked = await at_the_door(house)
    for flaw in ("nesting", "list", "text", "id", "data", "cbor", "signature"):
        answer = json.loads(key.get(asked))
        assert await sign_in(door, nonsense(answer, flaw)) == "bad_factor", flaw
        asked = await passkey_options(door)
    assert await sign_in(door, key.get(asked)) == ""


def nonsense(answer: dict[str, Any], flaw: str) -> str:
    """An answer of a passkey with one flaw."""
    if flaw in {"nesting", "list", "text"}:
        return {"nesting": "[" * 5000, "list": "[1]", "text": "hello"}[flaw]
    if flaw == "id":
        return json.dumps(answer | {"id": "%%%", "rawId": "%%%"})
    response = answer["response"]
    if flaw == "data":
        response["clientDataJSON"] = b64(b"\xff{")
    if flaw == "cbor":
        data = bytearray(unb64(response["authenticatorData"]))
        data[32] |= 0xC0
        response["authenticatorData"] = b64(bytes(data) + b"\xff" * 40)
    if flaw == "signature":
        response["signature"] = b64(unb64(response["signature"])[:-1] + b"\x00")
    return json.dumps(answer)


async def test_an_account_has_twenty_passkeys_at_most(ada: Device) -> None:
    for _ in range(20):
        await add_passkey(ada)
    reply = await ada.call("auth", "POST", "/auth/v1/passkeys/options", {})
    assert (reply.status, reply.code) == (409, "too_many_passkeys")
