"""The cast: three members with devices of their own, and how each proves itself over HTTP."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.auth.contract import UserRegistered
from backend.kit.callers import Member, Service
from backend.kit.clock import Clock
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.keyring import Keyring
from backend.kit.settings import Settings
from backend.kit.tokens import access
from backend.kit.tokens.access import Grant, SigningKey, WrapKey
from backend.kit.tokens.members import SCHEME
from backend.kit.tokens.nonces import nonces_of
from backend.kit.tokens.proofs import HEADER, Claim, DeviceKey, make_proof
from backend.kit.tokens.schedule import Leaves, derive
from backend.kit.tokens.services import ServiceSigner


@dataclass(frozen=True, slots=True)
class Actor:
    """A member with one device."""

    username: str
    member: Member
    leaves: Leaves = field(repr=False)
    tokens: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Access tokens by audience, of those who really registered."""

    @property
    def user_id(self) -> UserId:
        return self.member.user_id

    @property
    def registered(self) -> UserRegistered:
        """The event of their registration."""
        return UserRegistered(user_id=self.user_id, username=self.username)

    def device(self, audience: str) -> DeviceKey:
        return DeviceKey(self.leaves.kid, self.leaves.proof_keys[audience])


def actor(username: str) -> Actor:
    """Somebody of that name, always the same."""
    seed = hashlib.sha256(username.encode()).digest()
    name = f"{seed.hex()[:8]}-0000-7000-8000-{seed.hex()[8:20]}"
    return Actor(
        username=username,
        member=Member(
            user_id=UserId(name),
            session_id=SessionId(f"session-{username}"),
            device_id=DeviceId(f"device-{username}"),
            roles=(),
            acr="std",
            auth_time=1_799_999_000,
        ),
        leaves=derive(seed, hashlib.sha256(seed).digest()),
    )


CAST = {name: actor(name) for name in ("ada", "ben", "cleo")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a caller sends along: the credentials of the derived client."""

    audience: str
    identity: str
    settings: Settings
    keyring: Keyring
    signing: SigningKey
    clock: Clock
    actors: Mapping[DeviceId, Actor]
    """Those who may be a caller, by their device."""

    def headers(
        self, caller: object, method: str, path: str, query: str, body: bytes
    ) -> dict[str, str]:
        if isinstance(caller, Service):
            signer = ServiceSigner(self.keyring.identity(self.identity), self.clock)
            return signer.headers(self.audience, method, path, query=query.encode(), body=body)
        if isinstance(caller, Member):
            return self._member(
                caller, Claim(method, self.settings.origin + path, query.encode(), body)
            )
        return {}

    def _member(self, member: Member, claim: Claim) -> dict[str, str]:
        actor = self.actors[member.device_id]
        device = actor.device(self.audience)
        token = actor.tokens.get(self.audience) or self._token(member, device)
        presented = Claim(claim.htm, claim.htu, claim.query, claim.body, presented=token)
        # Auth alone wants a nonce in a proof. It remembers none, so any that fits is good.
        nonces = nonces_of(self.keyring, self.clock)
        nonce = nonces.fresh(device.kid) if self.audience == "auth" else None
        now = int(self.clock.now())
        proof = make_proof(device, self.audience, presented, now=now, nonce=nonce)
        return {"Authorization": f"{SCHEME} {token}", HEADER: proof}

    def _token(self, member: Member, device: DeviceKey) -> str:
        """An access token for the audience, as auth would give it."""
        grant = Grant(
            issuer=self.settings.origin,
            audience=self.audience,
            member=member,
            device=device,
            amr=("pwd",),
            epoch=1,
        )
        kid, key = list(self.keyring.wrap_keys(self.audience).items())[-1]
        return access.mint(grant, self.signing, WrapKey(kid, key), now=int(self.clock.now()))
