"""A device that lost its cookie and kept its keys comes back by them."""

from tests.device import Device, RefusedError, new_jti

PATH = "/auth/v1/device/login"


async def come_back(device: Device) -> None:
    """Sign in by the device's keys alone; the device keeps what came back. Raises RefusedError."""
    jti = new_jti()
    reply = await device.prove("auth", "POST", PATH, {}, jti=jti)
    if reply.status != 200:
        raise RefusedError(reply)
    opened = device.open(reply.response["sealed"], jti)
    device.cookie = reply.headers["Set-Cookie"].partition(";")[0]
    device.access, device.nonce = opened["access"], opened["nonce"]
    device.session = opened["session"]
