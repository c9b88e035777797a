"""Waiting for what other processes bring."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(
    is_so: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 30
) -> None:
    """Return when it is so; fails when it is not so in time: others use the machine too."""
    async with asyncio.timeout(seconds):
        while True:
            answer = is_so()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)
