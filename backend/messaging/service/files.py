"""The file counter of messaging: the contract's `Files`, and what stands behind its doors."""

from typing import Any

from backend.kit.callers import Member
from backend.kit.parts import Parts
from backend.kit.values import Nothing
from backend.messaging.contract.files import (
    BeginUploads,
    DescribeFile,
    DropFile,
    File,
    FinishUpload,
    OpenedFiles,
    OpenFiles,
    Uploads,
)
from backend.messaging.media.links import Links
from backend.messaging.media.opening import open_store
from backend.messaging.service.collecting import Collector
from backend.messaging.service.showing import FindReadable, Outgoing
from backend.messaging.service.uploads import Counter, Incoming


class FileCounter:
    """Takes, shows and collects files."""

    def __init__(self, parts: Parts[Any], find_readable: FindReadable) -> None:
        counter = Counter(
            parts.database,
            parts.clock,
            parts.revocations,
            open_store(parts.settings),
            Links(parts.keyring, parts.clock),
        )
        self.store = counter.store
        self.incoming = Incoming(counter)
        self.outgoing = Outgoing(counter, find_readable)
        self.collector = Collector(counter)


class FileOperations:
    """Implements `Files`."""

    files: FileCounter

    async def begin_uploads(self, caller: Member, request: BeginUploads) -> Uploads:
        return await self.files.incoming.begin(caller, request)

    async def finish_upload(self, caller: Member, request: FinishUpload) -> File:
        return await self.files.incoming.finish(caller, request)

    async def describe_file(self, caller: Member, request: DescribeFile) -> File:
        return await self.files.incoming.describe(caller, request)

    async def drop_file(self, caller: Member, request: DropFile) -> Nothing:
        return await self.files.incoming.drop(caller, request)

    async def open_files(self, caller: Member, request: OpenFiles) -> OpenedFiles:
        return await self.files.outgoing.open(caller, request)

    async def keep_house(self) -> None:
        """One round of collecting, where the clock asks for it."""
        await self.files.collector.collect()
