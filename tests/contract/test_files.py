"""Pictures and files: what the contract promises, over every transport."""

import pytest

from backend.kit.errors import NotFoundError
from backend.kit.ids import FileId
from backend.messaging.contract import Messaging
from backend.messaging.contract.files import (
    BeginUploads,
    DescribeFile,
    DropFile,
    FileTooLargeError,
    FinishUpload,
    NewFile,
    OpenFiles,
    UnreadablePictureError,
    Upload,
    UploadIdTakenError,
    UploadIncompleteError,
)
from tests.contract.cast import Actor
from tests.contract.harness import Doors
from tests.pictures import jpeg


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("community", "messaging")


@pytest.fixture
def messaging(doors: Doors) -> Messaging:
    return doors.open("messaging", Messaging)


def bringing(content: bytes, name: str = "cat.jpg", media_type: str = "image/jpeg") -> NewFile:
    return NewFile(
        id=f"upload-{name.replace('.', '-')}", name=name, size=len(content), media_type=media_type
    )


async def begun(messaging: Messaging, who: Actor, *files: NewFile) -> tuple[Upload, ...]:
    return (await messaging.begin_uploads(who.member, BeginUploads(files=files))).uploads


async def put(doors: Doors, upload: Upload, content: bytes) -> int:
    url = doors.base_url + upload.url
    async with doors.session.request(
        upload.method, url, data=content, headers=upload.headers
    ) as answer:
        return answer.status


async def got(doors: Doors, url: str) -> tuple[int, bytes, dict[str, str]]:
    async with doors.session.get(doors.base_url + url) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def brought(
    doors: Doors, messaging: Messaging, who: Actor, content: bytes, file: NewFile | None = None
) -> FileId:
    (upload,) = await begun(messaging, who, file or bringing(content))
    assert await put(doors, upload, content) == 204
    return (await messaging.finish_upload(who.member, FinishUpload(file_id=upload.file_id))).id


async def urls(messaging: Messaging, who: Actor, *ids: FileId) -> dict[FileId, dict[str, str]]:
    opened = await messaging.open_files(who.member, OpenFiles(id=ids))
    return {file.id: file.urls for file in opened.files}


async def test_a_picture_is_brought_and_seen_in_three_sizes(
    doors: Doors, messaging: Messaging, ada: Actor
) -> None:
    content = jpeg(1200, 900)
    (upload,) = await begun(messaging, ada, bringing(content))
    assert await put(doors, upload, content) == 204
    file = await messaging.finish_upload(ada.member, FinishUpload(file_id=upload.file_id))
    assert (file.kind, file.width, file.height) == ("picture", 1200, 900)
    assert file.placeholder
    seen = (await urls(messaging, ada, file.id))[file.id]
    answers = {variant: await got(doors, url) for variant, url in seen.items()}
    kinds = {variant: headers["Content-Type"] for variant, (_, _, headers) in answers.items()}
    assert kinds == {"small": "image/webp", "medium": "image/webp", "full": "image/jpeg"}
    assert {status for status, _, _ in answers.values()} == {200}
    assert len(answers["full"][1]) == file.size


async def test_an_upload_that_is_begun_again_is_the_same(messaging: Messaging, ada: Actor) -> None:
    (first,) = await begun(messaging, ada, bringing(b"12345"))
    (second,) = await begun(messaging, ada, bringing(b"12345"))
    assert first.file_id == second.file_id
    with pytest.raises(UploadIdTakenError):
        await begun(messaging, ada, bringing(b"123456"))


async def test_half_a_file_is_not_finished(doors: Doors, messaging: Messaging, ada: Actor) -> None:
    content = jpeg(40, 30)
    (upload,) = await begun(messaging, ada, bringing(content))
    assert await put(doors, upload, content[:-1]) == 409
    with pytest.raises(UploadIncompleteError):
        await messaging.finish_upload(ada.member, FinishUpload(file_id=upload.file_id))
    assert await put(doors, upload, content + b"x") == 422
    assert await put(doors, upload, content) == 204
    assert await messaging.finish_upload(ada.member, FinishUpload(file_id=upload.file_id))


async def test_what_is_no_picture_is_refused_as_one_and_taken_as_a_file(
    doors: Doors, messaging: Messaging, ada: Actor
) -> None:
    page = b"<!doctype html><script>alert(1)</script>"
    (upload,) = await begun(messaging, ada, bringing(page, "cat.png", "image/png"))
    assert await put(doors, upload, page) == 204
    with pytest.raises(UnreadablePictureError):
        await messaging.finish_upload(ada.member, FinishUpload(file_id=upload.file_id))
    file_id = await brought(doors, messaging, ada, page, bringing(page, "cat.html", "text/html"))
    seen = (await urls(messaging, ada, file_id))[file_id]
    assert set(seen) == {"full"}
    status, body, headers = await got(doors, seen["full"])
    assert (status, body) == (200, page)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''cat.html"


async def test_a_file_is_its_owners_alone_before_it_is_sent(
    doors: Doors, messaging: Messaging, ada: Actor, ben: Actor
) -> None:
    file_id = await brought(doors, messaging, ada, jpeg(40, 30))
    assert await urls(messaging, ada, file_id)
    assert await urls(messaging, ben, file_id) == {}
    for attempt in (
        messaging.finish_upload(ben.member, FinishUpload(file_id=file_id)),
        messaging.describe_file(ben.member, DescribeFile(file_id=file_id, alt="mine now")),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    await messaging.drop_file(ben.member, DropFile(file_id=file_id))
    assert await urls(messaging, ada, file_id)
    await messaging.drop_file(ada.member, DropFile(file_id=file_id))
    assert await urls(messaging, ada, file_id) == {}


async def test_a_picture_is_described(doors: Doors, messaging: Messaging, ada: Actor) -> None:
    file_id = await brought(doors, messaging, ada, jpeg(40, 30))
    request = DescribeFile(file_id=file_id, alt="  A cat\n on a mat ")
    assert (await messaging.describe_file(ada.member, request)).alt == "A cat on a mat"


async def test_what_is_too_heavy_is_not_begun(messaging: Messaging, ada: Actor) -> None:
    most = NewFile(id="as-heavy-as-may", name="a.zip", size=25 * 2**20)
    assert await begun(messaging, ada, most)
    for size, media_type in ((25 * 2**20 + 1, ""), (20 * 2**20 + 1, "image/png")):
        heavy = NewFile(id="one-too-heavy", name="a", size=size, media_type=media_type)
        with pytest.raises(FileTooLargeError) as caught:
            await begun(messaging, ada, heavy)
        assert caught.value.field == "files.0.size"
