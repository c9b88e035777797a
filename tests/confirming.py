"""Going to a provider once more to show who one is, in a session that goes on."""

from tests.device import Device, RefusedError, Reply
from tests.locks import sealed
from tests.visits import Trip, depart


async def leave(member: Device, carrier: Device, provider: str) -> Trip:
    """Begin, with the session's leave; `carrier` has the keys of the beginning.

    Raises RefusedError.
    """
    trip = await depart(carrier, provider, kind="confirm")
    path = f"/auth/v1/providers/{provider}/confirm"
    reply = await member.call("auth", "POST", path, {"preauth_id": carrier.preauth})
    if reply.status != 200:
        raise RefusedError(reply)
    trip.authorize_url, trip.state = reply.response["authorize_url"], reply.response["state"]
    return trip


async def bring_back(trip: Trip, name: str) -> str:
    """Say there who one is; returns the token that stands for it. Raises RefusedError."""
    reply, opened = await trip.try_complete(await trip.consent(name))
    if reply.status != 200:
        raise RefusedError(reply)
    assert set(opened) >= {"confirm_token"}
    assert "access" not in opened
    return str(opened["confirm_token"])


def form_of(trip: Trip, token: str) -> tuple[str, dict[str, str]]:
    """Where to show what came back, and how."""
    path = f"/auth/v1/providers/{trip.provider}/confirmed"
    return path, {"preauth_id": trip.device.preauth, "confirm_token": token}


async def show(member: Device, trip: Trip, token: str) -> Reply:
    """Show the session what came back, and keep nothing."""
    path, form = form_of(trip, token)
    return await member.call("auth", "POST", path, form)


async def confirm(member: Device, carrier: Device, provider: str, name: str) -> None:
    """The whole way; the session goes on with tokens that say so. Raises RefusedError."""
    trip = await leave(member, carrier, provider)
    path, form = form_of(trip, await bring_back(trip, name))
    answer = await sealed(member, "POST", path, form)
    assert answer["session"] == member.session, "no other session was made"
    member.access, member.nonce = answer["access"], answer["nonce"]
