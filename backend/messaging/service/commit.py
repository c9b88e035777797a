"""Group commit: what is sent while one transaction is committed goes into the next one.

So throughput grows with load while latency stays at about two commits, and a receipt still means
durable.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from backend.kit.clock import Clock, utc
from backend.kit.database import Database
from backend.kit.errors import SosaError, UnavailableError
from backend.kit.ids import RoomId
from backend.messaging.contract import Receipt
from backend.messaging.service.batch import Appended, Work, write

MAX_AT_ONCE = 500
"""Drafts and changes in one transaction. It bounds how long a commit, and so everybody, takes."""
MAX_WAITING = 10_000
"""Drafts and changes that may wait. Beyond, the house says so instead of growing without bound."""

_log = structlog.get_logger("sosa.messaging")


@dataclass(frozen=True, slots=True)
class _Sending:
    work: Work
    receipts: "asyncio.Future[list[Receipt]]"


class GroupCommit:
    """Takes what is sent and writes it, many at a time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        committed: Callable[[Sequence[Appended]], Awaitable[None]],
        unsure: Callable[[RoomId], None],
    ) -> None:
        """`committed` hears what is durable now, `unsure` of rooms where a write failed."""
        self._database = database
        self._clock = clock
        self._committed = committed
        self._unsure = unsure
        self._waiting: deque[_Sending] = deque()
        self._waiting_weight = 0
        self._writer: asyncio.Task[None] | None = None

    async def append(self, work: Work) -> list[Receipt]:
        """Append to a room's log; returns when that is durable.

        A receipt for each draft, or one for a change. Raises UnavailableError, and what a change is
        refused with.
        """
        if self._waiting_weight + work.weight > MAX_WAITING:
            raise UnavailableError(
                "Everyone is talking at once. Nothing is lost: try again in a moment."
            )
        receipts: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Sending(work, receipts))
        self._waiting_weight += work.weight
        if self._writer is None:
            # The writer lives while there is something to write. It belongs to us and not to the
            # sender: who goes away in the middle of a commit must not take the others' messages
            # along.
            self._writer = asyncio.create_task(self._write_all())
        return await receipts

    async def close(self) -> None:
        """Wait until everything that was taken is written."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                sendings = self._next()
                try:
                    await self._write(sendings)
                except Exception:  # noqa: BLE001 - whatever it is, the senders must hear
                    _log.exception("messages_not_stored", sendings=len(sendings))
                    self._fail(sendings)
        finally:
            self._writer = None

    def _next(self) -> list[_Sending]:
        taken: list[_Sending] = []
        weight = 0
        while self._waiting and (not taken or weight + self._waiting[0].work.weight <= MAX_AT_ONCE):
            taken.append(self._waiting.popleft())
            weight += taken[-1].work.weight
        self._waiting_weight -= weight
        return taken

    async def _write(self, sendings: list[_Sending]) -> None:
        work = [sending.work for sending in sendings]
        outcome = await write(self._database, work, utc(self._clock))
        for sending, result in zip(sendings, outcome.results, strict=True):
            if sending.receipts.done():
                continue
            if isinstance(result, SosaError):
                sending.receipts.set_exception(result)
            else:
                sending.receipts.set_result(result)
        await self._committed(outcome.appended)

    def _fail(self, sendings: list[_Sending]) -> None:
        # Whether a transaction that failed while committing is in the rows is not known. Its
        # senders try again with the same ids, which is right either way; what is kept of these
        # rooms must be read again.
        for sending in sendings:
            self._unsure(sending.work.room_id)
            if not sending.receipts.done():
                sending.receipts.set_exception(
                    UnavailableError(
                        "We could not store that just now. Try again: it will not come twice."
                    )
                )
