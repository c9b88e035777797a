"""An account elsewhere opens one here, in every shape, over HTTP alone."""

import aiohttp

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.device import Device
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


async def test_62_a_stolen_code_opens_nothing(product: Product, http: aiohttp.ClientSession):
    name = f"ada-{new_id()[-12:]}"
    trip = await depart(Device(http, product.http), "google")
    stolen = await trip.consent(name)
    thief = await depart(Device(http, product.http), "google")
    assert (await thief.complete(stolen)).code == "state_mismatch"
    assert (await thief.complete({**stolen, "state": thief.state})).code == "provider_error"
    assert (await trip.complete(stolen)).status == 200
