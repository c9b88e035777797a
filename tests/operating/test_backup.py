"""What was backed up comes back: into an empty house, as its members would find it."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backend.kit.ids import new_id
from backend.kit.settings import SERVICES, Settings
from backend.wiring import open_house
from deploy import backup as backup_program, restore as restore_program
from deploy.archive import ArchiveError
from deploy.backup import back_up
from deploy.restore import restore
from tests.conftest import Postgres
from tests.device import Device, RefusedError
from tests.members import Arrive, Member, arriving
from tests.serving import free_socket, serving

ROOM = "general"

Rehouse = Callable[[], Settings]
"""Makes the settings of another, empty house of the same arrangement."""


@pytest.fixture(params=["one sqlite", "a postgresql each"])
def rehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Rehouse:
    def make() -> Settings:
        empty = Settings(data_dir=tmp_path / f"house-{new_id()[-6:]}", rate_limit_scale=1000)
        if request.param == "one sqlite":
            return empty
        server: Postgres = request.getfixturevalue("postgres")
        return replace(empty, **{f"{name}_database_url": server.create() for name in SERVICES})

    return make


@asynccontextmanager
async def living(settings: Settings) -> AsyncGenerator[tuple[str, Arrive]]:
    """The house in service: its address, and a way to register in it."""
    listener = free_socket()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        open_house(replace(settings, public_origin=origin)) as (_, app),
        serving(app, listener),
        arriving(origin) as arrive,
    ):
        yield origin, arrive


async def read(member: Member) -> tuple[str, list[str]]:
    """The epoch of the room, and everything said in it."""
    path = f"/messaging/v1/rooms/{member.rooms[ROOM]}/messages"
    reply = await member.device.call("messaging", "GET", path, query="limit=100")
    return reply.response["epoch"], await member.texts(ROOM)


async def test_messages_and_accounts_come_back(rehouse: Rehouse, tmp_path: Path):
    before, after = rehouse(), rehouse()
    async with living(before) as (_, arrive):
        ada = await arrive("ada")
        await ada.send(ROOM, ("message-1", "hello"), ("message-2", "again"))
        epoch, texts = await read(ada)
        assert texts == ["hello", "again"]
        # While the house is open, as it will be.
        await back_up(before, tmp_path / "backup")
        await ada.send(ROOM, ("message-3", "after the backup"))

        await restore(after, tmp_path / "backup")
        async with living(after) as (url, _):
            device = Device(ada.device.http, url)
            await device.sign_in(ada.device.user["username"])
            returned = replace(ada, device=device, url=url)
            new_epoch, texts = await read(returned)
            assert texts == ["hello", "again"]
            assert new_epoch != epoch, "readers would take new messages for those they had"
            reply = await returned.send(ROOM, ("message-4", "back"))
            assert reply["response"]["receipts"][0]["seq"] == 3


async def test_a_reader_of_before_starts_again_from_a_snapshot(rehouse: Rehouse, tmp_path: Path):
    before, after = rehouse(), rehouse()
    async with living(before) as (_, arrive):
        ada = await arrive("ada")
        await ada.send(ROOM, ("message-1", "kept"))
        await back_up(before, tmp_path / "backup")
        await ada.send(ROOM, ("message-2", "lost"))
        epoch, _ = await read(ada)
        await restore(after, tmp_path / "backup")
        async with living(after) as (_, arrive_after):
            ben = await arrive_after("ben")
            await ben.send(ROOM, ("message-1", "another second message"))
            socket = await ben.connect()
            at = {"epoch": epoch, "seq": 2}
            joined = await socket.ask({"t": "join", "room": ben.rooms[ROOM], "at": at})
            assert joined["reset"] is True
            texts = [message["text"] for message in joined["messages"]]
            assert texts == ["kept", "another second message"]


async def test_a_session_of_before_is_not_revived(rehouse: Rehouse, tmp_path: Path):
    before, after = rehouse(), rehouse()
    async with living(before) as (_, arrive):
        ada = await arrive("ada")
        await back_up(before, tmp_path / "backup")
        await restore(after, tmp_path / "backup")
        async with living(after) as (url, _):
            stolen = replace(ada.device, base_url=url, origin=url)
            with pytest.raises(RefusedError) as refused:
                await stolen.refresh()
            assert refused.value.reply.status == 401
        await ada.device.refresh()


@pytest.fixture
async def house(tmp_path: Path) -> Settings:
    """A house on SQLite that has been open once."""
    settings = Settings(data_dir=tmp_path / "house")
    async with open_house(settings):
        return settings


async def test_media_and_every_file_of_keys_are_kept(house: Settings, tmp_path: Path):
    media = house.data_dir / "media" / "ab" / "face.png"
    media.parent.mkdir(parents=True)
    media.write_bytes(b"\x89PNG")
    half = house.data_dir / "media" / "incoming" / "half-of-a-file"
    half.parent.mkdir()
    half.touch()
    own_keys = house.data_dir / "auth" / "keys.json"
    own_keys.parent.mkdir()
    own_keys.write_text("{}")
    (house.data_dir / "lock").touch()
    await back_up(house, tmp_path / "backup")
    after = Settings(data_dir=tmp_path / "after")
    await restore(after, tmp_path / "backup")
    found = {str(f.relative_to(after.data_dir)) for f in after.data_dir.rglob("*") if f.is_file()}
    assert found >= {"media/ab/face.png", "auth/keys.json", "keys.json", "sosa.db"}
    assert not {"lock", "media/incoming/half-of-a-file"} & found
    assert (after.data_dir / "media/ab/face.png").read_bytes() == b"\x89PNG"
    keys = (house.data_dir / "keys.json").read_bytes()
    assert (after.data_dir / "keys.json").read_bytes() == keys


async def test_a_backup_is_for_its_maker_alone(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOSA_DATA_DIR", str(house.data_dir))
    before = os.umask(0o022)
    try:
        # The program runs a loop of its own.
        assert await asyncio.to_thread(backup_program.main, [str(tmp_path / "backup")]) == 0
    finally:
        os.umask(before)
    parts = [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]
    assert len(parts) >= 5
    assert [part for part in parts if stat.S_IMODE(part.stat().st_mode) & 0o077] == []


async def test_nothing_is_overwritten(house: Settings, tmp_path: Path):
    await back_up(house, tmp_path / "backup")
    with pytest.raises(ArchiveError, match="exists already; a backup overwrites nothing"):
        await back_up(house, tmp_path / "backup")
    with pytest.raises(ArchiveError, match="not empty; a restore overwrites nothing"):
        await restore(house, tmp_path / "backup")


async def test_other_keys_are_not_overwritten(house: Settings, tmp_path: Path):
    await back_up(house, tmp_path / "backup")
    after = Settings(data_dir=tmp_path / "after")
    after.data_dir.mkdir()
    (after.data_dir / "keys.json").write_text("another house's")
    with pytest.raises(ArchiveError, match=r"keys\.json exists already"):
        await restore(after, tmp_path / "backup")
    assert not (after.data_dir / "sosa.db").exists(), "looked at before anything is written"


def lose_manifest(backup: Path) -> None:
    (backup / "manifest.json").unlink()


def garble_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text("{}")


def alter_keys(backup: Path) -> None:
    (backup / "files" / "keys.json").write_text("{}")


def lose_database(backup: Path) -> None:
    next((backup / "databases").iterdir()).unlink()


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lose_manifest, "holds no backup"),
        (garble_manifest, "not a manifest"),
        (alter_keys, "differs from the manifest"),
        (lose_database, "is missing, which is in"),
    ],
)
async def test_a_damaged_backup_is_refused_in_a_sentence(
    house: Settings, tmp_path: Path, harm: Callable[[Path], None], sentence: str
):
    await back_up(house, tmp_path / "backup")
    harm(tmp_path / "backup")
    with pytest.raises(ArchiveError, match=sentence):
        await restore(Settings(data_dir=tmp_path / "after"), tmp_path / "backup")
    assert not (tmp_path / "after").exists()


async def test_a_backup_of_a_newer_house_is_refused(house: Settings, tmp_path: Path):
    await back_up(house, tmp_path / "backup")
    manifest = tmp_path / "backup" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["databases"][0]["revisions"]["messaging"] = "9999"
    manifest.write_text(json.dumps(content))
    with pytest.raises(ArchiveError, match="of a newer SoSa: its messaging is at 9999"):
        await restore(Settings(data_dir=tmp_path / "after"), tmp_path / "backup")


async def test_another_arrangement_is_refused(house: Settings, tmp_path: Path):
    await back_up(house, tmp_path / "backup")
    apart = Settings(
        data_dir=tmp_path / "after",
        auth_database_url=f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}",
    )
    with pytest.raises(ArchiveError, match="the settings name several"):
        await restore(apart, tmp_path / "backup")


def test_a_house_without_keys_is_not_backed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SOSA_DATA_DIR", str(tmp_path / "nowhere"))
    assert backup_program.main([str(tmp_path / "backup")]) == 1
    assert "There are no keys in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_away_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "keys.json").write_text("{}")
    monkeypatch.setenv("SOSA_DATA_DIR", str(tmp_path / "house"))
    secret = "not-for-the-log"
    url = f"postgresql+asyncpg://sosa:{secret}@/sosa?host={tmp_path}"
    monkeypatch.setenv("SOSA_DATABASE_URL", url)
    assert backup_program.main([str(tmp_path / "backup")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("pg_dump failed on the database sosa:")
    assert said.count("\n") == 1
    assert secret not in said
    assert not (tmp_path / "backup.unfinished").exists()


def test_a_restore_from_nowhere_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert restore_program.main([str(tmp_path / "nowhere")]) == 1
    assert "holds no backup" in capsys.readouterr().err


async def test_keys_that_are_split_are_keys_too(house: Settings, tmp_path: Path):
    own = house.data_dir / "auth" / "keys.json"
    own.parent.mkdir()
    (house.data_dir / "keys.json").rename(own)
    manifest = await back_up(house, tmp_path / "backup")
    assert "files/auth/keys.json" in manifest.checksums
