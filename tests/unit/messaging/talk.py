"""Somebody who says things at random, and thinks better of them."""

import asyncio
import random
from dataclasses import dataclass, field

import msgspec

from backend.kit.errors import NotFoundError
from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import Change, Deed, Delete, Draft, Edit, Pin, React, Send
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import ADA


@dataclass
class Talk:
    """Ada, who says things and thinks better of them."""

    messaging: MessagingService
    room: RoomId
    chance: random.Random
    ids: list[MessageId] = field(default_factory=list[MessageId])
    events: int = 0

    async def say(self, count: int) -> None:
        first = len(self.ids)
        drafts = [self._draft(first + number) for number in range(count)]
        parts = [tuple(drafts[start : start + 20]) for start in range(0, count, 20)]
        sends = [self.messaging.send(ADA, Send(room_id=self.room, messages=part)) for part in parts]
        for sent in await asyncio.gather(*sends):
            self.ids += [item.message_id for item in sent.receipts if item.message_id]
        assert len(self.ids) == first + count
        self.events += count

    async def change(self, count: int) -> None:
        """Change some messages; what is said about one that is gone changes nothing."""
        changes = [self._change(self._deed()) for _ in range(count if self.ids else 0)]
        results = await asyncio.gather(
            *(self.messaging.change(ADA, change) for change in changes), return_exceptions=True
        )
        for result in results:
            assert not isinstance(result, BaseException) or isinstance(result, NotFoundError)
            self.events += not isinstance(result, BaseException)

    async def erase(self) -> None:
        """Delete the newest messages, more of them than a snapshot shows."""
        for message_id in self.ids[-80:]:
            change = msgspec.structs.replace(self._change(Delete()), message_id=message_id)
            try:
                await self.messaging.change(ADA, change)
            except NotFoundError:
                continue
            self.events += 1

    def _draft(self, number: int) -> Draft:
        answered = self.chance.choice(self.ids[-30:]) if self.ids and number % 5 == 0 else None
        return Draft(id=f"{self.room}-{number:08}", text=str(number), reply_to=answered)

    def _change(self, deed: Deed) -> Change:
        # Mostly what is before everybody's eyes, sometimes what is long past.
        near = self.ids[-60:] if self.chance.random() < 0.8 else self.ids
        return Change(
            room_id=self.room,
            message_id=self.chance.choice(near),
            id=f"{self.room}-deed-{self.chance.getrandbits(64):x}",
            do=deed,
        )

    def _deed(self) -> Deed:
        return self.chance.choice(
            [
                Edit(text=f"better {self.chance.random()}"),
                Delete(),
                React(emoji=self.chance.choice("🔥🌵🦓"), on=self.chance.random() < 0.7),
                Pin(on=self.chance.random() < 0.5),
            ]
        )
