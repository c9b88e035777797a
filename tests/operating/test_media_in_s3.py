"""Pictures and files in a bucket: MiniStack checks our signatures as S3 does."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from backend.kit.errors import UnavailableError
from backend.kit.ids import FileId, new_id
from backend.kit.settings import SettingError
from backend.messaging.media.s3 import S3Store, open_bucket
from backend.messaging.media.store import Print, Served, Way
from tests.shapes.aws.account import REGION
from tests.shapes.aws.cloud import KEY, SECRET, Cloud

BUCKET = "sosa-media"
SHOWN = Served("image/webp", "inline; filename*=UTF-8''cat.webp", 900)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    try:
        cloud.start()
        cloud.account.make_bucket(BUCKET)
        yield cloud
    finally:
        cloud.stop()


@pytest.fixture
def store(cloud: Cloud) -> S3Store:
    endpoint = cloud.account.endpoint
    return open_bucket(f"s3://{KEY}:{SECRET}@{BUCKET}?region={REGION}&endpoint={endpoint}")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def put(http: aiohttp.ClientSession, way: Way | None, content: bytes, **extra: str) -> int:
    assert way
    headers = {**way.headers, **extra}
    async with http.put(way.url, data=content, headers=headers) as answer:
        return answer.status


async def brought(store: S3Store, http: aiohttp.ClientSession, content: bytes) -> FileId:
    file_id = FileId(new_id())
    assert await put(http, await store.way_in(file_id, len(content), 60), content) == 200
    return file_id


async def kept(store: S3Store, file_id: FileId) -> None:
    """Finish it, with what was put as its only variant."""
    async with store.fetching(file_id) as folder:
        await store.keep(file_id, [Print("full", folder / "raw", "image/webp")])


async def test_what_is_put_can_be_finished_and_seen(
    store: S3Store, http: aiohttp.ClientSession
) -> None:
    file_id = await brought(store, http, b"a picture")
    assert await store.measure(file_id) == 9
    await kept(store, file_id)
    address = await store.way_out(file_id, "full", SHOWN)
    async with http.get(str(address)) as answer:
        assert (answer.status, await answer.read()) == (200, b"a picture")
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''cat.webp"
        assert answer.headers["Cache-Control"] == "private, max-age=900, immutable"


async def test_what_was_put_is_gone_once_it_is_finished(
    store: S3Store, http: aiohttp.ClientSession
) -> None:
    file_id = await brought(store, http, b"a picture")
    await kept(store, file_id)
    with pytest.raises(FileNotFoundError):
        await store.measure(file_id)


async def test_more_than_was_signed_for_is_refused(
    store: S3Store, http: aiohttp.ClientSession
) -> None:
    file_id = FileId(new_id())
    way = await store.way_in(file_id, 9, 60)
    assert await put(http, way, b"a picture and more") == 403
    assert await put(http, way, b"a picture", **{"Content-Type": "text/html"}) == 403
    assert await put(http, way, b"a picture") == 200


async def test_an_address_is_good_for_its_own_file_and_type_only(
    store: S3Store, http: aiohttp.ClientSession
) -> None:
    first, second = [await brought(store, http, b"a picture") for _ in range(2)]
    for file_id in (first, second):
        await kept(store, file_id)
    address = str(await store.way_out(first, "full", SHOWN))
    for forged in (
        address.replace(first, second),
        address.replace("image%2Fwebp", "text%2Fhtml"),
        address.partition("?")[0],
    ):
        assert forged != address
        async with http.get(forged) as answer:
            assert answer.status == 403


async def test_what_is_dropped_is_gone_and_may_be_dropped_again(
    store: S3Store, http: aiohttp.ClientSession
) -> None:
    file_id = await brought(store, http, b"a picture")
    await kept(store, file_id)
    address = str(await store.way_out(file_id, "full", SHOWN))
    for _ in range(2):
        await store.drop(file_id)
    async with http.get(address) as answer:
        assert answer.status == 404


async def test_a_bucket_that_does_not_answer_is_worth_another_try(tmp_path: Path) -> None:
    store = open_bucket(f"s3://{KEY}:{SECRET}@{BUCKET}?endpoint=http://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        await store.measure(FileId(new_id()))


@pytest.mark.parametrize("url", ["s3://", "s3://Bucket", "s3://bucket/folder", "s3://b"])
def test_a_bucket_has_a_name_and_no_folders(url: str) -> None:
    with pytest.raises(SettingError, match="SOSA_MEDIA_URL"):
        open_bucket(url)
