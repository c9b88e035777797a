"""Sockets that another machine holds for us."""

from typing import Protocol


class Push(Protocol):
    """Writes to sockets by the names that their holder gave them."""

    async def send(self, connection_id: str, data: bytes) -> bool:
        """Send a text frame. False when nobody is there any more. Raises UnavailableError."""
        ...

    async def close(self, connection_id: str) -> None:
        """Have the holder close it. Twice is once. Raises UnavailableError."""
        ...
