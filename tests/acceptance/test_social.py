"""An account elsewhere opens one here, in every shape, over HTTP alone."""

import aiohttp
import pytest

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.confirming import confirm
from tests.device import Device, RefusedError
from tests.returning import come_back
from tests.visits import depart, link, sign_in, sign_up


async def test_up_in_linked_and_unlinked(product: Product, http: aiohttp.ClientSession):
    name = f"zoe-{new_id()[-12:]}"
    zoe = (await sign_up(Device(http, product.http), "google", name, name)).device
    assert (await zoe.call("profiles", "GET", "/profiles/v1/me")).status == 200
    assert (await sign_in(Device(http, product.http), "google", name)).status == 200
    assert (await link(zoe, Device(http, product.http), "reddit", name)).status == 200
    by_reddit = await depart(Device(http, product.http), "reddit")
    _, opened = await by_reddit.try_complete(await by_reddit.consent(name))
    assert opened["user"] == zoe.user
    assert (await zoe.call("auth", "DELETE", "/auth/v1/providers/google")).status == 204
    last = await zoe.call("auth", "DELETE", "/auth/v1/providers/reddit")
    assert (last.status, last.code) == (409, "last_login_method")


async def test_a_lost_cookie_is_no_end_and_the_provider_says_who_it_is(
    product: Product, http: aiohttp.ClientSession
):
    """In by imgur; by the device's keys alone, with little weight; confirmed by imgur."""
    name = f"ivy-{new_id()[-12:]}"
    ivy = (await sign_up(Device(http, product.http), "imgur", name, name)).device
    assert (await sign_in(Device(http, product.http), "imgur", name)).status == 200
    ivy.cookie = ""
    await come_back(ivy)
    session = (await ivy.call("auth", "GET", "/auth/v1/session")).response
    assert (session["user"], session["acr"]) == (ivy.user, "low")
    assert (await ivy.call("profiles", "GET", "/profiles/v1/me")).status == 200
    assert (await ivy.call("auth", "POST", "/auth/v1/totp", {})).code == "step_up_required"
    await confirm(ivy, Device(http, product.http), "imgur", name)
    assert (await ivy.call("auth", "POST", "/auth/v1/totp", {})).status == 200
    assert (await ivy.prove("auth", "POST", "/auth/v1/logout", {}, cookie=True)).status == 204
    with pytest.raises(RefusedError, match="401 login_required"):
        await come_back(ivy)


async def test_62_a_stolen_code_opens_nothing(product: Product, http: aiohttp.ClientSession):
    name = f"ada-{new_id()[-12:]}"
    trip = await depart(Device(http, product.http), "google")
    stolen = await trip.consent(name)
    thief = await depart(Device(http, product.http), "google")
    assert (await thief.complete(stolen)).code == "state_mismatch"
    assert (await thief.complete({**stolen, "state": thief.state})).code == "provider_error"
    assert (await trip.complete(stolen)).status == 200
