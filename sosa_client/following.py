"""A room as a client follows it: how far it has come, and what it still has to say."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sosa_client.errors import NotSentError, SosaClientError
from sosa_client.values import Position, Receipt

MAX_MESSAGES = 20
MAX_BYTES = 30_000
"""A frame holds 32 KiB; the rest is for what is around the messages."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way. Its id never changes, so that sending it again stores nothing twice."""

    id: str
    text: str
    receipt: "asyncio.Future[Receipt]" = field(repr=False)
    reply_to: str = ""

    @property
    def raw(self) -> dict[str, str]:
        """As it travels."""
        words = {"id": self.id, "text": self.text}
        return words | {"reply_to": self.reply_to} if self.reply_to else words


class Following:
    """One room. At most one frame of it is unanswered (docs/protocol.md)."""

    def __init__(self, room_id: str, position: Position | None) -> None:
        self.id = room_id
        self.position = position
        self.is_joined = False
        """Whether this connection tells us of it without a gap."""
        self.is_stalled = False
        """Whether the reader is too slow, and we ask again when it has caught up."""
        self.arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: deque[Draft] = deque()
        self._in_flight: tuple[Draft, ...] = ()

    def add(self, draft: Draft) -> None:
        """Say it when it is its turn."""
        self._waiting.append(draft)

    def take_batch(self) -> tuple[Draft, ...]:
        """What goes into the next frame, in order; empty while one is unanswered."""
        if self._in_flight:
            return ()
        batch: list[Draft] = []
        size = 0
        while self._waiting and len(batch) < MAX_MESSAGES:
            size += len(json.dumps(self._waiting[0].raw))
            if batch and size > MAX_BYTES:
                break
            batch.append(self._waiting.popleft())
        self._in_flight = tuple(batch)
        return self._in_flight

    def settle(self, receipts: Iterable[dict[str, Any]]) -> None:
        """The frame was answered."""
        for draft, receipt in zip(self._in_flight, receipts, strict=True):
            if draft.receipt.done():
                continue
            if "error" in receipt:
                draft.receipt.set_exception(_refusal(receipt["error"]))
            else:
                got = Receipt(draft.id, receipt["message_id"], receipt["seq"])
                draft.receipt.set_result(got)
        self._in_flight = ()

    def put_back(self) -> None:
        """No answer came: what was said may have arrived. The same again, with the same ids."""
        self._waiting.extendleft(reversed(self._in_flight))
        self._in_flight = ()

    def refuse(self, error: SosaClientError) -> None:
        """The frame as a whole was refused."""
        _fail(self._in_flight, error)
        self._in_flight = ()

    def end(self, error: SosaClientError) -> None:
        """Nothing will be said here any more."""
        _fail((*self._in_flight, *self._waiting), error)
        self._in_flight = ()
        self._waiting.clear()
        if not self.arrived.done():
            self.arrived.set_exception(error)
            self.arrived.exception()


def _fail(drafts: Iterable[Draft], error: SosaClientError) -> None:
    for draft in drafts:
        if not draft.receipt.done():
            draft.receipt.set_exception(error)


def _refusal(error: dict[str, Any]) -> NotSentError:
    return NotSentError(422, error["code"], error["message"], error.get("field") or "")
