"""Where the bytes of files lie: the port, and what travels through it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backend.kit.ids import FileId

OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a client puts bytes, and the headers that go with them."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Print:
    """One variant of a file, ready to be kept: a file of ours, and what its bytes are."""

    variant: str
    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Served:
    """What an answer with the bytes of a variant says of them."""

    media_type: str
    disposition: str
    max_age_seconds: int

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that belong to the bytes, wherever they come from."""
        return {
            "Content-Disposition": self.disposition,
            "Cache-Control": f"private, max-age={self.max_age_seconds}, immutable",
        }


class MediaStore(Protocol):
    """Keeps what was put until it is finished, and then the variants that were made of it.

    What is not there raises FileNotFoundError; a store that does not answer, UnavailableError.
    """

    async def way_in(self, file_id: FileId, size: int, seconds: int) -> Way | None:
        """Where a client puts `size` bytes, for so long. None: with us, at our own door."""
        ...

    async def measure(self, file_id: FileId) -> int:
        """How many bytes were put."""
        ...

    def fetching(self, file_id: FileId) -> AbstractAsyncContextManager[Path]:
        """A folder to work in, in which `raw` is what was put. It goes with the block."""
        ...

    async def keep(self, file_id: FileId, prints: Sequence[Print]) -> None:
        """Keep the variants, durably, and forget what was put. Twice is once."""
        ...

    async def way_out(self, file_id: FileId, variant: str, served: Served) -> Path | str:
        """The variant as a file of ours, or an address to send a browser to."""
        ...

    async def drop(self, file_id: FileId) -> None:
        """Forget everything of a file. Twice is once."""
        ...
