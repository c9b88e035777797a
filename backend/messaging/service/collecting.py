"""The collector: bytes that nobody will ask for again go, and then their rows."""

import asyncio
from datetime import datetime

import sqlalchemy as sa
import structlog

from backend.kit.clock import utc
from backend.kit.errors import UnavailableError
from backend.kit.ids import FileId
from backend.messaging.media.disk import DiskStore
from backend.messaging.service.file_rows import BEGUN, DROPPED, GONE_STATE, READY, REFUSED
from backend.messaging.service.quotas import DAY
from backend.messaging.service.tables import FILES
from backend.messaging.service.uploads import Counter

INTERVAL_SECONDS = 60
BATCH = 200

_log = structlog.get_logger("sosa.media")


class Collector:
    """Works in the background. It does not mind running in several processes at once."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    async def run(self) -> None:
        """Collect until cancelled."""
        while True:
            try:
                await self.collect()
            except Exception:  # noqa: BLE001 - logged, and tried again
                # A database or a bucket that is away for a moment must not end this for good.
                _log.exception("collecting_failed")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def collect(self) -> None:
        """Collect what is due: one batch, the oldest first."""
        now = utc(self._counter.clock)
        if isinstance(self._counter.store, DiskStore):
            await self._counter.store.tidy()
        for file_id, begun_at in await self._counter.database.transact(
            lambda writer: _take_due(writer, now)
        ):
            try:
                await self._counter.store.drop(FileId(file_id))
            except UnavailableError:
                return
            # The row last: bytes without a row would lie there for ever.
            forget = _forget(file_id, begun_at, now)
            await self._counter.database.transact(lambda writer, done=forget: writer.execute(done))
        await self._counter.database.transact(lambda writer: writer.execute(_forget_gone(now)))


def _take_due(writer: sa.Connection, now: datetime) -> list[tuple[str, datetime]]:
    """What is due, taken from its owner first: from here on no message can claim it."""
    due = (
        sa.select(FILES.c.id)
        .where(FILES.c.collect_at <= now, FILES.c.state != GONE_STATE)
        .order_by(FILES.c.collect_at)
        .limit(BATCH)
    )
    ids = list(writer.scalars(due))
    if not ids:
        return []
    # Asked again in the update: a message may have claimed one since the look, and holds it now.
    taken = sa.update(FILES).where(
        FILES.c.id.in_(ids),
        FILES.c.collect_at <= now,
        FILES.c.state.in_((BEGUN, READY, REFUSED)),
    )
    writer.execute(taken.values(state=DROPPED))
    dropped = sa.select(FILES.c.id, FILES.c.begun_at).where(
        FILES.c.id.in_(ids), FILES.c.state == DROPPED
    )
    return [(row.id, row.begun_at) for row in writer.execute(dropped)]


def _forget(file_id: str, begun_at: datetime, now: datetime) -> sa.Update | sa.Delete:
    if begun_at + DAY <= now:
        return sa.delete(FILES).where(FILES.c.id == file_id)
    # It counts until its day is over, or dropping would be a way to bring more.
    counted = sa.update(FILES).where(FILES.c.id == file_id)
    return counted.values(state=GONE_STATE, collect_at=begun_at + DAY)


def _forget_gone(now: datetime) -> sa.Delete:
    return sa.delete(FILES).where(FILES.c.state == GONE_STATE, FILES.c.collect_at <= now)
