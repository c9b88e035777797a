"""What members do with their own sessions and devices."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import contract, models
from backend.auth.contract import Confirmed
from backend.auth.service.core import Feature
from backend.kit.callers import Member
from backend.kit.errors import NotFoundError
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.values import NOTHING, Nothing


class Belongings(Feature):
    """Implements `contract.Belongings`."""

    async def get_session(
        self,
        caller: Member,
        request: contract.GetSession,  # noqa: ARG002
    ) -> contract.CurrentSession:
        live = await self._core.get_live(caller.session_id)
        return contract.CurrentSession(
            user=contract.Account(id=UserId(live.user.id), username=live.user.username),
            session=SessionId(live.session.id),
            device_id=DeviceId(live.device.id),
            amr=live.amr,
            acr=live.session.acr,
        )

    async def list_sessions(
        self,
        caller: Member,
        request: contract.ListSessions,  # noqa: ARG002
    ) -> contract.SessionList:
        async with self._parts.database.reading() as session:
            live = await self._core.sessions.list_live(session, caller.user_id)
        return contract.SessionList(
            sessions=tuple(
                contract.SessionEntry(
                    id=SessionId(entry.id),
                    device_id=DeviceId(device.id),
                    device_name=device.name,
                    device_platform=device.platform,
                    created=entry.created,
                    last_used=entry.last_used,
                    is_current=entry.id == caller.session_id,
                )
                for entry, device in live
            )
        )

    async def revoke_session(self, caller: Confirmed, request: contract.RevokeSession) -> Nothing:
        user_id = caller.member.user_id
        async with self._parts.database.transaction() as session:
            entry = await session.get(models.Session, request.session_id)
            if entry is None or entry.user_id != user_id:
                raise NotFoundError("There is no such session.")
            await self._core.sessions.end(session, entry, "revoked")
            device = await session.get_one(models.Device, entry.device_id)
            await self._core.log.add(session, user_id, "session_ended", device_name=device.name)
        self._core.revoke(request.session_id)
        return NOTHING

    async def revoke_other_sessions(
        self,
        caller: Confirmed,
        request: contract.RevokeOtherSessions,  # noqa: ARG002
    ) -> Nothing:
        member = caller.member
        async with self._parts.database.transaction() as session:
            ended = await self._core.sessions.end_all(
                session, member.user_id, "revoked", but=member.session_id
            )
            if ended:
                told = f"{len(ended)} signed out"
                await self._core.log.add(session, member.user_id, "others_ended", detail=told)
        self._core.revoke(*ended)
        return NOTHING

    async def sign_out_everywhere(
        self,
        caller: Confirmed,
        request: contract.SignOutEverywhere,  # noqa: ARG002
    ) -> contract.SignedOut:
        user_id = caller.member.user_id
        async with self._parts.database.transaction() as session:
            ended = await self._core.sessions.end_all(session, user_id, "signed_out")
            await self._core.log.add(
                session, user_id, "all_ended", detail=f"{len(ended)} signed out"
            )
        self._core.revoke(*ended)
        return contract.SignedOut()

    async def list_devices(
        self,
        caller: Member,
        request: contract.ListDevices,  # noqa: ARG002
    ) -> contract.DeviceList:
        async with self._parts.database.reading() as session:
            live = await self._core.sessions.list_live(session, caller.user_id)
        return contract.DeviceList(
            devices=tuple(
                contract.DeviceEntry(
                    id=DeviceId(device.id),
                    name=device.name,
                    platform=device.platform,
                    created=device.created,
                    last_seen=device.last_seen,
                    is_current=device.id == caller.device_id,
                )
                for _, device in live
            )
        )

    async def rename_device(self, caller: Member, request: contract.RenameDevice) -> Nothing:
        async with self._parts.database.transaction() as session:
            device = await self._get_device(session, caller, request.device_id)
            before, device.name = device.name, request.name
            session.add(device)
            await self._core.log.add(
                session, caller.user_id, "device_renamed", device_name=request.name, detail=before
            )
        return NOTHING

    async def revoke_device(self, caller: Confirmed, request: contract.RevokeDevice) -> Nothing:
        member = caller.member
        async with self._parts.database.transaction() as session:
            device = await self._get_device(session, member, request.device_id)
            live = await self._core.sessions.list_live(session, member.user_id)
            ended = [entry for entry, its_device in live if its_device.id == device.id]
            for entry in ended:
                await self._core.sessions.end(session, entry, "device_revoked")
            if ended:
                await self._core.log.add(
                    session, member.user_id, "device_revoked", device_name=device.name
                )
        self._core.revoke(*(SessionId(entry.id) for entry in ended))
        return NOTHING

    async def _get_device(
        self, session: AsyncSession, caller: Member, device_id: DeviceId
    ) -> models.Device:
        device = await session.get(models.Device, device_id)
        if device is None or device.user_id != caller.user_id:
            raise NotFoundError("There is no such device.")
        return device
