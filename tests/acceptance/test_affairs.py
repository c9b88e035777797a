"""Sessions, the log and one's data, in whatever shape the house is."""

import asyncio
import io
import json
import time
import zipfile
from typing import Any

from tests.acceptance.conftest import Product
from tests.device import Device
from tests.members import Arrive, Member

SOON = 1.0


async def beside(owner: Member, product: Product) -> Member:
    """Another device of the same member."""
    device = Device(owner.device.http, product.http, name="Phone")
    await device.sign_in(owner.device.user["username"])
    return Member(device, owner.url, owner.rooms, owner.open_things)


async def test_everywhere_else_is_out_within_a_second(arrive: Arrive, product: Product):
    ada, ben = await arrive("ada"), await arrive("ben")
    phone = await beside(ada, product)
    stays, leaves, other = await ada.connect(), await phone.connect(), await ben.connect()
    log = (await ada.device.call("auth", "GET", "/auth/v1/security-log")).response["events"]
    assert [line["device_name"] for line in log] == ["Phone", "Test device"]
    began = time.monotonic()
    assert (await ada.device.call("auth", "DELETE", "/auth/v1/sessions")).status == 204
    assert await leaves.expect_close() == 4401
    assert time.monotonic() - began < SOON
    for socket in (stays, other):
        await socket.join(ada.rooms["general"])
    refused = await phone.device.call("profiles", "GET", "/profiles/v1/me")
    assert (refused.status, refused.code) == (401, "invalid_token")
    everything = await ada.device.call("auth", "POST", "/auth/v1/logout/all", {})
    assert everything.status == 204
    assert await stays.expect_close() == 4401


async def test_every_service_brings_its_part_of_an_export(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    await ada.send("general", ("first-of-ada", "a giraffe of my own"))
    await ben.send("general", ("first-of-ben", "somebody else's hippo"))
    files = await exported(ada.device)
    assert json.loads(files["auth/account.json"])["username"] == ada.device.user["username"]
    assert json.loads(files["profiles/profile.json"])["user_id"] == ada.device.user["id"]
    assert [one["community"] for one in json.loads(files["community/communities.json"])] == ["SoSa"]
    said = json.loads(files["messaging/messages-00001.json"])
    assert [message["text"] for message in said] == ["a giraffe of my own"]
    assert "hippo" not in "".join(files.values())


async def test_whoever_leaves_is_out_at_once_and_may_come_back(arrive: Arrive):
    ada = await arrive("ada")
    socket = await ada.connect()
    assert (await ada.device.call("auth", "DELETE", "/auth/v1/account")).status == 204
    assert await socket.expect_close() == 4401
    assert (await ada.device.call("profiles", "GET", "/profiles/v1/me")).status == 401
    back = Device(ada.device.http, ada.url)
    await back.begin("login")
    form = {"identifier": ada.device.user["username"], "password": "correct pony battery moon"}
    path = f"/auth/v1/preauth/{back.preauth}/password"
    assert (await back.prove("auth", "POST", path, form)).response == {"next": "undelete"}
    await back.finish("undelete", {})
    assert (await back.call("profiles", "GET", "/profiles/v1/me")).status == 200


async def exported(device: Device) -> dict[str, str]:
    """The member's archive, by the names of its files."""
    path = "/auth/v1/export"
    assert (await device.call("auth", "POST", path, {})).response["state"] == "working"
    found: dict[str, Any] = {}
    for _ in range(100):
        found = (await device.call("auth", "GET", path)).response
        if found["state"] == "ready":
            break
        await asyncio.sleep(0.1)
    reply = await device.call("auth", "GET", f"{path}/{found['id']}/archive")
    assert reply.status == 200, found
    archive = zipfile.ZipFile(io.BytesIO(reply.body))
    return {name: archive.read(name).decode() for name in archive.namelist()}
