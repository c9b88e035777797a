"""What tests of roles and leaving ask of a house."""

from typing import Any

from backend.auth.service.first_run import create_owner
from tests.attacks.house import AuthHouse
from tests.device import Device, Reply


async def owner_of(house: AuthHouse, username: str = "olga") -> Device:
    """A member whom whoever holds the machine has made the owner."""
    device = await house.member(username)
    await create_owner(house.auth._core, username)
    await device.refresh()
    return device


async def grant(actor: Device, who: Device, role: str) -> Reply:
    return await actor.call("auth", "PUT", f"/auth/v1/members/{who.user['id']}/roles/{role}", {})


async def revoke(actor: Device, who: Device, role: str) -> Reply:
    return await actor.call("auth", "DELETE", f"/auth/v1/members/{who.user['id']}/roles/{role}")


async def ban(actor: Device, who: Device, reason: str = "Ate every marshmallow") -> Reply:
    path = f"/auth/v1/members/{who.user['id']}/ban"
    return await actor.call("auth", "PUT", path, {"reason": reason})


async def suspend(actor: Device, who: Device, until: str, reason: str = "Too loud") -> Reply:
    path = f"/auth/v1/members/{who.user['id']}/suspension"
    return await actor.call("auth", "PUT", path, {"reason": reason, "until": until})


async def unban(actor: Device, who: Device) -> Reply:
    return await actor.call("auth", "DELETE", f"/auth/v1/members/{who.user['id']}/ban")


async def session_of(device: Device) -> Reply:
    return await device.call("auth", "GET", "/auth/v1/session")


async def log_of(device: Device) -> list[dict[str, Any]]:
    """The lines of the member's security log, newest first."""
    page = (await device.call("auth", "GET", "/auth/v1/security-log")).response
    assert page["is_intact"]
    return page["events"]
