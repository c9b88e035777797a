"""What has been received and not been read yet."""

import asyncio
from collections import deque
from collections.abc import Callable

from sosa_client.errors import SosaClientError
from sosa_client.values import Event

CAPACITY = 10_000
"""Events that wait for a slow reader. What does not fit is not lost: its room is asked again."""


class Mailbox:
    """Events in the order they came, for one reader."""

    def __init__(self, drained: Callable[[], None], capacity: int = CAPACITY) -> None:
        self._drained = drained
        self._capacity = capacity
        self._events: deque[Event] = deque()
        self._is_worth_looking = asyncio.Event()
        self._is_closed = False
        self._trouble: SosaClientError | None = None

    def put(self, event: Event) -> bool:
        """Whether it fitted in."""
        if len(self._events) >= self._capacity:
            return False
        self._events.append(event)
        self._is_worth_looking.set()
        return True

    def close(self, trouble: SosaClientError | None = None) -> None:
        """Nothing more will come; the reader is told why when it has read the rest."""
        self._is_closed = True
        self._trouble = self._trouble or trouble
        self._is_worth_looking.set()

    async def get(self) -> Event | None:
        """The next event, or None after the last. Raises what ended it."""
        while not self._events:
            if self._trouble:
                raise self._trouble
            if self._is_closed:
                return None
            self._drained()
            self._is_worth_looking.clear()
            await self._is_worth_looking.wait()
        return self._events.popleft()
