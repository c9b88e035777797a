"""Coming back on a device that lost its cookie: its keys let it in, with little weight."""

from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import (
    Admission,
    DeviceProofKey,
    DeviceRevokedError,
    Keyholder,
    LoginRequiredError,
)
from backend.auth.service import limits
from backend.auth.service.certainty import AMR_OF_DEVICE
from backend.auth.service.core import Feature
from backend.auth.service.device_keys import open_keys
from backend.auth.service.sessions import DEVICE_TABLE
from backend.auth.service.standing import lock_user
from backend.kit.ids import DeviceId
from backend.kit.tokens.errors import ForeignProofError


class Returning(Feature):
    """Implements `contract.Entrance.sign_in_by_device`, and what its guard asks."""

    async def sign_in_by_device(
        self,
        caller: Keyholder,
        request: contract.SignInByDevice,  # noqa: ARG002
    ) -> Admission:
        await self._parts.limits.spend(limits.DEVICE_LOGIN, caller.device_id)
        async with self._parts.database.transaction() as session:
            device = await session.get_one(models.Device, caller.device_id)
            # Before the session is looked at: whoever ends it meanwhile comes first or waits.
            user = await lock_user(session, device.user_id)
            await session.refresh(device)
            lapsed = await self._core.lapses.find(session, device.id)
            if user is None or lapsed is None:
                raise LoginRequiredError
            admitted = await self._core.admit(session, lapsed, user, AMR_OF_DEVICE)
        return await self._core.admission(caller, admitted)

    async def get_device_key(self, kid: str) -> DeviceProofKey:
        query = (
            select(models.Device)
            .join(models.User, col(models.User.id) == col(models.Device.user_id))
            .where(col(models.Device.kid) == kid, col(models.User.is_bot).is_(False))
        )
        async with self._parts.database.reading() as session:
            device = (await session.scalars(query)).first()
            if device is None:
                raise ForeignProofError
            newest = await self._core.sessions.find_newest(session, device.id)
        if device.leaves is None:
            is_revoked = newest is not None and newest.end_reason == "device_revoked"
            raise DeviceRevokedError if is_revoked else LoginRequiredError
        keys = open_keys(self._parts.keyring, DEVICE_TABLE, device.id, device.kid, device.leaves)
        return DeviceProofKey(DeviceId(device.id), keys.for_audience("auth"))
