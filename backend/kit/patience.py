"""Waiting a moment for what an event is about to bring.

A member's first calls may overtake the event of their registration. A short wait where the row is
read spares every caller a retry of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.2


async def look_until_found(
    look: Callable[[], Awaitable[T | None]], *, patience_seconds: float
) -> T | None:
    """What `look` finds, tried again until it finds something or patience ends; then None.

    It looks once more when patience has ended, and pauses longer each time, so that somebody who
    waits in vain costs a dozen reads and not a hundred.
    """
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + patience_seconds, FIRST_PAUSE_SECONDS
    while (found := await look()) is None and (left := ends - loop.time()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.6, LONGEST_PAUSE_SECONDS)
    return found
