"""The live door behind API Gateway: it holds the sockets, and each frame is a call of its own.

Calls may come to different machines, and side by side. So the conversation is remembered in the
table of connections, under its row's lock while the core decides; what the core decided is done
after that, and what there is to say is pushed at the end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from backend.auth.contract import Redeemed, SessionRevoked
from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.errors import RateLimitedError, SosaError
from backend.kit.ids import RoomId, SessionId, UserId
from backend.kit.push import Push
from backend.messaging.contract import MessagePage, Position
from backend.messaging.live import core, frames
from backend.messaging.live.audience import Listener
from backend.messaging.live.connection import Connection, new_core
from backend.messaging.live.effects import Close, Effect, Enter
from backend.messaging.live.gateway import (
    MAX_CONNECTIONS,
    MAX_STRANGERS,
    SUBPROTOCOL,
    Client,
    Gateway,
)
from backend.messaging.live.handshake import check_handshake
from backend.messaging.live.ports import Kept, Outgoing, RemoteMessaging, Standing

MAX_PUSH_BYTES = 131_072
"""What API Gateway carries in one message to a client."""

_log = structlog.get_logger("sosa.messaging.live")


class RemoteDoor:
    """What happens at sockets that another machine holds."""

    def __init__(self, service: RemoteMessaging, gateway: Gateway, push: Push) -> None:
        self._service = service
        self._gateway = gateway
        self._push = push

    async def connect(
        self, connection: str, headers: Iterable[tuple[str, str]], network: str
    ) -> str | SosaError:
        """The subprotocol, or why not. Nothing can be pushed yet: the client speaks first."""
        try:
            check_handshake(headers, self._gateway.origin)
        except SosaError as error:
            return error
        begun = new_core(self._gateway)
        memory = msgspec.json.encode(begun.remember())
        strangers = await self._service.connections.open(
            connection, network[:64], memory, begun.deadline
        )
        if strangers > MAX_STRANGERS * self._gateway.rate_limit_scale:
            await self._service.forget([connection])
            return RateLimitedError("Too many of you at once. Please try again in a minute.")
        return SUBPROTOCOL

    async def heard(self, connection: str, data: str | bytes) -> None:
        """A frame came."""
        now = self._gateway.clock.now()
        resumed: list[tuple[Kept, core.Core]] = []
        decided: list[Effect] = []

        def decide(kept: Kept) -> tuple[bytes, float]:
            memory = msgspec.json.decode(kept.memory, type=core.Memory)
            mind = core.Core.resume(memory, kept.rooms, self._gateway.rate_limit_scale)
            # Nobody wakes a function when the time is over, so that is looked at first.
            decided.extend(mind.tick(now) or mind.receive(data, now))
            resumed.append((kept, mind))
            return msgspec.json.encode(mind.remember()), mind.deadline

        if not await self._service.connections.hear(connection, decide):
            await self._push.close(connection)
            return
        kept, mind = resumed[0]
        await self._answer(kept, mind, decided)

    async def gone(self, connection: str) -> None:
        """The client is not there any more. Best effort: the gateway may not tell."""
        await self._service.forget([connection])

    async def session_ended(self, event: SessionRevoked) -> None:
        """Close what belongs to a session that has ended."""
        ended = await self._service.connections.list_of_session(SessionId(event.session_id))
        for connection in ended:
            await self._end(connection, Close(core.NOT_AUTHENTICATED, "session ended"))

    async def sweep(self) -> None:
        """Close what is over: nobody hears from those who only went silent."""
        for connection in await self._service.connections.list_over():
            await self._end(connection, Close(core.NOT_AUTHENTICATED, "time is over"))

    async def _answer(self, kept: Kept, mind: core.Core, decided: list[Effect]) -> None:
        said = _Said()
        door = _Conversation(self._gateway, self._service, kept.id)
        client = RemoteConnection(door, said, self._gateway.origin, kept, mind)
        await client.perform(decided)
        if client.is_proven:
            await self._remember_proof(kept.id, mind)
        for payload in said.frames:
            if not await self._push.send(kept.id, payload):
                await self._service.forget([kept.id])
                return
        if said.goodbye is not None:
            await self._end(kept.id, said.goodbye)
            return
        await self._catch_up(kept.id, client)

    async def _remember_proof(self, connection: str, mind: core.Core) -> None:
        def decide(kept: Kept) -> tuple[bytes, float]:
            # Another frame may have been heard meanwhile: only what this one brought is changed.
            memory = msgspec.json.decode(kept.memory, type=core.Memory)
            memory = msgspec.structs.replace(memory, expires=mind.remember().expires)
            resumed = core.Core.resume(memory, kept.rooms, self._gateway.rate_limit_scale)
            return msgspec.json.encode(memory), resumed.deadline

        await self._service.connections.hear(connection, decide)

    async def _catch_up(self, connection: str, client: "RemoteConnection") -> None:
        # What was committed between the reading and the pushing of `joined` was pushed before it,
        # to a client that was not in the room yet and dropped it. It comes again here; whoever
        # knows it already drops it by its seq.
        for room_id, position in client.arrivals.items():
            missed = await self._service.list_missed(room_id, position)
            for frame in frames.events(room_id, position.epoch, missed):
                await self._push.send(connection, frame)

    async def _end(self, connection: str, close: Close) -> None:
        # API Gateway closes with a code of its own, so ours is said before (docs/protocol.md).
        await self._push.send(connection, frames.bye(close.code, close.reason))
        await self._push.close(connection)
        await self._service.forget([connection])


@dataclass(slots=True)
class _Said:
    """Keeps what is to be said until the end of the call."""

    frames: list[bytes] = field(default_factory=list[bytes])
    goodbye: Close | None = None

    def write(self, frame: Outgoing) -> int:
        if self.goodbye is None:
            self.frames.append(frame.payload)
        return 0

    def close(self, code: int, reason: str) -> None:
        self.goodbye = self.goodbye or Close(code, reason)


class _Conversation:
    """One connection's view of the door, for the length of a call. Rooms are in the table."""

    def __init__(self, gateway: Gateway, service: RemoteMessaging, connection: str) -> None:
        self._gateway = gateway
        self._connection = connection
        self.service = service
        self.clock: Clock = gateway.clock
        self.rate_limit_scale = gateway.rate_limit_scale
        self.audience = self
        self.new_challenge = gateway.new_challenge
        self.is_revoked = gateway.is_revoked

    async def redeem(self, ticket: str, proof: str, challenge: str, origin: str) -> Redeemed:
        return await self._gateway.redeem(ticket, proof, challenge, origin)

    def welcome(self, client: Client) -> bool:  # noqa: ARG002 - counted when it connected
        return True

    async def admit(self, client: Client, member: Member) -> bool:  # noqa: ARG002 - known by its id
        count = await self.service.connections.admit(self._connection, member)
        return count <= MAX_CONNECTIONS * self.rate_limit_scale

    def forget(self, client: Client) -> None:
        """The table forgets."""

    async def hold(self, room_id: RoomId) -> None:
        """The table holds."""

    async def release(self, room_id: RoomId) -> None:
        """The table releases."""

    def add(self, room_id: RoomId, listener: Listener) -> None:
        """The table adds."""

    def remove(self, room_id: RoomId, listener: Listener) -> None:
        """The table removes."""


