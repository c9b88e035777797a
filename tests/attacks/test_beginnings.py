"""Attacks 1 to 13 and 125 of docs/security.md: device secrets and what they begin."""

import secrets
from typing import Any

import pytest

from tests.attacks.house import AuthHouse
from tests.device import PASSWORD, Device, RefusedError, b64, derive, new_jti, sign, unb64

FORM: dict[str, Any] = {
    "username": "cleo",
    "password": PASSWORD,
    "age_answer": "18_plus",
    "terms": True,
}


async def begin(house: AuthHouse, secret: object, kind: str = "login", **more: Any) -> Any:
    body = {
        "kind": kind,
        "device_secret": secret,
        "device_name": "n",
        "device_platform": "p",
        **more,
    }
    return await house.device().send("POST", "/auth/v1/preauth", body)


async def test_1_a_device_secret_is_good_once(house: AuthHouse) -> None:
    secret = secrets.token_bytes(32)
    assert (await house.device().post_secret("login", secret)).status == 200
    for kind in ("login", "register"):
        again = await house.device().post_secret(kind, secret)
        assert (again.status, again.code) == (409, "device_secret_reused")


@pytest.mark.parametrize(
    "secret",
    [
        "",
        b64(b"short"),
        b64(secrets.token_bytes(31)),
        b64(secrets.token_bytes(33)),
        b64(bytes(32)),
        b64(b"ab" * 16),
        b64(bytes(range(32))),
        b64(bytes(range(200, 104, -3))),
        b64(secrets.token_bytes(32)) + "=",
        "not base64 at all!",
    ],
    # Not by themselves: most are drawn anew in each run, and a test keeps its name.
    ids=[
        "nothing",
        "five bytes",
        "31 bytes",
        "33 bytes",
        "zeros",
        "a pair",
        "rising",
        "falling",
        "padded",
        "no base64",
    ],
)
async def test_2_a_weak_device_secret_is_refused(house: AuthHouse, secret: str) -> None:
    reply = await begin(house, secret)
    assert (reply.status, reply.code) == (400, "weak_device_secret")


async def test_3_a_device_secret_anywhere_else_is_an_unknown_field(
    house: AuthHouse, ada: Device
) -> None:
    await ada.begin("login")
    secret = b64(secrets.token_bytes(32))
    form = {"identifier": "ada", "password": PASSWORD, "device_secret": secret}
    path = f"/auth/v1/preauth/{ada.preauth}/password"
    reply = await ada.prove("auth", "POST", path, form)
    assert (reply.status, reply.code) == (422, "unknown_field")
    assert secret.encode() not in reply.body
    del form["device_secret"]
    assert (await ada.prove("auth", "POST", path, form)).status == 200


async def test_4_a_refusal_never_quotes_what_was_sent(house: AuthHouse) -> None:
    secret = b64(secrets.token_bytes(32))
    for body in (await begin(house, secret, "nonsense"), await begin(house, [secret])):
        assert body.status == 422
        assert secret.encode() not in body.body
    device = house.device()
    await device.begin("register")
    path = f"/auth/v1/preauth/{device.preauth}/register"
    reply = await device.prove("auth", "POST", path, {**FORM, "password": [PASSWORD]})
    assert reply.status == 422
    assert PASSWORD.encode() not in reply.body


async def test_7_a_proof_under_the_secret_itself_is_refused(house: AuthHouse) -> None:
    device, secret = house.device(), secrets.token_bytes(32)
    begun = (await device.post_secret("register", secret)).response
    device.keys = derive(secret, unb64(begun["salt"]))
    device.preauth, device.nonce = begun["preauth"], begun["nonce"]
    right = device.keys.proof["auth"]
    device.keys.proof["auth"] = secret
    with pytest.raises(RefusedError, match="invalid_proof"):
        await device.finish("register", FORM)
    device.keys.proof["auth"] = right
    await device.finish("register", FORM)


async def test_8_a_beginning_without_a_proof_opens_nothing(house: AuthHouse) -> None:
    device = house.device()
    await device.begin("register")
    reply = await device.send("POST", f"/auth/v1/preauth/{device.preauth}/register", FORM)
    assert (reply.status, reply.code) == (401, "proof_required")
    assert reply.headers["WWW-Authenticate"] == 'SoSa error="proof_required"'
    await device.finish("register", FORM)


