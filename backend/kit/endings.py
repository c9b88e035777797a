"""Ending when asked to."""

import asyncio


def is_ending() -> bool:
    """Whether this task was cancelled.

    A cancellation can get lost on its way: Python 3.11's `wait_for`, which the Redis client sends
    with, returns as if nothing had been when its work is done at that moment; and one that meets a
    connection as it breaks comes out as that connection's error. A loop that only waited for the
    exception would then go on for ever.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
