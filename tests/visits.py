"""Going to a provider and coming back, as a browser does, in Python."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.device import Device, RefusedError, Reply, b64, derive, new_jti, unb64
from tests.watch.known import KNOWN


@dataclass
class Trip:
    """What a device began that leads elsewhere. Its keys are those of this beginning alone."""

    device: Device
    provider: str
    authorize_url: str
    state: str
    verifier: str
    """PKCE's, as the device derives it."""

    async def consent(self, name: str, *, answer: str = "yes") -> dict[str, str]:
        """Say who somebody is at the provider; returns what it answers with."""
        return await consent(self.device.http, self.authorize_url, name, answer=answer)

    async def complete(self, answer: dict[str, str]) -> Reply:
        """Bring the answer home, as it is."""
        reply, _ = await self.try_complete(answer)
        return reply

    async def try_complete(self, answer: dict[str, Any]) -> tuple[Reply, dict[str, Any]]:
        """The same, and what was under seal."""
        kept = {name: answer[name] for name in ("code", "state", "iss", "error") if name in answer}
        return await self.step("complete", kept)

    async def step(self, step: str, form: dict[str, Any]) -> tuple[Reply, dict[str, Any]]:
        """A step of this beginning; what was sealed is opened, and a session is kept."""
        jti = new_jti()
        path = f"/auth/v1/preauth/{self.device.preauth}/{step}"
        reply = await self.device.prove("auth", "POST", path, form, jti=jti)
        sealed = reply.response.get("sealed") if reply.status == 200 else None
        opened = self.device.open(sealed, jti) if sealed else {}
        if "access" in opened:
            self.device.cookie = reply.headers["Set-Cookie"].partition(";")[0]
            self.device.access, self.device.nonce = opened["access"], opened["nonce"]
            self.device.session, self.device.user = opened["session"], opened["user"]
        return reply, opened

    async def accept(self, link_token: str, username: str, **more: Any) -> Reply:
        """Yes, make an account."""
        form = {
            "link_token": link_token,
            "username": username,
            "age_answer": "18_plus",
            "terms": True,
            **more,
        }
        reply, _ = await self.step("accept", form)
        return reply


async def depart(device: Device, provider: str, *, kind: str = "oauth") -> Trip:
    """Begin something that leads elsewhere. Raises RefusedError."""
    secret = secrets.token_bytes(32)
    body = {
        "kind": kind,
        "provider": provider,
        "device_secret": b64(secret),
        "device_name": device.name,
        "device_platform": device.platform,
    }
    reply = await device.send("POST", "/auth/v1/preauth", body)
    if reply.status != 200:
        raise RefusedError(reply)
    begun = reply.response
    salt = unb64(begun["salt"])
    device.keys = derive(secret, salt)
    assert device.keys.kid == begun["kid"]
    device.preauth, device.nonce = begun["preauth"], begun["nonce"]
    device.skew = begun["server_time"] - device.now()
    verifier = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"sosa/1 pkce").derive(secret)
    KNOWN.add("verifier", b64(verifier))
    url, state = begun.get("authorize_url", ""), begun.get("state", "")
    return Trip(device, provider, url, state, b64(verifier))


async def sign_up(device: Device, provider: str, name: str, username: str) -> Trip:
    """Become a member by an account elsewhere."""
    trip = await depart(device, provider)
    _, asked = await trip.try_complete(await trip.consent(name))
    reply = await trip.accept(asked["link_token"], username)
    assert reply.status == 200, reply.body
    return trip


async def sign_in(device: Device, provider: str, name: str) -> Reply:
    """Come back with an account elsewhere that is known here."""
    trip = await depart(device, provider)
    return await trip.complete(await trip.consent(name))


async def link(member: Device, carrier: Device, provider: str, name: str) -> Reply:
    """Link an account elsewhere to a member's; `carrier` has the keys of the beginning."""
    trip = await start_link(member, carrier, provider)
    _, found = await trip.try_complete(await trip.consent(name))
    return await end_link(member, trip, found["link_token"])


async def start_link(member: Device, carrier: Device, provider: str) -> Trip:
    """Begin to link, with the member's leave. Raises RefusedError."""
    trip = await depart(carrier, provider, kind="link")
    path = f"/auth/v1/providers/{provider}/link"
    reply = await member.call("auth", "POST", path, {"preauth_id": carrier.preauth})
    if reply.status != 200:
        raise RefusedError(reply)
    trip.authorize_url, trip.state = reply.response["authorize_url"], reply.response["state"]
    return trip


async def end_link(member: Device, trip: Trip, token: str) -> Reply:
    """The member's yes to what came back."""
    form = {"preauth_id": trip.device.preauth, "link_token": token}
    return await member.call("auth", "POST", f"/auth/v1/providers/{trip.provider}/linked", form)


async def consent(
    http: aiohttp.ClientSession, url: str, name: str, *, answer: str = "yes"
) -> dict[str, str]:
    """Answer the consent page of a provider; returns the query it sends the browser back with."""
    async with http.get(url) as page:
        assert page.status == 200, await page.text()
    form = {"name": name, "answer": answer}
    async with http.post(url, data=form, allow_redirects=False) as back:
        assert back.status == 302, await back.text()
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))
