"""A picture goes from one member to another, wherever its bytes lie."""

import io
from typing import Any

from PIL import Image

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.members import Arrive, Member
from tests.pictures import jpeg

FILES = "/messaging/v1/files"


async def ask(member: Member, method: str, path: str, body: Any = None, query: str = "") -> Any:
    reply = await member.device.call("messaging", method, path, body, query=query)
    assert reply.status == 200, reply
    return reply.response


async def links(member: Member, file_id: str) -> list[dict[str, Any]]:
    return (await ask(member, "GET", FILES, query=f"id={file_id}"))["files"]


async def brought(member: Member, content: bytes) -> dict[str, Any]:
    file = {"id": new_id(), "name": "sunset.jpg", "size": len(content), "media_type": "image/jpeg"}
    (upload,) = (await ask(member, "POST", FILES, {"files": [file]}))["uploads"]
    url = upload["url"] if "://" in upload["url"] else member.url + upload["url"]
    async with member.device.http.put(url, data=content, headers=upload["headers"]) as answer:
        assert answer.status in {200, 204}, await answer.text()
    return await ask(member, "POST", f"{FILES}/{upload['file_id']}/finish", {})


async def test_a_picture_of_one_is_seen_by_the_other(arrive: Arrive, product: Product):
    ada, ben = await arrive("ada"), await arrive("ben")
    file = await brought(ada, jpeg(800, 500))
    assert (file["kind"], file["width"], file["height"]) == ("picture", 800, 500)
    assert await links(ada, file["id"])
    assert await links(ben, file["id"]) == []
    room = f"/messaging/v1/rooms/{ada.rooms['general']}/messages"
    draft = {"id": new_id(), "text": "", "files": [file["id"]]}
    (receipt,) = (await ask(ada, "POST", room, {"messages": [draft]}))["receipts"]
    page = await ask(ben, "GET", room, query="limit=1")
    assert (page["messages"][0]["id"], page["messages"][0]["files"]) == (
        receipt["message_id"],
        [file],
    )
    (opened,) = await links(ben, file["id"])
    async with ben.device.http.get(product.http + opened["urls"]["small"]) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(await answer.read())).size == (320, 200)
