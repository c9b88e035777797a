"""What members have: sessions and devices."""

from datetime import datetime
from typing import Protocol

from backend.auth.contract.callers import Confirmed
from backend.auth.contract.entrance import MAX_BODY, DeviceName, SignedOut
from backend.kit.callers import Member
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value


class Account(Value):
    """A member by name."""

    id: UserId
    username: str


class CurrentSession(Value):
    """Who the caller is, and how surely."""

    user: Account
    session: SessionId
    device_id: DeviceId
    amr: tuple[str, ...]
    acr: str


class SessionEntry(Value):
    """A live session."""

    id: SessionId
    device_id: DeviceId
    device_name: str
    device_platform: str
    created: datetime
    last_used: datetime
    is_current: bool


class SessionList(Value):
    """The caller's live sessions, newest first; at most 20."""

    sessions: tuple[SessionEntry, ...]


class DeviceEntry(Value):
    """A device somebody is signed in on."""

    id: DeviceId
    name: str
    platform: str
    created: datetime
    last_seen: datetime
    is_current: bool


class DeviceList(Value):
    """The devices the caller is signed in on, newest first; at most 20."""

    devices: tuple[DeviceEntry, ...]


class GetSession(Request):
    """Takes nothing."""


class ListSessions(Request):
    """Takes nothing."""


class RevokeSession(Request):
    """One of the caller's sessions, the present one included."""

    session_id: SessionId


class RevokeOtherSessions(Request):
    """Takes nothing."""


class SignOutEverywhere(Request):
    """Takes nothing."""


class ListDevices(Request):
    """Takes nothing."""


class RenameDevice(Request):
    """One of the caller's devices."""

    device_id: DeviceId
    name: DeviceName


class RevokeDevice(Request):
    """One of the caller's devices, the present one included."""

    device_id: DeviceId


class Belongings(Protocol):
    """A member's own sessions and devices."""

    @op("GET", "/auth/v1/session")
    async def get_session(self, caller: Member, request: GetSession) -> CurrentSession: ...

    @op("GET", "/auth/v1/sessions")
    async def list_sessions(self, caller: Member, request: ListSessions) -> SessionList: ...

    @op("DELETE", "/auth/v1/sessions/{session_id}")
    async def revoke_session(self, caller: Confirmed, request: RevokeSession) -> Nothing:
        """End one of the caller's sessions, everywhere within a second. Raises NotFoundError."""
        ...

    @op("DELETE", "/auth/v1/sessions")
    async def revoke_other_sessions(
        self, caller: Confirmed, request: RevokeOtherSessions
    ) -> Nothing:
        """End all of the caller's sessions but the present one. Twice is once."""
        ...

    @op("POST", "/auth/v1/logout/all", max_body_bytes=MAX_BODY)
    async def sign_out_everywhere(self, caller: Confirmed, request: SignOutEverywhere) -> SignedOut:
        """End all of the caller's sessions, the present one included."""
        ...

    @op("GET", "/auth/v1/devices")
    async def list_devices(self, caller: Member, request: ListDevices) -> DeviceList: ...

    @op("PATCH", "/auth/v1/devices/{device_id}", max_body_bytes=MAX_BODY)
    async def rename_device(self, caller: Member, request: RenameDevice) -> Nothing:
        """Give one of the caller's devices another name. Raises NotFoundError."""
        ...

    @op("DELETE", "/auth/v1/devices/{device_id}")
    async def revoke_device(self, caller: Confirmed, request: RevokeDevice) -> Nothing:
        """End what the device has and forget its keys. Raises NotFoundError."""
        ...
