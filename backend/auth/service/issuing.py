"""What a device is given: access tokens and tickets, under seal."""

from collections.abc import Mapping
from typing import Any

from backend.auth.contract import Delegate, Delegated
from backend.auth.service.device_keys import DeviceKeys
from backend.auth.service.sessions import Live
from backend.auth.service.signing import SigningKeys
from backend.kit.parts import Parts
from backend.kit.tokens import delegation
from backend.kit.tokens.access import LIFE_SECONDS, Grant, SigningKey, WrapKey, mint
from backend.kit.tokens.nonces import nonces_of
from backend.kit.tokens.seals import seal

AUDIENCES = ("profiles", "messaging", "community", "auth")
"""Whom a member's device talks to. Not `ui`: its server is reached by ticket."""


class Issuing:
    """Makes sealed answers for one device and one request."""

    def __init__(self, parts: Parts, signing: SigningKeys) -> None:
        self._parts = parts
        self._signing = signing
        self._nonces = nonces_of(parts.keyring, parts.clock)

    async def tokens(self, live: Live, jti: str) -> str:
        """One access token for each audience, and who they speak of."""
        signing = await self._signing.active()
        # A device from before there was a service has no key for it, and no way to make one: it
        # goes on with the others until its member signs in again.
        known = [audience for audience in AUDIENCES if audience in live.keys.proof_keys]
        access = {audience: self._mint(live, audience, signing) for audience in known}
        payload = {
            "access": access,
            "expires_in": LIFE_SECONDS,
            "session": live.session.id,
            "device_id": live.device.id,
            "user": {"id": live.user.id, "username": live.user.username},
            "nonce": self._nonces.fresh(live.keys.kid),
        }
        return self.seal(live, jti, payload)

    async def delegation(self, live: Live, service: str, request: Delegate) -> Delegated:
        """A token with which a service acts for the member at another."""
        now = int(self._parts.clock.now())
        asked = delegation.Delegation(
            issuer=self._parts.settings.origin,
            audience=request.aud,
            member=live.member,
            service=service,
            service_kid=request.kid,
            epoch=live.user.epoch,
        )
        token = delegation.mint(asked, await self._signing.active(), now=now)
        return Delegated(token=token, expires_at=now + delegation.LIFE_SECONDS)

    def seal(self, live: Live, jti: str, payload: Mapping[str, Any]) -> str:
        """Anything, for the device of a session, as the answer to one request."""
        return self.seal_for(live.keys, jti, payload)

    def seal_for(self, keys: DeviceKeys, jti: str, payload: Mapping[str, Any]) -> str:
        """Anything, for a device that has no session yet."""
        outer = {
            "iss": self._parts.settings.origin,
            "iat": int(self._parts.clock.now()),
            "rjti": jti,
        }
        return seal({**outer, **payload}, keys.seal_key, keys.kid)

    def _mint(self, live: Live, audience: str, signing: SigningKey) -> str:
        wrap_kid, wrap_key = self._parts.keyring.wrap_key(audience)
        grant = Grant(
            issuer=self._parts.settings.origin,
            audience=audience,
            member=live.member,
            device=live.keys.for_audience(audience),
            amr=live.amr,
            epoch=live.user.epoch,
        )
        now = int(self._parts.clock.now())
        return mint(grant, signing, WrapKey(wrap_kid, wrap_key), now=now)
