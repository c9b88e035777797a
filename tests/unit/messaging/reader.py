"""A client as docs/protocol.md tells it to be, with a line that can be cut and loses frames."""

import json
from dataclasses import dataclass, field
from typing import Any

from backend.kit.ids import RoomId
from backend.messaging.contract import ListMessages, Position
from backend.messaging.live import frames
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import BEN

Told = dict[str, Any]


@dataclass
class Reader:
    """Ben, who reads along in one room."""

    messaging: MessagingService
    room: RoomId
    epoch: str = ""
    seq: int = 0
    held: dict[str, Told] = field(default_factory=dict[str, Told])
    more: bool = False
    is_connected: bool = False
    loses: bool = False
    stale: bool = False
    page: Told | None = None
    """A page of history that is on its way."""
    strays: dict[str, Told | None] = field(default_factory=dict[str, Told | None])
    """What was told meanwhile of messages that are not held."""

    @property
    def messages(self) -> list[Told]:
        """What is on the screen."""
        return sorted(self.held.values(), key=lambda message: message["seq"])

    async def connect(self) -> None:
        at = Position(epoch=self.epoch, seq=self.seq) if self.epoch else None
        joined: list[Told] = []
        if not self.is_connected:
            await self.messaging.fanout.subscribe(self.room, self.hear)
        await self.messaging.enter(
            BEN,
            self.room,
            at,
            "reader",
            lambda standing, online: joined.append(
                json.loads(frames.joined(self.room, standing, online, None))
            ),
        )
        self.is_connected, self.stale = True, False
        self._take(joined[0])

    async def disconnect(self) -> None:
        await self.messaging.fanout.unsubscribe(self.room, self.hear)
        self.is_connected = False

    def hear(self, _room: RoomId, frame: bytes) -> None:
        told = json.loads(frame)
        if told["t"] == "events" and not self.loses:
            self._apply(told["epoch"], told["events"])

    async def ask_for_history(self, limit: int) -> None:
        """Ask for a page; it comes when `take_history` is called."""
        if self.page is None and self.more and self.held:
            ask = ListMessages(room_id=self.room, before=self.messages[0]["seq"], limit=limit)
            page = await self.messaging.list_messages(BEN, ask)
            self.page, self.strays = json.loads(frames.history(self.room, page, None)), {}

    def take_history(self) -> None:
        page, self.page = self.page, None
        if page is None or page["epoch"] != self.epoch:
            return
        for message in page["messages"]:
            self._put(message)
        self.more = page["more"]
        for message_id, message in self.strays.items():
            if message is None:
                self.held.pop(message_id, None)
            elif message_id in self.held:
                self._put(message)

    def _take(self, joined: Told) -> None:
        if joined["reset"]:
            self.held = {message["id"]: message for message in joined["messages"]}
            self.epoch, self.seq, self.more = joined["epoch"], joined["seq"], joined["more"]
            self.page = None
        else:
            self._apply(joined["epoch"], joined["events"])
            assert self.seq == joined["seq"]

    def _apply(self, epoch: str, events: list[Told]) -> None:
        for event in events:
            if epoch != self.epoch or event["seq"] > self.seq + 1:
                self.stale = True
                return
            if event["seq"] == self.seq + 1:
                self.seq += 1
                self._change(event)

    def _change(self, event: Told) -> None:
        message = event.get("message")
        changed = event["gone"] if message is None else message["id"]
        if message is None:
            self.held.pop(changed, None)
        elif changed in self.held or event["kind"] == "posted":
            self._put(message)
        if changed not in self.held:
            self.strays[changed] = message
        self._requote(changed, message)

    def _put(self, message: Told) -> None:
        known = self.held.get(message["id"])
        if known is None or known.get("rev", 0) <= message.get("rev", 0):
            self.held[message["id"]] = message

    def _requote(self, changed: str, message: Told | None) -> None:
        for other in self.held.values():
            quote = other.get("reply_to")
            if quote and quote["id"] == changed:
                other["reply_to"] = {"id": changed}
                if message is not None:
                    other["reply_to"] |= {
                        "seq": message["seq"],
                        "author_id": message["author_id"],
                        "text": message["text"][:140],
                    }
