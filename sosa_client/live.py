"""The live side of a client: one connection after another, and every room as if it were one."""

import asyncio
import random
from typing import Any

from sosa_client.connection import PING_SECONDS, Connection, Frame, LostError
from sosa_client.errors import OfflineError, RefusedError, SosaClientError
from sosa_client.following import Draft, Following
from sosa_client.keys import new_id
from sosa_client.mailbox import CAPACITY, Mailbox
from sosa_client.session import Session
from sosa_client.values import (
    LogEvent,
    PeopleChanged,
    Position,
    Receipt,
    RoomLeft,
    RoomRestarted,
    event_of,
    message_of,
)

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
CROWDED_SECONDS = 60
_UNAUTHENTICATED, _CROWDED = 4401, 4429
_LATER = 500
_TOO_FAST = 429


class Live:
    """Follows rooms and speaks in them. Everything here happens in one event loop, in order."""

    def __init__(
        self,
        session: Session,
        capacity: int = CAPACITY,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self.mailbox = Mailbox(self._catch_up, capacity)
        self._session = session
        self._ping_seconds = ping_seconds
        self._rooms: dict[str, Following] = {}
        self._connection: Connection | None = None
        self._asked: dict[str, tuple[str, Following]] = {}
        """What waits for an answer, `join` or `send`, by the `re` of its frame."""
        self._over: SosaClientError | None = None

    def follow(self, room_id: str, position: Position | None) -> Following:
        """Join a room now and after every interruption."""
        if self._over:
            raise self._over
        if room_id not in self._rooms:
            self._rooms[room_id] = Following(room_id, position)
            self._ask_join(self._rooms[room_id])
        return self._rooms[room_id]

    def leave(self, room_id: str) -> None:
        """Join it no more."""
        self._rooms.pop(room_id, None)
        self._say({"t": "leave", "room": room_id})

    def send(
        self, room_id: str, text: str, message_id: str, reply_to: str = ""
    ) -> "asyncio.Future[Receipt]":
        """Say something once, however often it takes."""
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        room = self.follow(room_id, None)
        room.add(Draft(message_id, text, receipt, reply_to))
        self._pump(room)
        return receipt

    async def run(self) -> None:
        """Stay connected until cancelled, or until there is no use in trying again."""
        try:
            await self._stay_connected()
        except SosaClientError as error:
            self.end(error)

    def end(self, error: SosaClientError | None = None) -> None:
        """Tell everyone who waits for something that it will not come."""
        self._over = error or OfflineError("This client was closed.")
        for room in self._rooms.values():
            room.end(self._over)
        self.mailbox.close(error)

    # ---- staying connected -------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            pause = min(LONGEST_WAIT, FIRST_WAIT * 2**failures)
            failures = min(failures + 1, 10)
            try:
                async with Connection.opened(self._session) as connection:
                    failures = 0
                    await self._use(connection)
            except LostError as lost:
                if lost.code == _UNAUTHENTICATED:
                    pause = max(pause, await self._renew())
                if lost.code == _CROWDED:
                    pause = CROWDED_SECONDS
            except OfflineError:
                pass
            except RefusedError as refused:
                pause = max(pause, _wait_for(refused))
            # Not all at once: whoever lost the same host comes back spread over the pause.
            await asyncio.sleep(pause * random.uniform(0.2, 1))  # noqa: S311 - no secret

    async def _renew(self) -> float:
        """New tokens; returns how long to wait when there are none yet. Raises SignedOutError."""
        try:
            await self._session.renew()
        except OfflineError:
            return FIRST_WAIT
        except RefusedError as refused:
            return _wait_for(refused)
        return 0

    async def _use(self, connection: Connection) -> None:
        self._connection = connection
        try:
            for room in self._rooms.values():
                self._ask_join(room)
                self._pump(room)
            await connection.run(self._take, self._ping_seconds)
        finally:
            self._connection = None
            self._asked.clear()
            for room in self._rooms.values():
                room.is_joined = False
                room.put_back()

    # ---- saying ------------------------------------------------------------------------------

    def _say(self, frame: Frame, room: Following | None = None) -> None:
        if self._connection is None:
            return
        if room is not None:
            re = new_id()
            self._asked[re] = (frame["t"], room)
            frame = {**frame, "re": re}
        self._connection.say(frame)

    def _ask_join(self, room: Following) -> None:
        at = room.position
        where = {"at": {"epoch": at.epoch, "seq": at.seq}} if at else {}
        self._say({"t": "join", "room": room.id, **where}, room)

    def _pump(self, room: Following) -> None:
        if self._connection is None:
            return
        if batch := room.take_batch():
            drafts = [draft.raw for draft in batch]
            self._say({"t": "send", "room": room.id, "messages": drafts}, room)

    def _catch_up(self) -> None:
        for room in self._rooms.values():
            if room.is_stalled:
                room.is_stalled = False
                self._ask_join(room)

    # ---- hearing -----------------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        asked, room = self._asked.pop(frame.get("re", ""), ("", None))
        room = room or self._rooms.get(frame.get("room", ""))
        if room is None or self._rooms.get(room.id) is not room:
            return
        match frame["t"]:
            case "joined":
                self._take_joined(room, frame)
            case "events" if room.is_joined:
                self._take_events(room, frame)
            case "sent":
                room.settle(frame["receipts"])
                self._pump(room)
            case "online":
                came, went = frozenset(frame["came"]), frozenset(frame["went"])
                self.mailbox.put(PeopleChanged(room.id, came, went))
            case "left":
                self._drop(room, RefusedError(404, "not_found", "That room is not ours to read."))
            case "error":
                self._take_error(asked, room, frame)
            case _:
                pass

    def _take_joined(self, room: Following, frame: Frame) -> None:
        room.is_joined = True
        if frame["reset"]:
            room.position = Position(frame["epoch"], frame["seq"])
            messages = tuple(message_of(raw) for raw in frame["messages"])
            self._deliver(room, RoomRestarted(room.id, messages, room.position), None)
        else:
            self._take_events(room, frame)
        self.mailbox.put(PeopleChanged(room.id, frozenset(frame["online"]), frozenset()))
        if not room.arrived.done():
            room.arrived.set_result(None)

    def _take_events(self, room: Following, frame: Frame) -> None:
        for raw in frame["events"]:
            before = room.position
            if before is None or raw["seq"] <= before.seq:
                continue
            if raw["seq"] > before.seq + 1 or frame["epoch"] != before.epoch:
                # Something was lost on the way to us: what was missed is asked for.
                room.is_joined = False
                self._ask_join(room)
                return
            room.position = Position(frame["epoch"], raw["seq"])
            event = event_of(room.id, raw, room.position)
            if event is not None and not self._deliver(room, event, before):
                return

    def _deliver(
        self, room: Following, event: LogEvent | RoomRestarted, before: Position | None
    ) -> bool:
        if self.mailbox.put(event):
            return True
        room.position, room.is_joined, room.is_stalled = before, False, True
        return False

    def _take_error(self, asked: str, room: Following, frame: Frame) -> None:
        first: dict[str, Any] = frame["errors"][0]
        data: dict[str, float] = first.get("data") or {}
        wait = data.get("retry_after_seconds", 0)
        error = RefusedError(
            frame["status"], first["code"], first["message"], first.get("field") or "", wait
        )
        if error.status == _TOO_FAST or error.status >= _LATER:
            asyncio.get_running_loop().call_later(max(wait, 1), self._try_again, asked, room)
        elif asked == "join":
            self._drop(room, error)
        else:
            room.refuse(error)
            self._pump(room)

    def _try_again(self, asked: str, room: Following) -> None:
        if self._rooms.get(room.id) is not room:
            return
        if asked == "join":
            self._ask_join(room)
        else:
            room.put_back()
            self._pump(room)

    def _drop(self, room: Following, error: SosaClientError) -> None:
        self._rooms.pop(room.id, None)
        is_known = room.arrived.done()
        room.end(error)
        if is_known:
            self.mailbox.put(RoomLeft(room.id))


def _wait_for(refused: RefusedError) -> float:
    """How long until it is worth asking again. Raises it when it never is."""
    if refused.status == _TOO_FAST or refused.status >= _LATER:
        return max(refused.retry_after, FIRST_WAIT)
    raise refused
