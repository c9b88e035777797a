"""Hot history: the newest events of the rooms in use. Joining does not touch the database."""

from collections import OrderedDict, deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import islice
from weakref import WeakValueDictionary

import msgspec

from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import (
    MAX_QUOTE,
    EventKind,
    Message,
    Position,
    Quote,
    RoomEvent,
)
from backend.messaging.live.ports import Standing

RING_EVENTS = 512
"""Events kept for each room: more than a resume may miss, so each is served from here."""
RING_MESSAGES = 512
"""Messages kept for each room, of which a snapshot shows the newest."""
MAX_MISSED = 500
"""Events behind which a reader gets a snapshot instead."""
SNAPSHOT = 50
"""Messages in a snapshot."""
MAX_ROOMS = 1_000
"""Rooms kept; the one that was not used for longest leaves first."""


class _Cell:
    """A message as it is by now, for the events and the page that speak of it; None once gone."""

    __slots__ = ("__weakref__", "id", "message")

    def __init__(self, message_id: MessageId, message: Message | None) -> None:
        self.id = message_id
        self.message = message


class Ring:
    """The newest events of one room, without gaps, and its newest messages as they are by now.

    What was deleted is in neither: nobody who comes back is told what it said.
    """

    def __init__(
        self, epoch: str, head: int, events: Sequence[RoomEvent], page: Sequence[Message] = ()
    ) -> None:
        """`page` holds the newest messages there are, RING_MESSAGES at most."""
        self.epoch = epoch
        self.head = head
        # A cell lives as long as an event or the page holds it.
        self._cells: WeakValueDictionary[MessageId, _Cell] = WeakValueDictionary()
        self.is_worn = False
        """Whether so much was deleted that a snapshot would be short, while the rows have more."""
        self._has_older = len(page) >= RING_MESSAGES
        self._page = deque((self._cell(item.id, item) for item in page), maxlen=RING_MESSAGES)
        self._events: deque[tuple[int, EventKind, _Cell]] = deque(maxlen=RING_EVENTS)
        for event in events:
            self._events.append((event.seq, event.kind, self._heard(event)))

    def append(self, events: Sequence[RoomEvent]) -> bool:
        """Continue with newer events. False when they do not follow: something was missed."""
        if not events or events[0].seq != self.head + 1:
            return False
        for event in events:
            cell = self._heard(event)
            self._events.append((event.seq, event.kind, cell))
            if event.kind == "posted":
                self._has_older = self._has_older or len(self._page) == RING_MESSAGES
                self._page.append(cell)
            elif event.kind in {"edited", "deleted"}:
                self._requote(cell)
                self.is_worn = self._has_older and self._count_there() < SNAPSHOT
        self.head = events[-1].seq
        return True

    def newer(self, events: Sequence[RoomEvent]) -> Sequence[RoomEvent]:
        """Those of the events that the ring does not hold yet."""
        return [event for event in events if event.seq > self.head]

    def after(self, seq: int) -> tuple[RoomEvent, ...]:
        """The events after a place, as far back as they are kept."""
        start = max(0, len(self._events) - max(0, self.head - seq))
        return tuple(map(_event, islice(self._events, start, None)))

    def standing(self, at: Position | None) -> Standing:
        """What brings a reader at a position to the head: what they missed, or the newest page."""
        if at is not None and at.epoch == self.epoch and 0 <= self.head - at.seq <= MAX_MISSED:
            return Standing(self.epoch, self.head, missed=self.after(at.seq))
        there = (cell.message for cell in reversed(self._page) if cell.message is not None)
        newest = tuple(islice(there, SNAPSHOT))
        more = self._has_older or self._count_there() > len(newest)
        return Standing(self.epoch, self.head, messages=newest[::-1], more=more)

    def _count_there(self) -> int:
        return sum(cell.message is not None for cell in self._page)

    def _cell(self, message_id: MessageId, message: Message | None) -> _Cell:
        cell = self._cells.get(message_id)
        if cell is None:
            cell = self._cells[message_id] = _Cell(message_id, message)
        return cell

    def _heard(self, event: RoomEvent) -> _Cell:
        if event.message is None:
            cell = self._cell(event.gone or MessageId(""), None)
            cell.message = None
            return cell
        cell = self._cell(event.message.id, event.message)
        if cell.message is not None and cell.message.rev <= event.message.rev:
            cell.message = event.message
        return cell

    def _requote(self, changed: _Cell) -> None:
        quote = quote_of(changed.id, changed.message)
        for cell in list(self._cells.values()):
            message = cell.message
            if message is not None and message.reply_to and message.reply_to.id == changed.id:
                cell.message = msgspec.structs.replace(message, reply_to=quote)


def quote_of(message_id: MessageId, message: Message | None) -> Quote:
    """What answers to a message show of it."""
    if message is None:
        return Quote(id=message_id)
    return Quote(
        id=message_id,
        seq=message.seq,
        author_id=message.author_id,
        text=message.text[:MAX_QUOTE],
    )


def _event(item: tuple[int, EventKind, _Cell]) -> RoomEvent:
    seq, kind, cell = item
    if cell.message is None:
        return RoomEvent(seq=seq, kind=kind, gone=cell.id)
    return RoomEvent(seq=seq, kind=kind, message=cell.message)


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
        if ring.epoch != epoch or (newer and not ring.append(newer)) or ring.is_worn:
            del self._rings[room_id]

    def drop(self, room_id: RoomId) -> None:
        """Forget a room's ring: whether the rows have moved on is not known."""
        self._rings.pop(room_id, None)
        if room_id in self._expected:
            self._expected[room_id] = None
