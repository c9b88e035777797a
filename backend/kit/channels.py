"""Words between processes: channels that may lose some, and who is at a place at the moment."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

Receiver = Callable[[bytes], None]
"""Takes what came. Runs in the event loop and must return at once."""


class Channels(Protocol):
    """Named channels that all processes of a house share.

    What is published while a process is not connected never comes to it. Whoever must not miss
    anything listens for `restored` and reads the truth again.
    """

    @property
    def is_connected(self) -> bool: ...

    async def publish(self, posts: Sequence[tuple[str, bytes]]) -> None:
        """Say things on channels, in this order. Raises UnavailableError: some may be out."""
        ...

    async def subscribe(self, name: str, receiver: Receiver) -> None:
        """Have what is said on a channel come here; returns when it does, or when it cannot now.

        A channel has one receiver. It comes back by itself when the connection does.
        """
        ...

    async def unsubscribe(self, name: str) -> None: ...

    def listen(self, *, lost: Callable[[], None], restored: Callable[[], None]) -> None:
        """Have `lost` called when the connection ends and `restored` when it is there again."""
        ...


class Attendance(Protocol):
    """Who is at which place, in all processes.

    An entry lives until its process takes it back, or has not been heard of for a while: whoever
    dies does not leave ghosts. All methods raise UnavailableError.
    """

    async def settle(
        self, place: str, came: Collection[str], went: Collection[str]
    ) -> frozenset[str]:
        """Note who came and went by this process. Returns who of `went` is not there any more."""
        ...

    async def beat(self, place: str, here: Collection[str]) -> frozenset[str]:
        """Say that this process lives and whom it has there. Returns everyone who is there."""
        ...

    async def list_there(self, place: str) -> frozenset[str]:
        """Everyone who is there."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """What a process needs to work beside others of its kind."""

    channels: Channels
    attendance: Attendance
