"""A bot as a device: it was given its keys, and comes in by proof alone."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.attacks.house import AuthHouse
from tests.device import Device, RefusedError, Reply, derive, new_jti, unb64


@dataclass(frozen=True)
class Secret:
    """What the owner of a bot is told, once."""

    bot: str
    name: str
    secret: str
    salt: str
    kid: str


async def make_bot(owner: Device, name: str) -> Secret:
    """Raises RefusedError."""
    return await asked(owner, "/auth/v1/bots", {"name": name})


async def renew(owner: Device, bot_id: str) -> Secret:
    """Raises RefusedError."""
    return await asked(owner, f"/auth/v1/bots/{bot_id}/secret", {})


async def asked(owner: Device, path: str, body: Any) -> Secret:
    jti = new_jti()
    reply = await owner.prove("auth", "POST", path, body, token=owner.access["auth"], jti=jti)
    if reply.status != 200:
        raise RefusedError(reply)
    told = owner.open(reply.response["sealed"], jti)
    bot = told["bot"]
    return Secret(bot["id"], bot["name"], told["secret"], told["salt"], told["kid"])


def machine(house: AuthHouse, given: Secret) -> Device:
    """A machine that has the secret and has not been let in."""
    device = house.device()
    device.keys = derive(unb64(given.secret), unb64(given.salt))
    return device


async def fetch_tokens(device: Device, bot_id: str, jti: str = "") -> Reply:
    return await device.prove(
        "auth", "POST", f"/auth/v1/bots/{bot_id}/tokens", {}, jti=jti or new_jti()
    )


async def let_in(device: Device, bot_id: str) -> Device:
    """Fetch tokens and keep them. Raises RefusedError."""
    jti = new_jti()
    reply = await fetch_tokens(device, bot_id, jti)
    if reply.status != 200:
        raise RefusedError(reply)
    assert "Set-Cookie" not in reply.headers
    opened = device.open(reply.response["sealed"], jti)
    device.access, device.nonce = opened["access"], opened["nonce"]
    device.session, device.device_id = opened["session"], opened["device_id"]
    device.user = opened["user"]
    return device


async def robot(house: AuthHouse, owner: Device, name: str = "beep") -> tuple[Secret, Device]:
    """A new bot of the owner, and its machine, let in."""
    given = await make_bot(owner, name)
    return given, await let_in(machine(house, given), given.bot)


async def refused(doing: Any) -> tuple[int, str]:
    with pytest.raises(RefusedError) as told:
        await doing
    return told.value.reply.status, told.value.code


async def listed(owner: Device) -> list[dict[str, Any]]:
    return (await owner.call("auth", "GET", "/auth/v1/bots")).response["bots"]


async def end(owner: Device, given: Secret, ending: str) -> Secret | None:
    if ending == "renew":
        return await renew(owner, given.bot)
    reply = await owner.call("auth", "DELETE", f"/auth/v1/bots/{given.bot}")
    assert reply.status == 204
    return None
