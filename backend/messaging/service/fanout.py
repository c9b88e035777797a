"""Fan-out inside one process: everybody who listens is here."""

from backend.kit.ids import RoomId
from backend.messaging.live.ports import Receiver


class InProcessFanout:
    """Calls the receivers of a room, one after the other."""

    def __init__(self) -> None:
        self._receivers: dict[RoomId, list[Receiver]] = {}

    async def publish(self, room_id: RoomId, frame: bytes) -> None:
        for receiver in tuple(self._receivers.get(room_id, ())):
            receiver(room_id, frame)

    async def subscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        self._receivers.setdefault(room_id, []).append(receiver)

    async def unsubscribe(self, room_id: RoomId, receiver: Receiver) -> None:
        receivers = self._receivers.get(room_id, [])
        if receiver in receivers:
            receivers.remove(receiver)
        if not receivers:
            self._receivers.pop(room_id, None)