async def test_9_11_a_stolen_beginning_is_no_good_and_is_not_burned(house: AuthHouse) -> None:
    owner, thief = house.device(), house.device()
    await owner.begin("register")
    await thief.begin("register")
    thief.preauth = owner.preauth
    for _ in range(6):
        with pytest.raises(RefusedError, match="401 invalid_proof"):
            await thief.finish("register", FORM)
    await owner.finish("register", FORM)


async def test_10_five_forgeries_under_its_own_key_burn_a_beginning(house: AuthHouse) -> None:
    device = house.device()
    await device.begin("register")
    assert device.keys
    path = f"/auth/v1/preauth/{device.preauth}/register"
    forged = sign({"jti": new_jti()}, b"x" * 32, device.keys.kid)
    for _ in range(5):
        reply = await device.send("POST", path, FORM, {"Sosa-Proof": forged})
        assert reply.code == "invalid_proof"
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await device.finish("register", FORM)


async def test_10_a_beginning_ends_after_ten_minutes(house: AuthHouse) -> None:
    late, early = house.device(), house.device()
    await late.begin("register")
    await early.begin("register")
    house.clock.advance(599)
    await early.finish("register", FORM)
    house.clock.advance(1)
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await late.finish("register", {**FORM, "username": "dora"})


async def test_10_a_beginning_ends_with_its_success(house: AuthHouse) -> None:
    device = house.device()
    await device.register("ada")
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await device.finish("register", FORM)


async def test_10_an_unknown_beginning_is_gone(house: AuthHouse) -> None:
    device = house.device()
    await device.begin("register")
    device.preauth = "no-such-beginning"
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await device.finish("register", FORM)


async def test_12_a_beginning_leads_where_it_was_meant_to(house: AuthHouse, ada: Device) -> None:
    device = house.device()
    await device.begin("register")
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await device.finish("password", {"identifier": "ada", "password": PASSWORD})
    await device.begin("login")
    with pytest.raises(RefusedError, match="410 preauth_gone"):
        await device.finish("register", FORM)
    await device.finish("password", {"identifier": "ada", "password": PASSWORD})


@pytest.mark.parametrize("kind", ["oauth", "reset", "link"])
async def test_12_what_is_not_offered_is_said_plainly(house: AuthHouse, kind: str) -> None:
    reply = await begin(house, b64(secrets.token_bytes(32)), kind)
    assert (reply.status, reply.code) == (422, "kind_not_offered")
    assert reply.json["errors"][0]["field"] == "kind"


async def test_13_a_device_never_changes_hands(house: AuthHouse, ada: Device) -> None:
    await house.member("ben")
    browser = house.device()
    await browser.sign_in("ada")
    first = (browser.device_id, browser.keys)
    await browser.sign_in("ben")
    assert browser.device_id != first[0]
    listed = await ada.call("auth", "GET", "/auth/v1/devices")
    assert first[0] in [entry["id"] for entry in listed.response["devices"]]
    assert browser.device_id not in [entry["id"] for entry in listed.response["devices"]]


async def test_125_another_answer_to_the_age_question_is_too_late(house: AuthHouse) -> None:
    device = house.device()
    await device.begin("register")
    path = f"/auth/v1/preauth/{device.preauth}/register"
    young = await device.prove("auth", "POST", path, {**FORM, "age_answer": "under_13"})
    assert (young.status, young.code) == (403, "too_young")
    cookie = young.headers["Set-Cookie"]
    assert cookie == "sosa_later=1; Max-Age=86400; Path=/auth/v1/preauth; HttpOnly; SameSite=Strict"
    older = await device.prove("auth", "POST", path, FORM)
    assert (older.status, older.code) == (403, "too_young")
    await device.begin("register")
    device.cookie = "sosa_later=1"
    path = f"/auth/v1/preauth/{device.preauth}/register"
    again = await device.prove("auth", "POST", path, FORM, cookie=True)
    assert (again.status, again.code) == (403, "too_young")
    await house.device().register("cleo")


async def test_58_what_a_beginning_is_called_never_names_a_session(
    house: AuthHouse, ada: Device
) -> None:
    assert ada.preauth not in {ada.session, ada.device_id}
    assert ada.preauth not in ada.cookie
