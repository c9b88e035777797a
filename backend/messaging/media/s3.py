"""Files in a bucket of S3, or of what speaks like it (MinIO, Ceph, R2).

    incoming/<id>          what was put, until it is finished
    kept/<id>/<variant>    what may be shown

Browsers put and get bytes there themselves, by addresses that we sign: ours are the rights, and
nobody else has any. The length and type of what is put are signed along, so that S3 itself refuses
more. Without an SDK, which would cost a function half a second (backend/kit/lambdas/sigv4.py).
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from backend.kit.errors import UnavailableError
from backend.kit.http import context
from backend.kit.ids import FileId
from backend.kit.lambdas.issued import IssuedSigner, signer_of
from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess, SettingError, variable_of
from backend.messaging.contract.files import VARIANTS
from backend.messaging.media.store import OCTETS, Print, Served, Way

VIEW_SECONDS = 60
"""How long an address to look at is good. It is used at once, by the browser that we send there."""
OWN_SECONDS = 60
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NO_SUCH = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}
"""Who may not list a bucket is told 403 of what is not in it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is, and who signs for it."""

    base_url: str
    """With the bucket in it, by name or by path."""
    signer: Signer | IssuedSigner

    def address(
        self,
        method: str,
        key: str,
        seconds: int,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """A signed address. Raises UnavailableError without keys to sign with."""
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        url = f"{self.base_url}/{key}{asked}"
        try:
            return self.signer.presign(method, url, seconds, datetime.now(UTC), headers)
        except OSError as error:
            raise _away() from error


class S3Store:
    """A bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def way_in(self, file_id: FileId, size: int, seconds: int) -> Way | None:
        # A browser says the length by itself, and lets no script say another.
        signed = {"Content-Length": str(size), "Content-Type": OCTETS}
        url = await asyncio.to_thread(
            self._bucket.address, "PUT", _raw(file_id), seconds, headers=signed
        )
        return Way(url, {"Content-Type": OCTETS})

    async def measure(self, file_id: FileId) -> int:
        return int((await self._ask("HEAD", _raw(file_id)))["content-length"])

    @asynccontextmanager
    async def fetching(self, file_id: FileId) -> AsyncGenerator[Path]:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="sosa-media-"))
        try:
            await self._ask("GET", _raw(file_id), into=folder / "raw")
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def keep(self, file_id: FileId, prints: Sequence[Print]) -> None:
        for item in prints:
            headers = {"Content-Type": item.media_type}
            key = _key(file_id, item.variant)
            await self._ask("PUT", key, headers=headers, source=item.path)
        await self._ask("DELETE", _raw(file_id))

    async def way_out(self, file_id: FileId, variant: str, served: Served) -> Path | str:
        # What S3 is to say of the bytes is signed with the rest, or whoever has the address could
        # have it call them a page.
        said = {
            "response-content-type": served.media_type,
            "response-content-disposition": served.disposition,
            "response-cache-control": served.headers["Cache-Control"],
        }
        return await asyncio.to_thread(
            self._bucket.address, "GET", _key(file_id, variant), VIEW_SECONDS, query=said
        )

    async def drop(self, file_id: FileId) -> None:
        # By name and not by a list: then we need no right to look around.
        for key in (_raw(file_id), *(_key(file_id, variant) for variant in VARIANTS)):
            await self._ask("DELETE", key)

    async def _ask(
        self,
        method: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        source: Path | None = None,
        into: Path | None = None,
    ) -> Mapping[str, str]:
        seconds = context.seconds_left()
        try:
            return await asyncio.to_thread(
                self._do, method, key, headers or {}, source, into, seconds
            )
        except (HTTPException, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise _away() from error

    def _do(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str],
        source: Path | None,
        into: Path | None,
        seconds: float,
    ) -> Mapping[str, str]:
        url = self._bucket.address(method, key, OWN_SECONDS, headers=headers)
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(kind(parts.hostname or "", parts.port, timeout=seconds)) as connection:
            sent = dict(headers)
            target = f"{parts.path}?{parts.query}"
            if source is None:
                connection.request(method, target, headers=sent)
            else:
                sent["Content-Length"] = str(source.stat().st_size)
                with source.open("rb") as body:
                    connection.request(method, target, body, sent)
            return _taken(connection.getresponse(), into)


def open_bucket(url: str) -> S3Store:
    """The store of `s3://[key:secret@]bucket[?region=...&endpoint=...]`. Raises SettingError."""
    parts = urlsplit(url)
    # Names of buckets are in small letters; urlsplit's `hostname` would make them so.
    name = parts.netloc.rpartition("@")[2]
    if not _BUCKET.fullmatch(name) or parts.path.strip("/"):
        raise SettingError(f"{variable_of('media_url')} must name a bucket, and no folder in it.")
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    access = _access(parts.username, parts.password, asked.get("region", ""))
    endpoint = asked.get("endpoint", "").rstrip("/")
    base = f"{endpoint}/{name}" if endpoint else f"https://{name}.s3.{access.region}.amazonaws.com"
    return S3Store(Bucket(base, signer_of(access, "s3")))


def _access(key: str | None, secret: str | None, region: str) -> AwsAccess:
    if key and secret:
        return AwsAccess(
            access_key=unquote(key),
            secret_key=unquote(secret),
            session_token="",
            region=region or "us-east-1",
            lambda_url="",
        )
    return AwsAccess.from_environment()


def _taken(answer: HTTPResponse, into: Path | None) -> Mapping[str, str]:
    if answer.status in _NO_SUCH:
        answer.read()
        raise FileNotFoundError
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        answer.read()
        raise ConnectionError(f"the bucket answered {answer.status}")
    if into is None:
        answer.read()
    else:
        with into.open("wb") as file:
            shutil.copyfileobj(answer, file)
    return {name.lower(): value for name, value in answer.getheaders()}


def _raw(file_id: FileId) -> str:
    return f"incoming/{file_id}"


def _key(file_id: FileId, variant: str) -> str:
    return f"kept/{file_id}/{variant}"


def _away() -> UnavailableError:
    return UnavailableError("The shelf with the pictures does not answer. Please try again.")
