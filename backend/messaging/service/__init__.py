"""What is said, done: access, sending, history, who is online, and the gateway's way in."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Protocol

import msgspec

from backend.auth.contract import Auth
from backend.community.contract import Communities, GetAccess, RoomAccess
from backend.kit.callers import Member, Service
from backend.kit.database import Database
from backend.kit.errors import (
    ErrorItem,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    to_wire,
)
from backend.kit.ids import RoomId, UserId
from backend.kit.parts import Parts
from backend.messaging.contract import (
    Change,
    Draft,
    Edit,
    EmptyMessageError,
    ListMessages,
    ListOnline,
    ListPins,
    ListReplies,
    ListRevisions,
    ListRooms,
    MessagePage,
    MessageTooLongError,
    Online,
    Position,
    React,
    Receipt,
    Receipts,
    Revisions,
    RoomEvent,
    RoomHeads,
    Send,
)
from backend.messaging.live.ports import Arrival
from backend.messaging.service.changes import Changed
from backend.messaging.service.commit import GroupCommit
from backend.messaging.service.connections import ConnectionTable
from backend.messaging.service.drafts import Drafted
from backend.messaging.service.files import FileCounter, FileOperations
from backend.messaging.service.log import RoomLog, begin_epochs
from backend.messaging.service.personal_data import PersonalData
from backend.messaging.service.presence import changes
from backend.messaging.service.pushed_rooms import PushedRooms
from backend.messaging.service.reading import to_kept
from backend.messaging.service.ring import Rings
from backend.messaging.service.rooms import InProcessRooms, Rooms
from backend.messaging.service.shared_rooms import SharedRooms
from backend.messaging.service.texts import check_emoji, tidy
from backend.messaging.text.parsers import modules_of
from backend.messaging.text.reader import Reader

_ITSELF = Service(name="messaging")


class Peers(Protocol):
    """The services that messaging asks."""

    @property
    def auth(self) -> Auth: ...

    @property
    def community(self) -> Communities: ...


class MessagingService(FileOperations, PersonalData):
    """The contract on rows, with rings and fan-out beside them."""

    def __init__(self, parts: Parts[Peers]) -> None:
        self._peers = parts.peers
        self._reader = Reader(modules_of(parts.settings.message_parsers))
        rings = Rings()
        super().__init__(parts, rings)
        self._log = RoomLog(parts.database, rings)
        self.connections = ConnectionTable(parts.database, parts.clock)
        self._rooms = self._choose_rooms(parts, rings)
        self._commits = GroupCommit(
            parts.database, parts.clock, committed=self._rooms.tell, unsure=rings.drop
        )
        self.fanout = self._rooms.fanout
        self.presence = self._rooms.presence
        self.files = FileCounter(parts, self._find_readable)

    async def run(self) -> None:
        """Own what works in the background, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.files.collector.run())
                await self._rooms.run()
        finally:
            # What is committed last is told, too.
            await self._commits.close()
            await self._rooms.close()
            await self.close_reader()

    def _choose_rooms(self, parts: Parts[Peers], rings: Rings) -> Rooms:
        if parts.push is not None:
            return PushedRooms(parts.push, self.connections, self._log)
        if parts.together is not None:
            return SharedRooms(parts.together, self._log, rings)
        return InProcessRooms(self._log, rings)

    async def close_reader(self) -> None:
        """End the process that parsers run in; what comes after that starts another."""
        await self._reader.close()

    async def settle(self) -> None:
        """Wait until what is being written is written, and told."""
        await self._commits.close()

    async def list_rooms(self, caller: Member, request: ListRooms) -> RoomHeads:  # noqa: ARG002 - takes nothing
        readable = await self._find_access(caller, None)
        return RoomHeads(rooms=await self._log.heads(sorted(readable)))

    async def send(self, caller: Member, request: Send) -> Receipts:
        await self._check_can_post(caller, request.room_id)
        refused, kept = _sort_out(request.messages)
        receipts: list[Receipt] = []
        if kept:
            bodies = await self._read(kept)
            drafted = Drafted(request.room_id, caller.user_id, caller.device_id, kept, bodies)
            receipts = await self._commits.append(drafted)
        stored = iter(receipts)
        return Receipts(
            receipts=tuple(
                Receipt(id=draft.id, error=refused[index]) if index in refused else next(stored)
                for index, draft in enumerate(request.messages)
            )
        )

    async def change(self, caller: Member, request: Change) -> Receipt:
        await self._check_can_post(caller, request.room_id)
        deed, body = request.do, None
        if isinstance(deed, Edit):
            deed = Edit(text=tidy(deed.text))
            body = to_kept(await self._reader.read(deed.text, is_edit=True))
        if isinstance(deed, React):
            check_emoji(deed.emoji)
        changed = Changed(
            room_id=request.room_id,
            message_id=request.message_id,
            user_id=caller.user_id,
            device_id=caller.device_id,
            id=request.id,
            do=deed,
            body=body,
        )
        (receipt,) = await self._commits.append(changed)
        return receipt

    async def list_messages(self, caller: Member, request: ListMessages) -> MessagePage:
        places = (request.before, request.after, request.around)
        if sum(place is not None for place in places) > 1:
            raise InvalidRequestError("Before, after or around, please: one of them.", "after")
        await self._get_access(caller, request.room_id)
        return await self._log.page(request)

    async def list_replies(self, caller: Member, request: ListReplies) -> MessagePage:
        await self._get_access(caller, request.room_id)
        return await self._log.list_thread(request)

    async def list_pins(self, caller: Member, request: ListPins) -> MessagePage:
        await self._get_access(caller, request.room_id)
        return await self._log.list_pins(request.room_id)

    async def list_revisions(self, caller: Member, request: ListRevisions) -> Revisions:
        await self._get_access(caller, request.room_id)
        return await self._log.list_revisions(request)

    async def list_online(self, caller: Member, request: ListOnline) -> Online:
        await self._get_access(caller, request.room_id)
        return Online(users=tuple(await self.presence.list_online(request.room_id)))

    async def enter(
        self,
        member: Member,
        room_id: RoomId,
        at: Position | None,
        connection: str,
        arrive: Arrival,
    ) -> None:
        await self._get_access(member, room_id)
        await self.presence.arrive(room_id, member.user_id, connection)
        ring = await self._rooms.ring(room_id, at)
        # From memory, so that nothing happens in the room between the ring and the arrival.
        online = await self.presence.list_online(room_id)
        arrive(ring.standing(at), online)

    async def exit(self, member: Member, room_id: RoomId, connection: str) -> None:
        await self.presence.depart(room_id, member.user_id, connection)

    async def forget(self, connections: Collection[str]) -> None:
        for room_id, users in (await self.connections.forget(connections)).items():
            for frame in changes(room_id, [], sorted(users)):
                await self.fanout.publish(room_id, frame)

    async def list_missed(self, room_id: RoomId, at: Position) -> Sequence[RoomEvent]:
        ring = await self._rooms.ring(room_id, at)
        return ring.after(at.seq) if ring.epoch == at.epoch else ()

    async def find_readable(self, member: Member, room_ids: Sequence[RoomId]) -> frozenset[RoomId]:
        return frozenset(await self._find_access(member, room_ids))

    async def _find_readable(
        self, user_id: UserId, room_ids: Collection[RoomId]
    ) -> frozenset[RoomId]:
        request = GetAccess(user_id=user_id, room_ids=tuple(room_ids))
        answer = await self._peers.community.get_access(_ITSELF, request)
        return frozenset(access.room_id for access in answer.rooms)

    async def _read(self, drafts: Sequence[Draft]) -> dict[str, bytes]:
        # Before the commit, which others wait for.
        bodies = await asyncio.gather(*(self._reader.read(draft.text) for draft in drafts))
        kept = ((draft.id, to_kept(body)) for draft, body in zip(drafts, bodies, strict=True))
        return {draft_id: body for draft_id, body in kept if body is not None}

    async def _check_can_post(self, caller: Member, room_id: RoomId) -> None:
        if not (await self._get_access(caller, room_id)).can_post:
            raise ForbiddenError("You can read along here, but not post. Ask the room's owner?")

    async def _get_access(self, caller: Member, room_id: RoomId) -> RoomAccess:
        access = (await self._find_access(caller, [room_id])).get(room_id)
        if access is None:
            raise NotFoundError("There is no such room, or it is not yours to see.", "room_id")
        return access

    async def _find_access(
        self, caller: Member, room_ids: Sequence[RoomId] | None
    ) -> dict[RoomId, RoomAccess]:
        request = GetAccess(
            user_id=caller.user_id, room_ids=None if room_ids is None else tuple(room_ids)
        )
        answer = await self._peers.community.get_access(_ITSELF, request)
        return {access.room_id: access for access in answer.rooms}


def build(parts: Parts[Peers]) -> MessagingService:
    """The messaging service on its parts."""
    return MessagingService(parts)


async def settle_restored(database: Database) -> None:
    """Begin a new epoch in every room: readers may stand at places that the log does not have."""
    await begin_epochs(database)


def _sort_out(drafts: Sequence[Draft]) -> tuple[dict[int, ErrorItem], list[Draft]]:
    refused: dict[int, ErrorItem] = {}
    kept: list[Draft] = []
    for index, draft in enumerate(drafts):
        try:
            text = tidy(draft.text, may_be_empty=bool(draft.files))
            kept.append(msgspec.structs.replace(draft, text=text))
        except (EmptyMessageError, MessageTooLongError) as error:
            refused[index] = to_wire(error)
    return refused, kept
