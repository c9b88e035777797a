"""How services reach each other: in this process by value, or where their URL says.

The one rule of shapes: what is not served here runs where its URL says. No code asks which shape it
is in.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import msgspec

from backend.auth.contract import JWKS_PATH, Auth, Delegate, GetJwks
from backend.community.contract import Communities
from backend.kit.callers import Service, Visitor
from backend.kit.clock import Clock
from backend.kit.http.calling import Transport, calling, fetch
from backend.kit.ids import SessionId
from backend.kit.keyring import Keyring
from backend.kit.local import local
from backend.kit.settings import SettingError, Settings, variable_of
from backend.kit.tokens.papers import Delegations, Papers
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.services import ServiceSigner
from backend.messaging.contract import Messaging
from backend.profiles.contract import Profiles

CONTRACTS: dict[str, type] = {
    "auth": Auth,
    "profiles": Profiles,
    "messaging": Messaging,
    "community": Communities,
}

LAMBDA = "lambda:"
"""Begins the URL of a service that runs as functions; the name of one of them follows."""


class Peers:
    """The services of a house as one of them, or the UI, may call them."""

    def __init__(self, doors: "Doors", identity: str) -> None:
        self._doors = doors
        self._identity = identity

    @property
    def auth(self) -> Auth:
        return cast("Auth", self._door("auth"))

    @property
    def profiles(self) -> Profiles:
        return cast("Profiles", self._door("profiles"))

    @property
    def messaging(self) -> Messaging:
        return cast("Messaging", self._door("messaging"))

    @property
    def community(self) -> Communities:
        return cast("Communities", self._door("community"))

    def _door(self, service: str) -> object:
        return self._doors.open(service, self._identity)


class Doors:
    """The doors between services, opened when they are first used."""

    def __init__(
        self, settings: Settings, keyring: Keyring, clock: Clock, revocations: Revocations
    ) -> None:
        self.services: dict[str, Any] = {}
        """What is served here."""
        self._settings = settings
        self._keyring = keyring
        self._clock = clock
        self._revocations = revocations
        self._opened: dict[tuple[str, str], object] = {}
        self._transports: dict[str, Transport] = {}
        self._sessions: list[Any] = []

    def open(self, service: str, identity: str) -> object:
        """One service's contract as `identity` may call it."""
        key = (service, identity)
        if key not in self._opened:
            self._opened[key] = self._open(service, identity)
        return self._opened[key]

    async def published_keys(self) -> Mapping[str, Any]:
        """The JWK set of auth."""
        if "auth" in self.services:
            published = await self.services["auth"].get_jwks(Visitor(network="house"), GetJwks())
            return cast("dict[str, Any]", msgspec.to_builtins(published))
        return await fetch(self._transport(self._url("auth")), JWKS_PATH)

    async def close(self) -> None:
        """Give the connections back."""
        for session in self._sessions:
            await session.close()

    def _open(self, service: str, identity: str) -> object:
        if service in self.services:
            return local(CONTRACTS[service], self.services[service], identity=identity)
        url = self._url(service)

        def signer() -> ServiceSigner:
            # Asked for each request: identities follow each other while the process goes on.
            return ServiceSigner(self._keyring.identity(identity), self._clock)

        papers = Papers(signer, service, self._delegations(identity))
        contract: type[object] = CONTRACTS[service]
        return calling(contract, self._transport(url), papers)

    def _url(self, service: str) -> str:
        url = self._settings.url_of(service)
        if not url:
            raise SettingError(f"{variable_of(f'{service}_url')} must say where {service} runs.")
        return url

    def _delegations(self, identity: str) -> Delegations:
        async def ask(session_id: SessionId, audience: str, kid: str) -> tuple[str, int]:
            wanted = {"session_id": session_id, "aud": audience, "kid": kid}
            request = msgspec.convert(wanted, Delegate)
            answer = await Peers(self, identity).auth.delegate(Service(name=identity), request)
            return answer.token, answer.expires_at

        delegations = Delegations(ask, self._clock)
        self._revocations.listen_to_marks(delegations.on_ended)
        return delegations

    def _transport(self, url: str) -> Transport:
        if url not in self._transports:
            self._transports[url] = self._open_transport(url)
        return self._transports[url]

    def _open_transport(self, url: str) -> Transport:
        # Each way is imported when it is gone: a function pays for no HTTP client it never uses.
        if url.startswith(LAMBDA):
            opening = import_module("backend.kit.lambdas.opening")
            return cast("Transport", opening.open_function(url))
        http = import_module("backend.kit.http.client")
        session = http.open_session(url)
        self._sessions.append(session)
        return cast("Transport", http.HttpTransport(url, session))
