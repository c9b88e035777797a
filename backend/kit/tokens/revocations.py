"""Which sessions have ended before their tokens did."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Callable

from backend.kit.clock import Clock
from backend.kit.ids import SessionId, UserId

REMEMBER_SECONDS = 1_200
"""Longer than any access token (5 minutes) or socket authentication (15 minutes) that could outlive
its session."""

Listener = Callable[[SessionId], None]


class Revocations:
    """Ended sessions, in this process. Asked on every request, so it is a look-up in memory.

    Fed by the auth service at once where it is in the same process, and by its `SessionRevoked`
    events.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[SessionId, float] = {}
        self._expiries: list[tuple[float, SessionId]] = []
        self._epochs: dict[UserId, int] = {}
        self._listeners: set[Listener] = set()

    def revoke_session(self, session_id: SessionId) -> None:
        """End a session here, and tell everyone who listens. Twice is once."""
        now = self._clock.now()
        while self._expiries and self._expiries[0][0] <= now:
            self._sessions.pop(heapq.heappop(self._expiries)[1], None)
        if session_id in self._sessions:
            return
        self._sessions[session_id] = now
        heapq.heappush(self._expiries, (now + REMEMBER_SECONDS, session_id))
        for listener in tuple(self._listeners):
            listener(session_id)

    def raise_epoch(self, user_id: UserId, epoch: int) -> None:
        """Refuse every access token of a user that was made under an earlier epoch."""
        self._epochs[user_id] = max(epoch, self._epochs.get(user_id, 0))

    def is_revoked(self, session_id: SessionId) -> bool:
        """Whether the session ended."""
        return session_id in self._sessions

    def list_revoked(self) -> tuple[SessionId, ...]:
        """The sessions that are remembered as ended, in no order."""
        return tuple(self._sessions)

    def is_outdated(self, user_id: UserId, epoch: int) -> bool:
        """Whether a token of this epoch is of before the user's tokens were all ended."""
        return epoch < self._epochs.get(user_id, 0)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each session that ends from now on. Returns how to stop it.

        It is called in the event loop and must return at once.
        """
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def watch(self) -> AsyncGenerator[SessionId]:
        """The sessions that end from now on, as they do."""
        ended: asyncio.Queue[SessionId] = asyncio.Queue()
        stop = self.listen(ended.put_nowait)
        try:
            while True:
                yield await ended.get()
        finally:
            stop()
