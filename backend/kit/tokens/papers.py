"""What a service shows when it calls another: its identity, and on behalf of whom."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from backend.kit.callers import Member, Service
from backend.kit.clock import Clock
from backend.kit.ids import SessionId, UserId
from backend.kit.tokens.delegation import HEADER
from backend.kit.tokens.revocations import Mark, epoch_owner, names_key
from backend.kit.tokens.services import ServiceSigner

Ask = Callable[[SessionId, str, str], Awaitable[tuple[str, int]]]
"""Asks auth for a delegation (session, audience, kid); returns the token and when it ends."""
MAX_KEPT = 10_000
SPARE_SECONDS = 10


@dataclass(slots=True)
class Delegations:
    """The delegations of one service, kept while they are good."""

    ask: Ask
    clock: Clock
    _kept: OrderedDict[tuple[SessionId, str, str], tuple[str, int, UserId]] = field(
        default_factory=OrderedDict[tuple[SessionId, str, str], tuple[str, int, UserId]], repr=False
    )

    async def get(self, member: Member, audience: str, kid: str) -> str:
        """A token with which to act for the member at a service. Raises NotFoundError.

        It is bound to the identity `kid`: one for the key before is no good beside the next.
        """
        key = (member.session_id, audience, kid)
        token, expires_at, _ = self._kept.get(key, ("", 0, member.user_id))
        if expires_at - SPARE_SECONDS <= self.clock.now():
            token, expires_at = await self.ask(member.session_id, audience, kid)
            self._kept[key] = (token, expires_at, member.user_id)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return token

    def on_ended(self, mark: Mark) -> None:
        """Forget what is refused from now on, as `Revocations.listen_to_marks` tells it."""
        owner = epoch_owner(mark)
        for key, (_, _, user_id) in tuple(self._kept.items()):
            if owner == user_id or names_key(mark):
                del self._kept[key]


@dataclass(frozen=True, slots=True)
class Papers:
    """The credentials of one service towards another."""

    signer: Callable[[], ServiceSigner]
    """Signs with the identity of now."""
    audience: str
    delegations: Delegations

    async def headers(
        self, caller: object, method: str, path: str, query: str, body: bytes
    ) -> dict[str, str]:
        """Who calls, for this one request. A visitor shows nothing."""
        if not isinstance(caller, Member | Service):
            return {}
        signer = self.signer()
        signed = signer.headers(self.audience, method, path, query=query.encode(), body=body)
        if isinstance(caller, Member):
            kid = signer.identity.kid
            signed[HEADER] = await self.delegations.get(caller, self.audience, kid)
        return signed
