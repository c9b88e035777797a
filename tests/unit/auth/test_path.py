from tests.attacks.house import AuthHouse
from tests.device import Device


async def test_a_member_registers_refreshes_signs_out_and_signs_in(house: AuthHouse) -> None:
    ada = await house.member("Ada")
    before = await ada.call("auth", "GET", "/auth/v1/session")
    assert before.response["user"] == ada.user
    await ada.refresh()
    assert (await ada.call("auth", "GET", "/auth/v1/session")).status == 200
    ticket = await ada.ticket("messaging")
    assert len(ticket) == 43
    assert (await ada.sign_out()).status == 204
    await ada.sign_in("ada")
    after = await ada.call("auth", "GET", "/auth/v1/session")
    assert after.response["user"] == before.response["user"]
    assert after.response["session"] != before.response["session"]


async def test_members_see_and_end_their_sessions(house: AuthHouse, ada: Device) -> None:
    other = house.device("Phone")
    await other.sign_in("ada")
    listed = (await ada.call("auth", "GET", "/auth/v1/sessions")).response["sessions"]
    assert [entry["device_name"] for entry in listed] == ["Phone", "Test device"]
    gone = await ada.call("auth", "DELETE", f"/auth/v1/sessions/{other.session}")
    assert gone.status == 204
    assert (await other.call("auth", "GET", "/auth/v1/session")).code == "invalid_token"
