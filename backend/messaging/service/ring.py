"""Hot history: the newest events of the rooms in use. Joining does not touch the database."""

from collections import OrderedDict, deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from backend.kit.ids import RoomId
from backend.messaging.contract import Position, RoomEvent
from backend.messaging.live.ports import Standing

RING_EVENTS = 512
"""Events kept for each room: more than a resume may miss, so each is served from here."""
MAX_MISSED = 500
"""Events behind which a reader gets a snapshot instead."""
SNAPSHOT = 50
"""Messages in a snapshot."""
MAX_ROOMS = 1_000
"""Rooms kept; the one that was not used for longest leaves first."""


class Ring:
    """The newest events of one room, without gaps."""

    def __init__(self, epoch: str, head: int, events: Sequence[RoomEvent]) -> None:
        self.epoch = epoch
        self.head = head
        self._events = deque(events, maxlen=RING_EVENTS)

    def append(self, events: Sequence[RoomEvent]) -> bool:
        """Continue with newer events. False when they do not follow: something was missed."""
        if not events or events[0].seq != self.head + 1:
            return False
        self._events.extend(events)
        self.head = events[-1].seq
        return True

    def newer(self, events: Sequence[RoomEvent]) -> Sequence[RoomEvent]:
        """Those of the events that the ring does not hold yet."""
        return [event for event in events if event.seq > self.head]

    def after(self, seq: int) -> Sequence[RoomEvent]:
        """The events after a place, as far back as they are kept."""
        return self._newest(self.head - seq)

    def standing(self, at: Position | None) -> Standing:
        """What brings a reader at a position to the head: what they missed, or the newest page."""
        if at is not None and at.epoch == self.epoch and 0 <= self.head - at.seq <= MAX_MISSED:
            return Standing(self.epoch, self.head, missed=self._newest(self.head - at.seq))
        page = self._newest(SNAPSHOT)
        return Standing(
            self.epoch,
            self.head,
            messages=tuple(event.message for event in page),
            more=self.head > len(page),
        )

    def _newest(self, count: int) -> tuple[RoomEvent, ...]:
        start = max(0, len(self._events) - count)
        return tuple(self._events[index] for index in range(start, len(self._events)))


class Rings:
    """The rings of the rooms in use."""

    def __init__(self, max_rooms: int = MAX_ROOMS) -> None:
        self._rings: OrderedDict[RoomId, Ring] = OrderedDict()
        self._expected: dict[RoomId, list[Sequence[RoomEvent]] | None] = {}
        self._max_rooms = max_rooms

    def find(self, room_id: RoomId) -> Ring | None:
        """The room's ring, if it is kept."""
        ring = self._rings.get(room_id)
        if ring is not None:
            self._rings.move_to_end(room_id)
        return ring

    @contextmanager
    def expecting(self, room_id: RoomId) -> Generator[None]:
        """While the room is read, remember what is appended. For one reading at a time."""
        self._expected[room_id] = []
        try:
            yield
        finally:
            del self._expected[room_id]

    def keep(self, room_id: RoomId, ring: Ring) -> bool:
        """Keep a ring that was read while expecting it. False when it missed something."""
        appended = self._expected[room_id]
        if appended is None:
            return False
        for events in appended:
            # The reading may have seen some of what was appended while it ran, and not the rest.
            newer = ring.newer(events)
            if newer and not ring.append(newer):
                return False
        self._rings[room_id] = ring
        while len(self._rings) > self._max_rooms:
            self._rings.popitem(last=False)
        return True

    def append(self, room_id: RoomId, epoch: str, events: Sequence[RoomEvent]) -> None:
        """Continue a room's ring; one that missed something is dropped, and read again."""
        if (appended := self._expected.get(room_id)) is not None:
            appended.append(events)
        ring = self._rings.get(room_id)
        if ring is None:
            return
        newer = ring.newer(events)
        if ring.epoch != epoch or (newer and not ring.append(newer)):
            del self._rings[room_id]

    def drop(self, room_id: RoomId) -> None:
        """Forget a room's ring: whether the rows have moved on is not known."""
        self._rings.pop(room_id, None)
        if room_id in self._expected:
            self._expected[room_id] = None
