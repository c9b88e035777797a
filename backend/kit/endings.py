"""Ending when asked to."""

import asyncio
from typing import Any

AGAIN_SECONDS = 0.25
"""How long a task is given before it is asked to end once more."""


def is_ending() -> bool:
    """Whether this task was cancelled.

    A cancellation can get lost on its way: Python 3.11's `wait_for`, which the Redis client sends
    with, returns as if nothing had been when its work is done at that moment; and one that meets a
    connection as it breaks comes out as that connection's error. A loop that only waited for the
    exception would then go on for ever.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended, however often it takes.

    Once is not enough where a cancellation can get lost (see `is_ending`): the stop of a process
    would wait for ever.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=AGAIN_SECONDS)
