"""The guard of members: an access token and a proof by the device it was given to."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kit import logs
from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.ephemera import Ephemera
from backend.kit.http.requests import RawRequest
from backend.kit.tokens import access
from backend.kit.tokens.access import AccessToken
from backend.kit.tokens.errors import InvalidTokenError, ProofRequiredError, TokenRequiredError
from backend.kit.tokens.nonces import HEADER as NONCE_HEADER, Nonces
from backend.kit.tokens.proofs import HEADER, Claim, ProofVerifier
from backend.kit.tokens.published import PublishedKeys
from backend.kit.tokens.revocations import Revocations

SCHEME = "SoSa"
"""Not `Bearer`: a consumer that knows only bearer tokens must fail, not forget to ask for the
proof."""
CACHED_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class Proven:
    """A member and the request they proved."""

    member: Member
    kid: str
    """The device's key."""
    jti: str
    """The request's name; a sealed answer repeats it."""
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberVerifier:
    """Proves the Member behind a request to one service, with no call to auth.

    The signature and the wrapped key of a token are looked at once and remembered; its time and
    whether its session was revoked are asked on every request, and so is every proof.
    """

    audience: str
    public_origin: str
    wrap_keys: Mapping[str, bytes] = field(repr=False)
    signing_keys: PublishedKeys
    ephemera: Ephemera
    revocations: Revocations
    clock: Clock
    nonces: Nonces | None = None
    """Where proofs must carry a nonce: at auth."""
    _known: OrderedDict[bytes, tuple[AccessToken, Ed25519PublicKey]] = field(
        default_factory=OrderedDict[bytes, tuple[AccessToken, Ed25519PublicKey]],
        repr=False,
    )

    async def __call__(self, request: RawRequest) -> Member:
        """The member. Raises the errors of `backend.kit.tokens.errors`."""
        return (await self.prove(request)).member

    async def prove(self, request: RawRequest) -> Proven:
        """The member and what they proved it with."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != SCHEME or not token:
            raise TokenRequiredError
        proof = request.headers.get(HEADER)
        if not proof:
            raise ProofRequiredError
        known = await self._verified(token)
        # Also where the proof will be refused: then somebody else may have their token.
        logs.concern(known.member.user_id)
        proofs = ProofVerifier(
            self.audience, ephemera=self.ephemera, clock=self.clock, nonces=self.nonces
        )
        claim = claim_of(request, self.public_origin, presented=token)
        jti = await proofs.verify(proof, known.device, claim)
        if self.nonces:
            request.answer_headers[NONCE_HEADER] = self.nonces.fresh(known.device.kid)
        return Proven(member=known.member, kid=known.device.kid, jti=jti, amr=known.amr)

    async def _verified(self, token: str) -> AccessToken:
        if len(token) > access.MAX_CHARS:
            raise InvalidTokenError
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        cached = self._known.get(digest)
        kid = cached[0].kid if cached else access.read_kid(token)
        key = await self.signing_keys.find(kid)
        if key is None:
            raise InvalidTokenError
        if cached and cached[1] is not key and cached[1] != key:
            cached = None
        found = cached[0] if cached else self._verify(token, key)
        self._check(found)
        self._remember(digest, found, key)
        return found

    def _verify(self, token: str, key: Ed25519PublicKey) -> AccessToken:
        return access.verify(
            token,
            key,
            issuer=self.public_origin,
            audience=self.audience,
            wrap_keys=self.wrap_keys,
        )

    def _check(self, token: AccessToken) -> None:
        access.check_time(token, self.clock.now())
        member = token.member
        if self.revocations.is_dropped(token.kid):
            raise InvalidTokenError
        if self.revocations.is_revoked(member.session_id):
            raise InvalidTokenError
        if self.revocations.is_outdated(member.user_id, token.epoch):
            raise InvalidTokenError

    def _remember(self, digest: bytes, token: AccessToken, key: Ed25519PublicKey) -> None:
        self._known[digest] = (token, key)
        self._known.move_to_end(digest)
        if len(self._known) > CACHED_TOKENS:
            self._known.popitem(last=False)


def claim_of(request: RawRequest, public_origin: str, *, presented: str | None = None) -> Claim:
    """What the proof of a request must speak of."""
    return Claim(
        htm=request.method,
        htu=public_origin + request.path,
        query=request.query,
        body=request.body,
        presented=presented,
    )
