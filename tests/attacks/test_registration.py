"""What a registration form may say."""

import asyncio
from typing import Any

import pytest

from tests.attacks.house import AuthHouse
from tests.device import Device, RefusedError


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"username": "ab"}, "username"),
        ({"username": "a" * 33}, "username"),
        ({"username": "ada lovelace"}, "username"),
        ({"username": "ädä"}, "username"),
        ({"username": "ada\n"}, "username"),
        ({"terms": False}, "terms"),
        ({"terms": "yes"}, "terms"),
        ({"age_answer": "12"}, "age_answer"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a" * 250 + "@sosa.example"}, "email"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_a_form_that_breaks_a_rule_is_told_which_field(
    house: AuthHouse, form: dict[str, Any], field: str
) -> None:
    device = house.device()
    with pytest.raises(RefusedError, match="422") as caught:
        await device.register(**{"username": "cleo", **form})
    assert caught.value.reply.json["errors"][0]["field"] == field


async def test_a_name_is_taken_in_whatever_case(house: AuthHouse, ada: Device) -> None:
    device = house.device()
    with pytest.raises(RefusedError, match="409 username_taken"):
        await device.register("ADA")
    form = {"username": "ada2", "password": "some other long words", "age_answer": "13_15"}
    await device.finish("register", {**form, "terms": True})
    assert device.user["username"] == "ada2"


async def test_of_two_who_want_a_name_at_once_one_gets_it(house: AuthHouse) -> None:
    results = await asyncio.gather(
        *(house.device().register("cleo") for _ in range(4)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert {str(result) for result in results if result} == {"409 username_taken"}


async def test_an_e_mail_may_be_left_out_or_empty(house: AuthHouse) -> None:
    await house.device().register("ada", email=None)
    await house.device().register("ben", email="")
    await house.device().register("cleo", email=" Cleo@SoSa.example ")
