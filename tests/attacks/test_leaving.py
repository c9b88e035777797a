"""Taking one's data along, and leaving so that nothing is left (attack 120)."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.kit.clock import ManualClock
from backend.kit.keyring import SealBrokenError
from backend.kit.settings import SERVICES
from tests.attacks.affairs import log_of, session_of
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device, RefusedError, new_jti

DAY = 86_400
EXPORT = "/auth/v1/export"


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[AuthHouse]:
    async with auth_house(tmp_path, clock, serve=SERVICES) as opened:
        yield opened


async def say(device: Device, text: str) -> None:
    drafts = {"messages": [{"id": new_jti()[:20], "text": text}]}
    path = "/messaging/v1/rooms/sosa-general/messages"
    reply = await device.call("messaging", "POST", path, drafts)
    assert reply.response["receipts"][0]["seq"]


async def said(device: Device) -> list[dict[str, Any]]:
    path = "/messaging/v1/rooms/sosa-general/messages"
    return (await device.call("messaging", "GET", path)).response["messages"]


async def change(device: Device, message_id: str, **deed: Any) -> None:
    path = f"/messaging/v1/rooms/sosa-general/messages/{message_id}/changes"
    body = {"id": f"{deed['kind']}-{message_id}", "do": deed}
    reply = await device.call("messaging", "POST", path, body)
    assert reply.status == 200, reply.body


async def export_of(device: Device) -> zipfile.ZipFile:
    assert (await device.call("auth", "POST", EXPORT, {})).response["state"] == "working"
    found: dict[str, Any] = {}
    for _ in range(100):
        found = (await device.call("auth", "GET", EXPORT)).response
        if found["state"] == "ready":
            break
        await asyncio.sleep(0.05)
    reply = await device.call("auth", "GET", f"{EXPORT}/{found['id']}/archive")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(reply.body))


async def test_an_export_holds_everything_of_one_and_nothing_of_others(
    house: AuthHouse, clock: ManualClock, ada: Device, ben: Device
) -> None:
    for device, text in ((ada, "mine: a giraffe"), (ben, "his: a hippo"), (ada, "mine: a lion")):
        await say(device, text)
    giraffe, hippo, lion = [message["id"] for message in await said(ada)]
    await change(ada, giraffe, kind="edit", text="mine: a tall giraffe")
    await change(ada, hippo, kind="react", emoji="🦛")
    await change(ada, lion, kind="delete")
    archive = await export_of(ada)
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {name.partition("/")[0] for name in files} == {"README.txt", *SERVICES}
    assert json.loads(files["auth/account.json"])["username"] == "ada"
    assert json.loads(files["profiles/profile.json"])["nickname"].startswith("ada")
    assert json.loads(files["community/communities.json"])[0]["community"] == "SoSa"
    messages = json.loads(files["messaging/messages-00001.json"])
    assert [message["text"] for message in messages] == ["mine: a tall giraffe"]
    assert messages[0]["earlier"] == ["mine: a giraffe"]
    given = json.loads(files["messaging/reactions.json"])
    assert given == [{"message_id": hippo, "emoji": "🦛"}]
    assert "<svg" in files["profiles/face.svg"]
    everything = "".join(files.values())
    assert "hippo" not in everything
    assert ben.user["id"] not in everything
    assert "argon2" not in everything
    assert "v1.1." not in everything


async def test_an_archive_is_its_owners_for_a_day(
    house: AuthHouse, clock: ManualClock, ada: Device, ben: Device
) -> None:
    await export_of(ada)
    job = (await ada.call("auth", "GET", EXPORT)).response["id"]
    path = f"{EXPORT}/{job}/archive"
    assert (await ada.call("auth", "GET", path)).status == 200
    assert (await ben.call("auth", "GET", path)).status == 404
    assert (await house.device().send("GET", path)).status == 401
    clock.advance(DAY)
    await (later := house.device()).sign_in("ada")
    assert (await later.call("auth", "GET", path)).status == 404
    await house.auth.keep_house()
    assert (await later.call("auth", "GET", EXPORT)).response["state"] == "none"
    assert await count(house, "auth_privacy_part") == 0


async def test_whoever_leaves_may_come_back_within_the_grace(
    house: AuthHouse, clock: ManualClock, ada: Device
) -> None:
    await leave(ada)
    assert (await session_of(ada)).status == 401
    clock.advance(13 * DAY)
    await house.auth.keep_house()
    back = house.device()
    await back.begin("login")
    with pytest.raises(RefusedError, match="invalid_credentials"):
        await back.finish("password", {"identifier": "ada", "password": "not that one at all"})
    form = {"identifier": "ada", "password": "correct pony battery moon"}
    step = f"/auth/v1/preauth/{back.preauth}"
    early = await back.prove("auth", "POST", f"{step}/undelete", {})
    assert early.status == 410
    asked = await back.prove("auth", "POST", f"{step}/password", form)
    assert asked.response == {"next": "undelete"}
    await back.finish("undelete", {})
    assert [line["name"] for line in await log_of(back)][:2] == ["signed_in", "deletion_cancelled"]
    clock.advance(2 * DAY)
    await house.auth.keep_house()
    assert (await back.refresh()) is None


async def test_after_the_grace_nothing_is_left(
    house: AuthHouse, clock: ManualClock, ada: Device, ben: Device
) -> None:
    await say(ada, "stil here")
    (message,) = await said(ben)
    assert message["author_id"] == ada.user["id"]
    await change(ada, message["id"], kind="edit", text="still here")
    await change(ada, message["id"], kind="react", emoji="🦒")
    assert (await said(ben))[0]["reactions"][0]["users"] == [ada.user["id"]]
    sealed = await column(house, "SELECT sealed_hash FROM auth_password")
    await leave(ada)
    clock.advance(14 * DAY)
    await house.auth.keep_house()
    await until_done(house)
    await (here := house.device()).sign_in("ben")
    message = (await said(here))[0]
    assert (message["text"], message["author_id"]) == ("still here", "gone")
    assert "reactions" not in message
    assert await count(house, "messaging_revision") == 0
    face = await here.call("profiles", "GET", "/profiles/v1/profiles", query="id=gone")
    assert face.response["profiles"][0]["nickname"] == "Somebody who moved on"
    await nothing_mentions(house, ada)
    assert len(sealed) == 2
    assert len(await column(house, "SELECT sealed_hash FROM auth_password")) == 1
    for attempt in (house.device().sign_in("ada"), house.device().register("Ada")):
        with pytest.raises(RefusedError, match=r"invalid_credentials|username_taken"):
            await attempt


async def test_a_job_waits_for_the_last_service(
    house: AuthHouse, clock: ManualClock, ada: Device
) -> None:
    away = house.house.bus._handlers["UserDeleted"]
    kept = away.pop()
    await leave(ada)
    clock.advance(14 * DAY)
    await house.auth.keep_house()
    deliver = house.house.outboxes["auth"]
    await until_acknowledged(house, "auth community profiles")
    assert await column(house, "SELECT state FROM auth_privacy_job") == ["working"]
    away.append(kept)
    clock.advance(3_601)
    await house.auth.keep_house()
    await deliver.deliver_all()
    await until_done(house)


async def test_a_sealed_part_opens_in_its_own_place_only(house: AuthHouse, ada: Device) -> None:
    await export_of(ada)
    row = (await rows(house, "SELECT job_id, name, sealed_content FROM auth_privacy_part"))[0]
    keyring = house.house.keyring
    assert keyring.open_sealed("auth_privacy_part", "sealed_content", f"{row[0]}/{row[1]}", row[2])
    with pytest.raises(SealBrokenError):
        keyring.open_sealed("auth_privacy_part", "sealed_content", f"other/{row[1]}", row[2])


async def leave(device: Device) -> None:
    reply = await device.call("auth", "DELETE", "/auth/v1/account")
    assert (reply.status, "Max-Age=0" in reply.headers["Set-Cookie"]) == (204, True)


async def rows(house: AuthHouse, query: str) -> list[Any]:
    database = house.house.databases[house.house.settings.database_of("auth")]
    async with database.reading() as session:
        return list(await session.execute(sa.text(query)))


async def column(house: AuthHouse, query: str) -> list[Any]:
    return [row[0] for row in await rows(house, query)]


async def count(house: AuthHouse, table: str) -> int:
    return (await column(house, f"SELECT count(*) FROM {table}"))[0]  # noqa: S608 - names of ours


async def until_acknowledged(house: AuthHouse, services: str) -> None:
    for _ in range(100):
        if await column(house, "SELECT acknowledged FROM auth_privacy_job") == [services]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("not every service has answered")


async def until_done(house: AuthHouse) -> None:
    await until_acknowledged(house, "auth community messaging profiles")
    assert await column(house, "SELECT state FROM auth_privacy_job") == ["done"]


async def nothing_mentions(house: AuthHouse, who: Device) -> None:
    """No row of any table names them, but for the tombstone and the job that made it."""
    query = "SELECT name FROM sqlite_master WHERE type='table'"
    for table in await column(house, query):
        for row in await rows(house, f'SELECT * FROM "{table}"'):  # noqa: S608 - names of ours
            told = " ".join(str(value) for value in row)
            if table not in {"auth_user", "auth_privacy_job"}:
                assert who.user["id"] not in told, table
            assert who.device_id not in told, table
            assert who.session not in told, table
    gone = await rows(house, "SELECT username, state FROM auth_user WHERE username LIKE '~%'")
    assert [row[1] for row in gone] == ["deleted"]
