"""Which tokens ended before their time: those of a session, of a member, or by a signing key."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, Callable

from backend.kit.clock import Clock
from backend.kit.ids import SessionId, UserId

REMEMBER_SECONDS = 1_200
"""Longer than any access token (5 minutes) or socket authentication (15 minutes) that could outlive
its session."""

Listener = Callable[[SessionId], None]
Mark = str
"""How processes tell each other what ended: the id of a session, `epoch:<user>:<number>`, or
`key:<kid>`."""
_EPOCH, _KEY = "epoch", "key"


def epoch_owner(mark: Mark) -> UserId | None:
    """Whose tokens a mark ends by their epoch; None when it is of another kind."""
    kind, _, rest = mark.partition(":")
    return UserId(rest.rpartition(":")[0]) if kind == _EPOCH else None


def names_key(mark: Mark) -> bool:
    """Whether a mark ends the tokens by a signing key."""
    return mark.startswith(f"{_KEY}:")


class Revocations:
    """What ended, in this process. Asked on every request, so it is a look-up in memory.

    Fed by the auth service at once where it is in the same process, and by its events.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._dropped_keys: set[str] = set()
        self._mark_listeners: set[Callable[[Mark], None]] = set()
        self._sessions: set[SessionId] = set()
        self._expiries: list[tuple[float, SessionId]] = []
        self._epochs: dict[UserId, int] = {}
        self._listeners: set[Listener] = set()

    def revoke_session(self, session_id: SessionId) -> None:
        """End a session here, and tell everyone who listens. Twice is once."""
        now = self._clock.now()
        while self._expiries and self._expiries[0][0] <= now:
            self._sessions.remove(heapq.heappop(self._expiries)[1])
        if session_id in self._sessions:
            return
        self._sessions.add(session_id)
        heapq.heappush(self._expiries, (now + REMEMBER_SECONDS, session_id))
        for listener in tuple(self._listeners):
            listener(session_id)
        self._tell(session_id)

    def raise_epoch(self, user_id: UserId, epoch: int) -> None:
        """Refuse every access token of a user that was made under an earlier epoch."""
        if epoch <= self._epochs.get(user_id, 0):
            return
        self._epochs[user_id] = epoch
        self._tell(f"{_EPOCH}:{user_id}:{epoch}")

    def drop_key(self, kid: str) -> None:
        """Refuse every token by a signing key, whatever it says: somebody else may have it."""
        if kid in self._dropped_keys:
            return
        self._dropped_keys.add(kid)
        self._tell(f"{_KEY}:{kid}")

    def is_dropped(self, kid: str) -> bool:
        """Whether tokens by that signing key are refused."""
        return kid in self._dropped_keys

    def hear(self, mark: Mark) -> None:
        """Take over what another process knows."""
        kind, _, rest = mark.partition(":")
        if kind == _KEY:
            self.drop_key(rest)
        elif kind == _EPOCH:
            user_id, _, epoch = rest.rpartition(":")
            self.raise_epoch(UserId(user_id), int(epoch))
        else:
            self.revoke_session(SessionId(mark))

    def list_marks(self) -> tuple[Mark, ...]:
        """Everything that is remembered, in no order."""
        epochs = (f"{_EPOCH}:{user_id}:{epoch}" for user_id, epoch in self._epochs.items())
        keys = (f"{_KEY}:{kid}" for kid in self._dropped_keys)
        return (*self._sessions, *epochs, *keys)

    def is_revoked(self, session_id: SessionId) -> bool:
        """Whether the session ended."""
        return session_id in self._sessions

    def is_outdated(self, user_id: UserId, epoch: int) -> bool:
        """Whether a token of this epoch is of before the user's tokens were all ended."""
        return epoch < self._epochs.get(user_id, 0)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each session that ends from now on. Returns how to stop it.

        It is called in the event loop and must return at once.
        """
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def listen_to_marks(self, listener: Callable[[Mark], None]) -> Callable[[], None]:
        """Have `listener` called with everything that ends from now on, as `listen` does."""
        self._mark_listeners.add(listener)
        return lambda: self._mark_listeners.discard(listener)

    async def watch(self) -> AsyncGenerator[SessionId]:
        """The sessions that end from now on, as they do."""
        ended: asyncio.Queue[SessionId] = asyncio.Queue()
        stop = self.listen(ended.put_nowait)
        try:
            while True:
                yield await ended.get()
        finally:
            stop()

    def _tell(self, mark: Mark) -> None:
        for listener in tuple(self._mark_listeners):
            listener(mark)
