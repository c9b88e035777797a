"""Events between services: written with the change they tell of, delivered after it, at least once.

The outbox is a table of the service that says something. A relay reads it in order and hands each
event to its handlers; a row leaves only when all of them have returned. So a handler may see an
event twice and must not mind.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from backend.kit.clock import Clock, utc
from backend.kit.database import Database, UtcDateTime
from backend.kit.ids import new_id
from backend.kit.values import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], Awaitable[None]]

BATCH = 100
MAX_ATTEMPTS = 12
"""After so many failures (about half an hour) an event is dead: kept, visible, no longer tried."""
IDLE_SECONDS = 5.0
"""How often the relay looks unasked: a process may have died between commit and wake."""

HOUSE = "house"
"""The group of those who react for no service in particular."""

_log = structlog.get_logger("sosa.events")


class CarrierAwayError(Exception):
    """Events cannot be carried at all now. No event is to blame, so none is given up on."""


class Carrier(Protocol):
    """Brings an event to whoever reacts to it, in this process or in others."""

    async def dispatch(self, name: str, payload: bytes) -> None:
        """Returns when the event needs no keeping any more. Raises CarrierAwayError."""
        ...


class Bus:
    """Who reacts to which event, in this process. A carrier itself, where there is no other."""

    def __init__(self) -> None:
        self._kinds: dict[str, type[Event]] = {}
        self._handlers: dict[str, list[tuple[str, Handler]]] = {}

    def on(
        self, kind: type[E], handler: Callable[[E], Awaitable[None]], group: str = HOUSE
    ) -> None:
        """Have `handler` called for every event of a kind.

        Where several processes serve a group, one of them gets the event.
        """
        self._kinds[kind.__name__] = kind
        self._handlers.setdefault(kind.__name__, []).append((group, handler))

    def groups(self) -> frozenset[str]:
        """The groups that react to anything."""
        return frozenset(group for handlers in self._handlers.values() for group, _ in handlers)

    async def dispatch(self, name: str, payload: bytes, only: str | None = None) -> None:
        """Call the handlers of an event in turn, or those of one group.

        A failure ends it, and it is tried again whole.
        """
        if name not in self._handlers:
            return
        fact = msgspec.json.decode(payload, type=self._kinds[name])
        for group, handler in self._handlers[name]:
            if only is None or group == only:
                await handler(fact)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", UtcDateTime, nullable=False),
        sa.Column("dead", sa.Boolean, nullable=False),
    ]


def create_outbox_table(op: Any, service: str) -> None:
    """Create a service's outbox; for its first migration."""
    op.create_table(f"{service}_outbox", *_columns())


def outbox_table(service: str) -> sa.Table:
    """The outbox table of a service."""
    name = f"{service}_outbox"
    known = SQLModel.metadata.tables.get(name)
    return known if known is not None else sa.Table(name, SQLModel.metadata, *_columns())


@dataclass(frozen=True, slots=True)
class _Waiting:
    id: str
    name: str
    payload: bytes
    attempts: int


class Outbox:
    """What a service has said and not yet been heard on."""

    def __init__(self, service: str, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._table = outbox_table(service)
        self._database = database
        self._carrier = carrier
        self._clock = clock
        self._wake = asyncio.Event()

    async def add(self, session: AsyncSession, fact: Event) -> None:
        """Write the fact in the caller's transaction: it is told if, and only if, that commits."""
        await session.execute(
            self._table.insert().values(
                id=new_id(),
                name=type(fact).__name__,
                payload=msgspec.json.encode(fact),
                attempts=0,
                due=utc(self._clock),
                dead=False,
            )
        )
        event.listen(session.sync_session, "after_commit", self._on_commit, once=True)

    async def run(self) -> None:
        """Deliver for ever. One relay per outbox is enough; two deliver some events twice."""
        while True:
            self._wake.clear()
            try:
                delivered = await self.deliver()
            except CarrierAwayError:
                _log.warning("events_not_carried", table=self._table.name)
                delivered = 0
            except Exception:  # noqa: BLE001 - logged; a database may be away, and rows wait
                _log.exception("outbox_unreadable", table=self._table.name)
                delivered = 0
            if delivered == 0:
                await self._sleep()

    async def deliver(self) -> int:
        """Deliver what is due, oldest first; returns how many events were tried.

        Raises CarrierAwayError; what was delivered until then is done.
        """
        table = self._table
        async with self._database.reading() as session:
            query = (
                sa.select(table.c.id, table.c.name, table.c.payload, table.c.attempts)
                .where(table.c.dead.is_(False), table.c.due <= utc(self._clock))
                .order_by(table.c.id)
                .limit(BATCH)
            )
            waiting = [_Waiting(*row) for row in await session.execute(query)]
        done: list[str] = []
        try:
            for item in waiting:
                if await self._try(item):
                    done.append(item.id)  # noqa: PERF401 - kept when the next one raises
        finally:
            await self._forget(done)
        return len(waiting)

    @property
    def has_news(self) -> bool:
        """Whether something was added since it was last delivered."""
        return self._wake.is_set()

    async def deliver_all(self) -> None:
        """Deliver what is due, once. What cannot be delivered now waits, and the log says so."""
        self._wake.clear()
        try:
            while await self.deliver() == BATCH:
                pass
        except CarrierAwayError:
            _log.warning("events_not_carried", table=self._table.name)

    async def _forget(self, done: list[str]) -> None:
        if done:
            async with self._database.transaction() as session:
                await session.execute(self._table.delete().where(self._table.c.id.in_(done)))

    def _on_commit(self, _session: object) -> None:
        self._wake.set()

    async def _try(self, item: _Waiting) -> bool:
        try:
            await self._carrier.dispatch(item.name, item.payload)
        except CarrierAwayError:
            raise
        except Exception:  # noqa: BLE001 - logged, and the event is tried again
            _log.exception("event_handler_failed", event_name=item.name, attempts=item.attempts + 1)
            await self._postpone(item)
            return False
        return True

    async def _postpone(self, item: _Waiting) -> None:
        attempts = item.attempts + 1
        due = datetime.fromtimestamp(self._clock.now() + min(2.0**attempts, 300), UTC)
        async with self._database.transaction() as session:
            await session.execute(
                self._table.update()
                .where(self._table.c.id == item.id)
                .values(attempts=attempts, due=due, dead=attempts >= MAX_ATTEMPTS)
            )

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return