class RemoteConnection(Connection):
    """A connection that is resumed for one frame."""

    def __init__(
        self, door: _Conversation, said: _Said, origin: str, kept: Kept, mind: core.Core
    ) -> None:
        super().__init__(door, said, origin, kept.network)
        self.id = kept.id
        self.member = kept.member
        self.core = mind
        self.arrivals: dict[RoomId, Position] = {}
        self.is_proven = False

    def _prolonged(self) -> None:
        # Nobody wakes a function, so there is no timer to set: the table says when it ends.
        self.is_proven = True

    def _arrive(self, command: Enter, standing: Standing, online: Sequence[UserId]) -> None:
        fitting = _fitting(standing)
        super()._arrive(command, fitting, online)
        # A position in between: the rest comes as events, which continue where `joined` ends.
        self.arrivals[command.room_id] = Position(epoch=fitting.epoch, seq=fitting.seq)

    def _page(self, page: MessagePage, *, is_newer: bool) -> MessagePage:
        messages = page.messages
        while len(msgspec.json.encode(messages)) > _ROOM_FOR_CONTENT:
            half = len(messages) // 2
            messages = messages[:half] if is_newer else messages[-half:]
        is_whole = len(messages) == len(page.messages)
        return page if is_whole else msgspec.structs.replace(page, messages=messages, more=True)


_ROOM_FOR_CONTENT = MAX_PUSH_BYTES - 48 * 1024
"""A list of 1,000 users who are online takes most of the rest."""


def _fitting(standing: Standing) -> Standing:
    """As much of a standing as fits into one push."""
    if standing.missed is not None:
        missed = standing.missed
        while len(msgspec.json.encode(missed)) > _ROOM_FOR_CONTENT:
            missed = missed[: len(missed) // 2]
        seq = standing.seq - (len(standing.missed) - len(missed))
        return Standing(standing.epoch, seq, missed=missed)
    messages = standing.messages
    while len(msgspec.json.encode(messages)) > _ROOM_FOR_CONTENT:
        messages = messages[-(len(messages) // 2) :]
    is_whole = len(messages) == len(standing.messages)
    more = standing.more or not is_whole
    return Standing(standing.epoch, standing.seq, messages=messages, more=more)
