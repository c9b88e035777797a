"""Files between upload and message: claimed once, seen by the room, let go, collected."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from backend.kit.callers import Member
from backend.kit.clock import ManualClock, utc
from backend.kit.database import Database
from backend.kit.errors import NotFoundError
from backend.kit.ids import FileId
from backend.messaging.contract import (
    Change,
    Delete,
    Draft,
    ListMessages,
    Message,
    Receipt,
    Send,
)
from backend.messaging.contract.files import (
    MAX_DAILY_FILES,
    MAX_WAITING,
    BeginUploads,
    FinishUpload,
    NewFile,
    OpenFiles,
    UploadQuotaError,
)
from backend.messaging.service import MessagingService, build
from backend.messaging.service.file_rows import discard_of_member
from tests.pictures import jpeg
from tests.unit.messaging.neighbours import ADA, BEN, MEADOW, POND, Neighbours, make_parts

HOUR, DAY = 3_600, 86_400


@pytest.fixture
async def service(
    each_database: Database, clock: ManualClock, peers: Neighbours, tmp_path: Path
) -> AsyncIterator[MessagingService]:
    """Messaging with a folder for files, once on each engine."""
    built = build(make_parts(each_database, clock, peers, data_dir=tmp_path))
    yield built
    await built.presence.close()


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


def token_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["t"][0]


async def begun(service: MessagingService, who: Member, name: str, size: int) -> tuple[FileId, str]:
    file = NewFile(id=f"upload-{name}", name=name, size=size)
    (upload,) = (await service.begin_uploads(who, BeginUploads(files=(file,)))).uploads
    return upload.file_id, token_of(upload.url)


async def brought(
    service: MessagingService, who: Member = ADA, name: str = "notes", content: bytes = b"words"
) -> FileId:
    file_id, token = await begun(service, who, name, len(content))
    await service.files.incoming.receive(file_id, token, chunks(content))
    return (await service.finish_upload(who, FinishUpload(file_id=file_id))).id


async def sent(
    service: MessagingService, *files: FileId, who: Member = ADA, text: str = "", name: str = "one"
) -> Receipt:
    draft = Draft(id=f"draft-{name}", text=text, files=files)
    (receipt,) = (await service.send(who, Send(room_id=MEADOW, messages=(draft,)))).receipts
    return receipt


async def said(service: MessagingService) -> list[Message]:
    return list((await service.list_messages(BEN, ListMessages(room_id=MEADOW))).messages)


async def shown(service: MessagingService, who: Member, file_id: FileId) -> bytes:
    """What is behind the link of a member, who must have one."""
    (opened,) = (await service.open_files(who, OpenFiles(id=(file_id,)))).files
    return await followed(service, file_id, token_of(opened.urls["full"]))


async def followed(service: MessagingService, file_id: FileId, token: str) -> bytes:
    found = await service.files.outgoing.show(file_id, "full", token)
    assert isinstance(found.place, Path)
    return found.place.read_bytes()


async def link_of(service: MessagingService, who: Member, file_id: FileId) -> str:
    (opened,) = (await service.open_files(who, OpenFiles(id=(file_id,)))).files
    return token_of(opened.urls["full"])


async def states(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(sa.text("SELECT state FROM messaging_file ORDER BY id")))


async def test_a_message_holds_files_in_their_order_and_needs_no_words(
    service: MessagingService,
) -> None:
    first, second = [await brought(service, name=name) for name in ("first", "second")]
    assert (await sent(service, second, first)).seq == 1
    (message,) = await said(service)
    assert [file.id for file in message.files] == [second, first]
    assert message.text == ""
    assert await shown(service, BEN, first) == b"words"


async def test_a_retry_finds_the_same_message_with_its_files(service: MessagingService) -> None:
    file_id = await brought(service)
    first = await sent(service, file_id, text="look")
    assert await sent(service, file_id, text="look") == first
    assert [file.id for file in (await said(service))[0].files] == [file_id]


async def test_a_file_belongs_to_one_message_of_its_owner(service: MessagingService) -> None:
    file_id = await brought(service)
    unfinished, _ = await begun(service, ADA, "unfinished", 5)
    stolen = await sent(service, file_id, who=BEN, name="stolen")
    twice = await sent(service, file_id, file_id, name="twice")
    early = await sent(service, unfinished, name="early")
    assert (await sent(service, file_id, name="good")).seq == 1
    again = await sent(service, file_id, name="again")
    assert {item.error.code for item in (stolen, twice, early, again) if item.error} == {
        "file_gone"
    }
    assert all(item.error for item in (stolen, twice, early, again))
    assert len(await said(service)) == 1


async def test_no_file_is_claimed_when_one_of_them_is_gone(service: MessagingService) -> None:
    file_id = await brought(service)
    assert (await sent(service, file_id, FileId("missing"), name="bad")).error
    assert (await sent(service, file_id, name="good")).seq == 1


async def test_who_leaves_the_room_sees_its_files_no_more_by_old_links_either(
    service: MessagingService, peers: Neighbours
) -> None:
    file_id = await brought(service)
    await sent(service, file_id)
    token = await link_of(service, BEN, file_id)
    assert await followed(service, file_id, token) == b"words"
    peers.community.expel(BEN, MEADOW)
    with pytest.raises(NotFoundError):
        await followed(service, file_id, token)
    assert (await service.open_files(BEN, OpenFiles(id=(file_id,)))).files == ()
    # Nor does having brought it help its owner, once it is the room's.
    mine = await link_of(service, ADA, file_id)
    peers.community.expel(ADA, MEADOW)
    with pytest.raises(NotFoundError):
        await followed(service, file_id, mine)


async def test_a_deleted_message_takes_its_files_along(
    service: MessagingService, each_database: Database, tmp_path: Path
) -> None:
    file_id = await brought(service, content=jpeg(400, 300))
    receipt = await sent(service, file_id)
    token = await link_of(service, BEN, file_id)
    assert await followed(service, file_id, token)
    assert receipt.message_id
    change = Change(room_id=MEADOW, message_id=receipt.message_id, id="delete-it", do=Delete())
    await service.change(ADA, change)
    with pytest.raises(NotFoundError):
        await followed(service, file_id, token)
    assert len(bytes_on(tmp_path)) == 2
    await service.keep_house()
    assert bytes_on(tmp_path) == []
    async with each_database.reading() as session:
        left = await session.execute(sa.text("SELECT name, alt, placeholder FROM messaging_file"))
        assert left.all() == [("", "", "")]


def bytes_on(folder: Path) -> list[Path]:
    return [path for path in (folder / "media").rglob("*") if path.is_file()]


async def test_what_is_not_finished_within_an_hour_is_collected(
    service: MessagingService, clock: ManualClock, tmp_path: Path
) -> None:
    file_id, token = await begun(service, ADA, "slow", 5)
    await service.files.incoming.receive(file_id, token, chunks(b"words"))
    clock.advance(HOUR - 1)
    await service.keep_house()
    assert len(bytes_on(tmp_path)) == 1
    clock.advance(1)
    await service.keep_house()
    assert bytes_on(tmp_path) == []
    with pytest.raises(NotFoundError):
        await service.finish_upload(ADA, FinishUpload(file_id=file_id))


async def test_what_no_message_holds_within_a_day_is_collected_and_what_one_holds_is_not(
    service: MessagingService, clock: ManualClock, each_database: Database, tmp_path: Path
) -> None:
    held, waiting = [await brought(service, name=name) for name in ("held", "waiting")]
    await sent(service, held)
    clock.advance(DAY)
    for _ in range(2):
        await service.keep_house()
    assert await shown(service, ADA, held) == b"words"
    assert await states(each_database) == ["ready"]
    assert (await sent(service, waiting, name="late")).error
    assert len(bytes_on(tmp_path)) == 1


async def test_an_upload_that_is_late_finds_its_door_closed(
    service: MessagingService, clock: ManualClock
) -> None:
    file_id, token = await begun(service, ADA, "late", 5)
    clock.advance(HOUR)
    with pytest.raises(NotFoundError):
        await service.files.incoming.receive(file_id, token, chunks(b"words"))


async def test_who_leaves_for_good_takes_what_they_brought_along(
    service: MessagingService, each_database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    file_id = await brought(service, content=jpeg(40, 30))
    await sent(service, file_id, text="my face")
    assert await shown(service, BEN, file_id)
    await each_database.transact(lambda writer: discard_of_member(writer, ADA.user_id, utc(clock)))
    service._rings.drop(MEADOW)
    (message,) = await said(service)
    assert (message.text, message.files) == ("my face", ())
    await service.keep_house()
    assert bytes_on(tmp_path) == []
    async with each_database.reading() as session:
        owners = await session.scalars(sa.text("SELECT user_id FROM messaging_file"))
        assert list(owners) == ["gone"]


async def test_a_member_brings_so_much_and_no_more(
    service: MessagingService, clock: ManualClock
) -> None:
    for number in range(MAX_WAITING):
        await begun(service, ADA, f"waits-{number:03}", 1)
    with pytest.raises(UploadQuotaError) as caught:
        await begun(service, ADA, "one-more", 1)
    assert caught.value.retry_after_seconds > 0
    await begun(service, BEN, "of-another", 1)
    for round_ in range(1, MAX_DAILY_FILES // MAX_WAITING):
        clock.advance(HOUR)
        await service.keep_house()
        for number in range(MAX_WAITING):
            await begun(service, ADA, f"again-{round_}-{number:03}", 1)
    clock.advance(HOUR)
    await service.keep_house()
    # What was collected counts all the same: bringing and dropping all day is bringing too.
    with pytest.raises(UploadQuotaError):
        await begun(service, ADA, "too-much-for-a-day", 1)
    clock.advance(DAY)
    await service.keep_house()
    await begun(service, ADA, "tomorrow", 1)


async def test_files_of_another_room_stay_when_one_is_left(
    service: MessagingService, peers: Neighbours
) -> None:
    file_id = await brought(service)
    await sent(service, file_id)
    peers.community.expel(BEN, POND)
    assert await shown(service, BEN, file_id) == b"words"
