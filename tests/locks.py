"""What a device does with second factors: codes as a phone makes them, passkeys, step-up."""

import base64
import hashlib
import hmac
import struct
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tests.authenticator import Authenticator
from tests.device import Device, RefusedError, Reply, new_jti

STEP_SECONDS = 30


def totp(secret: str, at: float) -> str:
    """The code of a moment (RFC 6238 with SHA-1, 6 digits)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1)
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


async def sealed(device: Device, method: str, path: str, body: Any) -> dict[str, Any]:
    """What a sealed answer of auth holds. Raises RefusedError."""
    jti = new_jti()
    reply = await device.prove("auth", method, path, body, token=device.access["auth"], jti=jti)
    if reply.status != 200:
        raise RefusedError(reply)
    return device.open(reply.response["sealed"], jti)


async def add_totp(device: Device) -> str:
    """Set an app up; returns its secret. The code of the present moment is used by that."""
    secret: str = (await sealed(device, "POST", "/auth/v1/totp", {}))["secret"]
    code = totp(secret, device.now())
    reply = await device.call("auth", "POST", "/auth/v1/totp/confirm", {"code": code})
    assert reply.status == 204, reply.body
    return secret


async def recovery_codes(device: Device) -> list[str]:
    """Ten new codes. Raises RefusedError."""
    return (await sealed(device, "POST", "/auth/v1/recovery-codes", {}))["codes"]


def authenticator(device: Device, **bent: Any) -> Authenticator:
    """A passkey for the house that the device talks to."""
    host = urlsplit(device.origin).hostname or ""
    return replace(Authenticator(device.origin, host), **bent)


async def creation_options(device: Device) -> str:
    """What the house asks for of a new passkey."""
    reply = await device.call("auth", "POST", "/auth/v1/passkeys/options", {})
    return str(reply.response["options"])


async def add_passkey(device: Device, passkey: Authenticator | None = None) -> Authenticator:
    """Make a passkey and hand it in."""
    made = passkey or authenticator(device)
    asked = await creation_options(device)
    form = {"credential": made.create(asked), "name": "My key"}
    reply = await device.call("auth", "POST", "/auth/v1/passkeys", form)
    assert reply.status == 200, reply.body
    return made


async def enter_password(device: Device, username: str, password: str) -> Reply:
    """The first step, for an account that asks for a second."""
    await device.begin("login")
    path = f"/auth/v1/preauth/{device.preauth}/password"
    form = {"identifier": username, "password": password}
    return await device.prove("auth", "POST", path, form)


async def passkey_options(device: Device) -> str:
    """What the house asks of a passkey for what was begun."""
    path = f"/auth/v1/preauth/{device.preauth}/passkey/options"
    return str((await device.prove("auth", "POST", path, {})).response["options"])


async def step_up(device: Device, method: str, value: str) -> None:
    """Show who one is, and go on with the tokens that say so. Raises RefusedError."""
    answer = await sealed(device, "POST", f"/auth/v1/stepup/{method}", {"value": value})
    assert answer["session"] == device.session, "no other session was made"
    device.access, device.nonce = answer["access"], answer["nonce"]


async def step_up_options(device: Device) -> str:
    """What the house asks of a passkey for a step-up."""
    reply = await device.call("auth", "POST", "/auth/v1/stepup/passkey/options", {})
    return str(reply.response["options"])
