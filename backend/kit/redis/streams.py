"""Domain events on a Redis stream: one group for each service, any number of processes in it.

An entry belongs to the consumer that read it until that one acknowledges it. What a handler failed
on, or a process left behind when it died, is tried again later by whoever is there; what never gets
through ends on a stream of dead letters.
"""

import asyncio
from typing import Any

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from backend.kit.endings import is_ending
from backend.kit.errors import UnavailableError
from backend.kit.events import MAX_ATTEMPTS, Bus, CarrierAwayError
from backend.kit.ids import new_id
from backend.kit.redis.client import answering, prefix_of

MAX_EVENTS = 100_000
"""Events kept, about: what a service may fall behind by, and what a new one learns from."""
MAX_DEAD = 10_000
BATCH = 20
BLOCK_SECONDS = 1.0
HANDLING_SECONDS = 20.0
"""How long the handlers of an event may take. It is then tried again, like one that failed."""
ABANDONED_SECONDS = 30.0
"""Longer than handling may take: whoever has not acknowledged by then is dead."""
PAUSE_SECONDS = 1.0
DAY_MS = 86_400_000

_log = structlog.get_logger("sosa.events")
_dead_events = Counter("sosa_events_dead", "Events that were given up on.", ["group"])


class EventStream:
    """Carries events to every service, each event to one process of it."""

    def __init__(
        self,
        commands: Redis,
        listening: Redis,
        bus: Bus,
        *,
        abandoned_seconds: float = ABANDONED_SECONDS,
        first_pause_seconds: float = 1.0,
    ) -> None:
        self._commands = commands
        self._listening = listening
        self._bus = bus
        self._abandoned_ms = round(abandoned_seconds * 1000)
        self._first_pause_ms = round(first_pause_seconds * 1000)
        self._key = prefix_of(commands) + "events"
        self._dead_key = f"{self._key}:dead"
        self._consumer = new_id()

    async def dispatch(self, name: str, payload: bytes) -> None:
        """Put an event on the stream. Raises CarrierAwayError."""
        try:
            async with answering():
                await self._commands.xadd(
                    self._key, {"name": name, "payload": payload}, maxlen=MAX_EVENTS
                )
        except UnavailableError as error:
            raise CarrierAwayError from error

    async def run(self) -> None:
        """Consume for every service that reacts in this process, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for group in self._bus.groups():
                tasks.create_task(self._consume(group))

    async def list_dead(self) -> list[dict[str, str]]:
        """What was given up on, newest first: `group`, `name`, `payload`, `id`, `attempts`."""
        async with answering():
            entries: Any = await self._commands.xrevrange(self._dead_key, count=100)
        return [
            {key.decode(): value.decode() for key, value in entry.items()} for _, entry in entries
        ]

    async def _consume(self, group: str) -> None:
        while not is_ending():
            try:
                await self._join(group)
                while not is_ending():
                    await self.retry(group)
                    await self._read(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are served on
                # Gone, or empty after it was restarted: the group is then made again.
                _log.warning("events_wait", group=group, error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _join(self, group: str) -> None:
        # From the beginning: a service that is new learns of what is kept. Handlers do not mind.
        try:
            await self._listening.xgroup_create(self._key, group, "0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        consumers: Any = await self._listening.xinfo_consumers(self._key, group)
        for consumer in consumers:
            # Each process is a consumer of its own; those of yesterday who left nothing can go.
            if consumer["pending"] == 0 and consumer["idle"] > DAY_MS:
                await self._listening.xgroup_delconsumer(self._key, group, consumer["name"])

    async def _read(self, group: str) -> None:
        answer: Any = await self._listening.xreadgroup(
            group, self._consumer, {self._key: ">"}, BATCH, round(BLOCK_SECONDS * 1000)
        )
        for _, entries in answer or ():
            for entry_id, fields in entries:
                await self._handle(group, entry_id, fields)

    async def retry(self, group: str) -> None:
        """Try again what is due: our own failures soon, what others left when they must be dead."""
        waiting: Any = await self._listening.xpending_range(
            self._key, group, "-", "+", 100, idle=min(self._first_pause_ms, self._abandoned_ms)
        )
        for entry in waiting:
            attempts: int = entry["times_delivered"]
            least_ms = min(self._first_pause_ms * 2 ** (attempts - 1), 300_000)
            if entry["consumer"].decode() != self._consumer:
                least_ms = max(least_ms, self._abandoned_ms)
            if entry["time_since_delivered"] >= least_ms:
                await self._retry(group, entry["message_id"], attempts, least_ms)

    async def _retry(self, group: str, entry_id: bytes, attempts: int, least_ms: int) -> None:
        # Only the first of several who try gets it: the claim resets how long it was idle.
        claimed: Any = await self._listening.xclaim(
            self._key, group, self._consumer, least_ms, [entry_id]
        )
        for claimed_id, fields in claimed:
            if attempts >= MAX_ATTEMPTS:
                await self._bury(group, claimed_id, fields, attempts)
            else:
                await self._handle(group, claimed_id, fields)

    async def _handle(self, group: str, entry_id: bytes, fields: dict[bytes, bytes]) -> None:
        name = fields[b"name"].decode()
        try:
            async with asyncio.timeout(HANDLING_SECONDS):
                await self._bus.dispatch(name, fields[b"payload"], group)
        except Exception:  # noqa: BLE001 - logged, and the event is tried again
            _log.exception("event_handler_failed", event_name=name, group=group)
            return
        await self._listening.xack(self._key, group, entry_id)

    async def _bury(
        self, group: str, entry_id: bytes, fields: dict[bytes, bytes], attempts: int
    ) -> None:
        letter: dict[Any, Any] = {**fields, b"group": group, b"id": entry_id, b"attempts": attempts}
        async with self._listening.pipeline(transaction=True) as pipeline:
            pipeline.xadd(self._dead_key, letter, maxlen=MAX_DEAD)
            pipeline.xack(self._key, group, entry_id)
            await pipeline.execute()
        _dead_events.labels(group).inc()
        _log.error("event_dead", group=group, event_name=fields[b"name"].decode())
