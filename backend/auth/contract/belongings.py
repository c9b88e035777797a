"""What members have: sessions, devices and tickets."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from backend.auth.contract.entrance import DeviceName
from backend.kit.callers import Member
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.values import Request, Value


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


class ListDevices(Request):
    """Takes nothing."""


class RenameDevice(Request):
    """One of the caller's devices."""

    device_id: DeviceId
    name: DeviceName


class RevokeDevice(Request):
    """One of the caller's devices, the present one included."""

    device_id: DeviceId


class GetTicket(Request):
    """Asks for a ticket for a socket; `bind` ties it to something else the socket must show."""

    aud: Literal["messaging", "ui"]
    bind: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}(?!\n)$")] | None = None
    """b64u(SHA-256(client token)) for the UI."""


class RedeemTicket(Request):
    """A ticket and a proof that a device showed on a socket, and what the socket itself knows."""

    ticket: str
    proof: str
    aud: Literal["messaging", "ui"]
    origin: str
    """The Origin header of the handshake."""
    htu: str
    """Public origin and path of the socket; the proof must name it."""
    cn: str | None = None
    """The challenge that the socket was given, where it was given one."""
    bind: str | None = None
    """What the ticket was bound to when it was asked for: b64u(SHA-256(client token)) for the
    UI."""


class Delegate(Request):
    """A member who is attached at the asking service, and where it wants to act for them."""

    session_id: SessionId
    aud: Literal["auth", "profiles", "messaging", "community"]
    kid: str
    """Which of its identity keys the asking service will prove itself with."""


class Delegated(Value):
    """A token that lets the asking service act for the member at one service, for a minute."""

    token: str
    expires_at: int
    """Unix seconds."""


class Redeemed(Value):
    """Who stands behind a ticket."""

    member: Member
    username: str
    expires_at: int
    """When the socket must authenticate again or be closed, in Unix seconds; 15 minutes at most."""
