"""Pictures and files: brought before a message is sent, and seen by who may read its room.

Bytes do not travel through operations. `begin_uploads` says where they may be put and `open_files`
where they may be had, each by a link that is good for one file and a short time (ADR-0015).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.kit.callers import Member
from backend.kit.errors import ConflictError, InvalidRequestError, RateLimitedError
from backend.kit.ids import FileId
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_AT_ONCE = 10
"""Files of one `begin_uploads`, and of one message."""
MAX_OPENED = 100
"""Files of one `open_files`."""
MAX_NAME = 120
"""Characters of a file's name that are kept."""
MAX_ALT = 500
"""Characters of a description."""
MAX_WAITING = 30
"""Files of one member that no message holds yet."""
MAX_DAILY_FILES = 300
MAX_DAILY_BYTES = 1024 * 1024 * 1024
"""What one member may bring within 24 hours, whatever became of it."""

VARIANTS = ("small", "medium", "full")
"""A picture within 320 and 960 pixels, and as large as it came. Other files are only `full`."""

Variant = Literal["small", "medium", "full"]
UploadId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}(?!\n)$")]
"""Chosen by the client, unique among what its device ever brought."""


@dataclass(eq=False)
class FileTooLargeError(InvalidRequestError):
    """More bytes than fit; `field` says which of the files."""

    code = "file_too_large"


@dataclass(eq=False)
class UnreadablePictureError(InvalidRequestError):
    """What was said to be a picture is none that we can read: damaged, or another kind of thing."""

    code = "unreadable_picture"


@dataclass(eq=False)
class PictureTooBigError(InvalidRequestError):
    """A picture of more pixels, or of more moving ones, than we unpack."""

    code = "picture_too_big"


@dataclass(eq=False)
class UploadIncompleteError(ConflictError):
    """Not all the bytes are there. Put them again, all of them, and finish then."""

    code = "upload_incomplete"


@dataclass(eq=False)
class UploadIdTakenError(ConflictError):
    """The device used this id before, for another file. Choose a new one."""

    code = "upload_id_taken"


@dataclass(eq=False)
class FileGoneError(ConflictError):
    """A file of a draft is not the sender's, not finished, collected, or in another message."""

    code = "file_gone"


@dataclass(eq=False, kw_only=True)
class UploadQuotaError(RateLimitedError):
    """The member brought all that they may for now."""

    code = "upload_quota"


class File(Value):
    """A picture or another file, as everyone who may see it knows it."""

    id: FileId
    kind: Literal["picture", "file"]
    name: str
    """As its owner called it, without folders; for a picture with the ending of what it became."""
    size: int
    """Bytes of `full`."""
    media_type: str
    """Of a picture what its bytes are; of another file `application/octet-stream`, always."""
    alt: str
    """What is to be seen, in its owner's words; "" when they said nothing."""
    width: int | None
    height: int | None
    """Pixels of `full`, upright. None for other files."""
    is_moving: bool
    """Whether `full` moves. `small` and `medium` never do."""
    placeholder: str
    """A tiny WebP, base64, to be shown blurred until more is there. "" for other files."""


class NewFile(Request):
    """A file about to be brought."""

    id: UploadId
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=1_024)]
    size: Annotated[int, msgspec.Meta(ge=1)]
    """Bytes, exactly."""
    media_type: Annotated[str, msgspec.Meta(max_length=128)] = ""
    """What the client takes it for. What counts is what is in it."""


class Upload(Value):
    """Where to put the bytes of one file: one request, the bytes its body."""

    id: str
    """The client's."""
    file_id: FileId
    method: str
    url: str
    """A path of the house, or an address elsewhere. Credentials are not sent along."""
    headers: dict[str, str]
    """To be sent as they are."""
    expires_at: datetime


class BeginUploads(Request):
    """One to ten files."""

    files: Annotated[tuple[NewFile, ...], msgspec.Meta(min_length=1, max_length=MAX_AT_ONCE)]


class Uploads(Value):
    """One for each file, in the same order."""

    uploads: tuple[Upload, ...]


class FinishUpload(Request):
    """One file whose bytes were put."""

    file_id: FileId


class DescribeFile(Request):
    """The words for who cannot see it, at most 500 characters."""

    file_id: FileId
    alt: Annotated[str, msgspec.Meta(max_length=MAX_ALT)]


class DropFile(Request):
    """One file."""

    file_id: FileId


class OpenFiles(Request):
    """At most 100 ids."""

    id: Annotated[tuple[FileId, ...], msgspec.Meta(min_length=1, max_length=MAX_OPENED)]


class OpenedFile(Value):
    """Where the variants of a file are, for this caller and for a while."""

    id: FileId
    urls: dict[str, str]
    """By variant. All three of a picture are there, even where they are the same bytes."""
    expires_at: datetime


class OpenedFiles(Value):
    """Those that the caller may see, in no order."""

    files: tuple[OpenedFile, ...]


class Files(Protocol):
    """A file belongs to whoever brought it until a message holds it, then to the room."""

    @op("POST", "/messaging/v1/files")
    async def begin_uploads(self, caller: Member, request: BeginUploads) -> Uploads:
        """Where to put files. An id of the same device begins the same file again.

        What is not finished within an hour is collected. Raises FileTooLargeError,
        UploadQuotaError and UploadIdTakenError; then none of them is begun.
        """
        ...

    @op("POST", "/messaging/v1/files/{file_id}/finish")
    async def finish_upload(self, caller: Member, request: FinishUpload) -> File:
        """Look at what was put, and make of it what may be shown.

        Pictures (JPEG, PNG, GIF, WebP, by content) are made anew without anything hidden in them:
        place, camera, comments. All else is a file that is only ever downloaded. What no message
        holds after 24 hours is collected. Raises NotFoundError, UploadIncompleteError,
        UnreadablePictureError and PictureTooBigError; after the last two the file is gone.
        """
        ...

    @op("PATCH", "/messaging/v1/files/{file_id}")
    async def describe_file(self, caller: Member, request: DescribeFile) -> File:
        """Say what is to be seen. The caller's own, while no message holds it.

        Raises NotFoundError.
        """
        ...

    @op("DELETE", "/messaging/v1/files/{file_id}")
    async def drop_file(self, caller: Member, request: DropFile) -> Nothing:
        """Take a file back that no message holds. One that is not there is dropped already."""
        ...

    @op("GET", "/messaging/v1/files")
    async def open_files(self, caller: Member, request: OpenFiles) -> OpenedFiles:
        """Where files are. What the caller may not see, or is gone, is left out.

        The links are good for 15 to 30 minutes, as long as the session and the right to read last;
        within 15 minutes they stay the same, so that a browser need not fetch a picture twice.
        """
        ...
