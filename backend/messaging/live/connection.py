"""One live connection: performs what its core decides."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from backend.auth.contract import Redeemed
from backend.kit import refusals
from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.errors import InternalError, SosaError, UnauthenticatedError
from backend.kit.ids import RoomId, SessionId, UserId, new_id
from backend.messaging.contract import MessagePage
from backend.messaging.live import core, frames
from backend.messaging.live.audience import Listener
from backend.messaging.live.effects import (
    Alter,
    Authenticate,
    Close,
    Command,
    Deliver,
    Effect,
    Enter,
    Exit,
    Recall,
    Say,
)
from backend.messaging.live.gateway import Client
from backend.messaging.live.ports import LiveMessaging, Outgoing, Socket, Standing, own_channel

MAX_WAITING_BYTES = 4 * 1_048_576
"""Bytes that may wait for a slow reader. The longest possible resume is 2 MB and must pass."""

_log = structlog.get_logger("sosa.messaging.live")


class Audience(Protocol):
    """Who of this host hears which room."""

    async def hold(self, room_id: RoomId) -> None: ...

    async def release(self, room_id: RoomId) -> None: ...

    def add(self, room_id: RoomId, listener: Listener) -> None: ...

    def remove(self, room_id: RoomId, listener: Listener) -> None: ...


class Door(Protocol):
    """What a connection needs of its host."""

    @property
    def service(self) -> LiveMessaging: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def rate_limit_scale(self) -> float: ...

    @property
    def audience(self) -> Audience: ...

    def new_challenge(self) -> str: ...

    async def redeem(self, ticket: str, proof: str, challenge: str, origin: str) -> Redeemed: ...

    def welcome(self, client: Client) -> bool: ...

    async def admit(self, client: Client, member: Member) -> bool: ...

    def forget(self, client: Client) -> None: ...

    def is_revoked(self, session_id: SessionId) -> bool: ...


def new_core(door: Door) -> core.Core:
    """A conversation that begins now."""
    return core.Core(
        challenge=door.new_challenge(),
        now=door.clock.now(),
        rate_limit_scale=door.rate_limit_scale,
    )


class Connection:
    """A client at the gateway, from its first frame to its end."""

    def __init__(self, gateway: Door, socket: Socket, origin: str, network: str) -> None:
        self.id = new_id()
        self.network = network
        self.member: Member | None = None
        self.core = new_core(gateway)
        self._gateway = gateway
        self._socket = socket
        self._origin = origin
        self._own: RoomId | None = None
        self._timer: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        """The client is there, and has a few seconds to say who it is."""
        self._arm()
        if not self._gateway.welcome(self):
            self.end(self.core.turned_away())

    async def heard(self, data: str | bytes) -> None:
        """A frame came. Returns when it has been dealt with: one at a time keeps their order."""
        await self.perform(self.core.receive(data, self._gateway.clock.now()))

    async def gone(self) -> None:
        """The client is not there any more, whoever ended it."""
        self.core.is_open = False
        if self._timer is not None:
            self._timer.cancel()
        for room_id in tuple(self.core.rooms):
            await self._exit(room_id)
        if self._own is not None:
            self._gateway.audience.remove(self._own, self)
            await self._gateway.audience.release(self._own)
        self._gateway.forget(self)

    def revoked(self) -> None:
        """The session has ended."""
        self.end(self.core.revoked())

    def deliver(self, frame: Outgoing) -> None:
        """Write what everyone in a room gets."""
        if self._socket.write(frame) > MAX_WAITING_BYTES:
            self.end(self.core.overrun())

    def end(self, effects: list[Effect]) -> None:
        """Perform effects that hold no command: words and the close."""
        for effect in effects:
            if isinstance(effect, Say):
                self.deliver(Outgoing(effect.frame))
            elif isinstance(effect, Close):
                self._socket.close(effect.code, effect.reason)

    def tick(self) -> None:
        """Time has passed."""
        self.end(self.core.tick(self._gateway.clock.now()))
        if self.core.is_open:
            self._arm()

    async def perform(self, effects: list[Effect]) -> None:
        """Perform effects in order, commands included."""
        for effect in effects:
            if isinstance(effect, Say | Close):
                self.end([effect])
            else:
                self.end(await self._try(effect))

    async def _try(self, command: Command) -> list[Effect]:
        try:
            return await self._do(command)
        except SosaError as error:
            who = self.member.user_id if self.member else ""
            name = f"live_{type(command).__name__.lower()}"
            refusals.note(name, error, user_id=who, network=self.network)
            return self.core.failed(command, error)
        except Exception:  # noqa: BLE001 - the client is told, the log knows why, the socket lives
            _log.exception("live_command_failed", command=type(command).__name__)
            return self.core.failed(
                command, InternalError("Something broke on our side. We wrote it down.")
            )

    async def _do(self, command: Command) -> list[Effect]:
        if isinstance(command, Authenticate):
            return await self._authenticate(command)
        member = self._known_member()
        match command:
            case Enter():
                await self._enter(member, command)
                return []
            case Exit():
                await self._exit(command.room_id)
                return self.core.left(command)
            case Deliver(request, re):
                receipts = await self._gateway.service.send(member, request)
                return [Say(frames.sent(request.room_id, receipts, re))]
            case Alter(request, re):
                receipt = await self._gateway.service.change(member, request)
                return [Say(frames.changed(request.room_id, receipt, re))]
            case Recall(request, re):
                page = await self._gateway.service.list_messages(member, request)
                page = self._page(page, is_newer=request.after is not None)
                return [Say(frames.history(request.room_id, page, re))]

    def _page(self, page: MessagePage, *, is_newer: bool) -> MessagePage:  # noqa: ARG002
        """As much of a page as the host carries in one frame. `is_newer`: the end may wait."""
        return page

    async def _authenticate(self, command: Authenticate) -> list[Effect]:
        redeemed = await self._gateway.redeem(
            command.ticket, command.proof, self.core.challenge, self._origin
        )
        self._check_same_person(redeemed)
        if self.member is None and not await self._gateway.admit(self, redeemed.member):
            return self.core.turned_away()
        self.member = redeemed.member
        await self._hear_own(redeemed.member)
        if self._gateway.is_revoked(redeemed.member.session_id):
            # It ended between the redeeming and our listening.
            return self.core.revoked()
        said = self.core.authenticated(
            command, redeemed.member.user_id, redeemed.member.session_id, redeemed.expires_at
        )
        self._prolonged()
        return [*said, *await self._leave_closed_rooms(redeemed.member)]

    async def _hear_own(self, member: Member) -> None:
        if self._own is None:
            self._own = own_channel(member.user_id)
            await self._gateway.audience.hold(self._own)
            self._gateway.audience.add(self._own, self)

    def _check_same_person(self, redeemed: Redeemed) -> None:
        # A connection belongs to one session for life: rooms were entered and frames are on their
        # way to it.
        known, new = self.member, redeemed.member
        if known and (known.user_id, known.session_id) != (new.user_id, new.session_id):
            raise UnauthenticatedError("This connection belongs to another session.")

    async def _leave_closed_rooms(self, member: Member) -> list[Effect]:
        # Whoever lost a room while connected stops hearing it when the authentication is renewed at
        # the latest.
        rooms = tuple(self.core.rooms)
        readable = await self._gateway.service.find_readable(member, rooms) if rooms else rooms
        said: list[Effect] = []
        for room_id in rooms:
            if room_id not in readable:
                await self._exit(room_id)
                said += self.core.left(Exit(room_id, None))
        return said

    async def _enter(self, member: Member, command: Enter) -> None:
        room_id = command.room_id
        is_new = room_id not in self.core.rooms
        if is_new:
            await self._gateway.audience.hold(room_id)

        def arrive(standing: Standing, online: Sequence[UserId]) -> None:
            self._arrive(command, standing, online)

        try:
            await self._gateway.service.enter(member, room_id, command.at, self.id, arrive)
        finally:
            if is_new and room_id not in self.core.rooms:
                await self._take_out(member, room_id)

    def _arrive(self, command: Enter, standing: Standing, online: Sequence[UserId]) -> None:
        self._gateway.audience.add(command.room_id, self)
        self.core.entered(command)
        self.deliver(Outgoing(frames.joined(command.room_id, standing, online, command.re)))

    async def _exit(self, room_id: RoomId) -> None:
        if self.member is not None and room_id in self.core.rooms:
            self.core.rooms.discard(room_id)
            await self._take_out(self.member, room_id)

    async def _take_out(self, member: Member, room_id: RoomId) -> None:
        self._gateway.audience.remove(room_id, self)
        await self._gateway.audience.release(room_id)
        await self._gateway.service.exit(member, room_id, self.id)

    def _known_member(self) -> Member:
        if self.member is None:
            raise UnauthenticatedError("Show us who you are first.")
        return self.member

    def _prolonged(self) -> None:
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait = max(0.0, self.core.deadline - self._gateway.clock.now())
        self._timer = asyncio.get_running_loop().call_later(wait, self.tick)
