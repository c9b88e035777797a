"""What the log of the process says of those who were let in, and of those who were not."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.device import PASSWORD, Device, RefusedError, new_jti
from tests.logged import logged_to


class Lines(io.StringIO):
    """The log of the process."""

    def named(self, event: str, **wanted: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in found if line["event"] == event and wanted.items() <= line.items()]

    def last(self, **wanted: str) -> dict[str, Any]:
        """The newest refusal."""
        return self.named("refused", **wanted)[-1]


@pytest.fixture(autouse=True)
def lines() -> Iterator[Lines]:
    stream = Lines()
    with logged_to("INFO", stream):
        yield stream


async def try_password(device: Device, identifier: str, password: str) -> None:
    await device.begin("login")
    form = {"identifier": identifier, "password": password}
    await device.finish("password", form)


async def test_who_was_let_in_and_how(house: AuthHouse, ada: Device, lines: Lines) -> None:
    again = house.device()
    await again.sign_in("ada")
    told = lines.named("account_event", what="signed_in")
    assert [line["user_id"] for line in told] == [ada.user["id"]] * 2
    assert told[1]["by"] == ["pwd"]
    assert len(told[1]["request_id"]) == 36


async def test_a_wrong_password_and_whose_account_it_was_tried_at(
    house: AuthHouse, ada: Device, lines: Lines
) -> None:
    with pytest.raises(RefusedError):
        await try_password(house.device(), "ada", "wrong wrong wrong wrong")
    told = lines.last()
    assert (told["operation"], told["code"], told["status"]) == (
        "sign_in", "invalid_credentials", 401,
    )  # fmt: skip
    assert told["user_id"] == ada.user["id"]
    assert told["network"] == "127.0.0.1"
    assert len(told["request_id"]) == 36


async def test_a_wrong_name_concerns_nobody_and_is_not_written_down(
    house: AuthHouse, ada: Device, lines: Lines
) -> None:
    # People type their password where the name belongs.
    with pytest.raises(RefusedError):
        await try_password(house.device(), "hunter-two-hunter-two", PASSWORD)
    told = lines.last()
    assert told["code"] == "invalid_credentials"
    assert "user_id" not in told
    assert "hunter-two" not in lines.getvalue()


async def test_a_stolen_token_concerns_whose_it_was(
    house: AuthHouse, ada: Device, ben: Device, lines: Lines
) -> None:
    await ben.prove("auth", "GET", "/auth/v1/session", token=ada.access["auth"])
    told = lines.last()
    assert (told["operation"], told["code"]) == ("get_session", "invalid_proof")
    assert told["user_id"] == ada.user["id"]
    await house.device().send("GET", "/auth/v1/session")
    assert "user_id" not in lines.last(code="token_required"), "nobody knows who the next one is"


async def test_a_stolen_cookie_concerns_whose_it_was(
    house: AuthHouse, ada: Device, ben: Device, lines: Lines
) -> None:
    ben.cookie = ada.cookie
    await ben.prove("auth", "POST", "/auth/v1/token", {}, cookie=True, jti=new_jti())
    assert lines.last()["code"] == "reuse_detected"
    assert lines.last()["user_id"] == ada.user["id"]
    assert lines.named("account_event", what="copy_detected", user_id=ada.user["id"])


async def test_what_a_member_may_not_do(
    house: AuthHouse, ada: Device, ben: Device, lines: Lines, clock: ManualClock
) -> None:
    await ben.call("auth", "DELETE", f"/auth/v1/devices/{ada.device_id}")
    assert lines.last()["user_id"] == ben.user["id"]
    assert (lines.last()["code"], lines.last()["status"]) == ("not_found", 404)
    clock.advance(601)
    await ben.refresh()
    await ben.call("auth", "POST", "/auth/v1/totp", {})
    assert (lines.last()["code"], lines.last()["user_id"]) == ("step_up_required", ben.user["id"])


async def test_a_page_of_another_site(house: AuthHouse, ada: Device, lines: Lines) -> None:
    await ada.send("POST", "/auth/v1/logout", b"{}", {"Origin": "https://evil.example"})
    assert lines.last()["code"] == "cross_origin"


async def test_a_limit_that_is_used_up(tmp_path: Path, clock: ManualClock, lines: Lines) -> None:
    async with auth_house(tmp_path, clock, scale=1) as house:
        for _ in range(31):
            await house.device().post_secret("login", new_jti().encode())
    assert (lines.last()["operation"], lines.last()["code"]) == ("begin", "rate_limited")


async def test_to_be_asked_for_a_nonce_is_no_refusal(
    house: AuthHouse, ada: Device, lines: Lines, clock: ManualClock
) -> None:
    clock.advance(200)
    ada.nonce = "old"
    reply = await ada.call("auth", "GET", "/auth/v1/session")
    assert reply.status == 200
    assert not lines.named("refused")


async def test_no_line_holds_what_opens_anything(house: AuthHouse, lines: Lines) -> None:
    device = house.device()
    await device.register("ada")
    with pytest.raises(RefusedError):
        await try_password(house.device(), "ada", "wrong wrong wrong wrong")
    await house.device().send("GET", "/auth/v1/session", headers={"Cookie": device.cookie})
    shown = lines.getvalue()
    assert lines.named("refused")
    secrets = (PASSWORD, "wrong wrong", device.cookie, device.nonce, *device.access.values())
    assert not [secret for secret in secrets if secret in shown]


async def test_what_was_taken_back_has_not_happened(
    house: AuthHouse, ada: Device, lines: Lines
) -> None:
    transaction = house.house.parts["auth"].database.transaction
    add, who = house.auth._core.log.add, ada.user["id"]
    async with transaction() as session:
        await add(session, who, "password_changed")
        await session.rollback()
    assert not lines.named("account_event", what="password_changed")
    async with transaction() as session:
        await add(session, who, "password_changed")
    assert lines.named("account_event", what="password_changed", user_id=who, actor_id=who)
