"""Codes by mail, in every shape: registering with an address, and a forgotten password."""

from collections.abc import Mapping

import aiohttp
import pytest

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.catcher import Catcher
from tests.device import PASSWORD, Device, RefusedError, Reply

NEW_PASSWORD = "seven wet foxes sing"


async def step(device: Device, name: str, form: Mapping[str, object]) -> Reply:
    return await device.prove("auth", "POST", f"/auth/v1/preauth/{device.preauth}/{name}", form)


async def test_a_member_registers_by_mail_and_comes_back_by_mail(
    product: Product, http: aiohttp.ClientSession, post: Catcher
) -> None:
    name = f"ada-{new_id()[-8:]}"
    email = f"{name}@sosa.example"
    ada, later = Device(http, product.http), Device(http, product.http)
    await ada.begin("register")
    form = {"username": name, "password": PASSWORD, "age_answer": "18_plus", "terms": True}
    asked = await step(ada, "register", form | {"email": email})
    assert asked.response == {"next": "verify_email"}
    await ada.finish("verify", {"code": (await post.wait(email)).code})
    assert ada.user["username"] == name

    await later.begin("reset")
    assert (await step(later, "reset", {"email": email})).status == 202
    pin = {"pin": (await post.wait(email, 2)).code}
    assert (await step(later, "pin", pin)).response["username"] == name
    await later.finish("new-password", {"password": NEW_PASSWORD})
    assert (await later.call("profiles", "GET", "/profiles/v1/me")).status == 200
    # Whoever was signed in before is out.
    with pytest.raises(RefusedError, match="401"):
        await ada.refresh()
    with pytest.raises(RefusedError, match="401 invalid_credentials"):
        await Device(http, product.http).sign_in(email, PASSWORD)
    await Device(http, product.http).sign_in(email, NEW_PASSWORD)
