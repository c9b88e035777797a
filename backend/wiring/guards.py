"""Who proves the callers of a service."""

from dataclasses import dataclass

from backend.kit.callers import Member, Service
from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera
from backend.kit.http.answering import Guard, Guards
from backend.kit.http.requests import RawRequest
from backend.kit.keyring import Keyring
from backend.kit.tokens import shape
from backend.kit.tokens.delegation import DelegateVerifier
from backend.kit.tokens.members import MemberVerifier
from backend.kit.tokens.published import PublishedKeys
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.services import SCHEME, ServiceVerifier


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """Makes the guards of services from what the house shares."""

    origin: str
    keyring: Keyring
    signing_keys: PublishedKeys
    ephemera: Ephemera
    revocations: Revocations
    clock: Clock

    def guards(self, service: str, own: Guards) -> Guards:
        """The guards of a service; those it brings itself come before ours.

        A member comes in person or sends a service, wherever members may come.
        """
        guards = {Member: self._members(service), Service: self._services(service), **own}
        return {**guards, Member: _either(guards[Member], self._delegates(service))}

    def _members(self, service: str) -> MemberVerifier:
        return MemberVerifier(
            audience=service,
            public_origin=self.origin,
            wrap_keys=self.keyring.wrap_keys(service),
            signing_keys=self.signing_keys,
            ephemera=self.ephemera,
            revocations=self.revocations,
            clock=self.clock,
        )

    def _services(self, service: str) -> ServiceVerifier:
        return ServiceVerifier(service, self.keyring.identity_keys(), self.ephemera, self.clock)

    def _delegates(self, service: str) -> DelegateVerifier:
        return DelegateVerifier(
            audience=service,
            issuer=self.origin,
            services=self._services(service),
            signing_keys=self.signing_keys,
            revocations=self.revocations,
            clock=self.clock,
        )


def _either(member: Guard, delegate: Guard) -> Guard:
    """Members come themselves, or send a service. The scheme says which; there is no second try."""

    async def guard(request: RawRequest) -> object:
        sent = shape.credentials(request.headers.get("authorization"), SCHEME)
        return await (member if sent is None else delegate)(request)

    return guard
