"""How much one member may bring."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.ids import UserId
from backend.messaging.contract.files import (
    MAX_DAILY_BYTES,
    MAX_DAILY_FILES,
    MAX_WAITING,
    UploadQuotaError,
)
from backend.messaging.service.tables import FILES

DAY = timedelta(hours=24)
WAIT_SECONDS = 60


def check_quota(
    connection: Connection, user_id: UserId, sizes: Sequence[int], now: datetime
) -> None:
    """Raise UploadQuotaError when so many more would be too many.

    Counted by rows, which outlive what was dropped: bringing and dropping all day is bringing too.
    """
    of_today = sa.and_(FILES.c.user_id == user_id, FILES.c.begun_at > now - DAY)
    is_waiting = sa.and_(FILES.c.message_id.is_(None), FILES.c.state.in_(("begun", "ready")))
    query = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(FILES.c.size), 0),
        sa.func.coalesce(sa.func.sum(sa.case((is_waiting, 1), else_=0)), 0),
        sa.func.min(FILES.c.begun_at),
    ).where(of_today)
    count, total, waiting, first = connection.execute(query).one()
    if waiting + len(sizes) > MAX_WAITING:
        raise UploadQuotaError(
            "A whole herd of files waits in your drafts already. Send some, or let some go.",
            retry_after_seconds=WAIT_SECONDS,
        )
    if count + len(sizes) > MAX_DAILY_FILES or int(total) + sum(sizes) > MAX_DAILY_BYTES:
        raise UploadQuotaError(
            "You carried enough for one day, even camels rest. There is room again tomorrow.",
            retry_after_seconds=_until_room(first, now),
        )


def _until_room(first: datetime | None, now: datetime) -> int:
    if first is None:
        return int(DAY.total_seconds())
    return max(1, int((first + DAY - now).total_seconds()))
