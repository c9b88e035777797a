"""What of auth is HTTP in itself: guards by cookie and proof, the cookie, and the JWK set."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

import msgspec

from backend.auth.contract import (
    Admission,
    Applicant,
    Archive,
    Auth,
    Bot,
    Confirmed,
    GetJwks,
    Held,
    Holder,
    InvalidGrantError,
    Jwks,
    Keyholder,
    Leaver,
    MailSent,
    NotForBotsError,
    ProofKeys,
    Recipient,
    ReuseDetectedError,
    Sealed,
    SignedIn,
    SignedOut,
    StepUpRequiredError,
)
from backend.auth.replies import Admitted, RefreshCookie, accepted, archive, jwks
from backend.kit import logs
from backend.kit.callers import Member, Visitor
from backend.kit.errors import CrossOriginError, UnauthenticatedError
from backend.kit.http.answering import Answers, Guards
from backend.kit.http.openapi import Bodies, Body
from backend.kit.http.requests import RawRequest
from backend.kit.ids import UserId
from backend.kit.parts import Parts
from backend.kit.tokens.errors import ForeignProofError, ForgedProofError, ProofRequiredError
from backend.kit.tokens.members import MemberVerifier, Proven, claim_of
from backend.kit.tokens.nonces import HEADER as NONCE_HEADER, nonces_of
from backend.kit.tokens.proofs import HEADER, DeviceKey, ProofVerifier, read_kid
from backend.kit.tokens.published import PublishedKeys
from backend.kit.values import Nothing

OPEN_TO_BOTS = frozenset({"/auth/v1/session", "/auth/v1/tickets"})
"""Of what members may ask auth for, all that a bot may. Its secret lies in a file on some server:
whoever finds it must not be able to do anything to the bot's account that outlives a new secret,
nor to its owner's. What is added to auth later is closed to bots until it is said here."""
STEP_UP_SECONDS = 600
"""How long a proof of who somebody is counts for what could take their account away."""


class Door(Auth, ProofKeys, Protocol):
    """The service, and what its guards ask it for."""


def guards(service: Door, parts: Parts) -> Guards:
    """How each kind of caller of auth is proven."""
    doors = _Doors(service, parts)
    return {
        Member: doors.member,
        Recipient: doors.recipient,
        Confirmed: doors.confirmed,
        Applicant: doors.applicant,
        Bot: doors.bot,
        Holder: doors.holder,
        Keyholder: doors.keyholder,
        Leaver: doors.leaver,
    }


def answers(service: Door, parts: Parts) -> Answers:  # noqa: ARG001 - asked of every api
    """Answers that come with a cookie."""
    cookie = RefreshCookie(is_https=parts.settings.is_https)
    return {
        Admission: cookie.admitted,
        SignedIn: cookie.signed_in,
        SignedOut: cookie.signed_out,
        Archive: archive,
        MailSent: accepted,
        Jwks: jwks,
    }


def bodies(service: Door, parts: Parts) -> Bodies:  # noqa: ARG001 - asked of every api
    """What is in the bodies of those answers."""
    return {
        Admission: Body(Admitted),
        SignedIn: Body(Sealed),
        SignedOut: Body(Nothing),
        MailSent: Body(MailSent, status=202),
        Archive: Body(bytes, is_enveloped=False, media_type="application/zip"),
        Jwks: Body(Jwks, is_enveloped=False),
    }


class _Doors:
    """The guards of auth. All of them want a proof with a nonce, except for leaving."""

    def __init__(self, service: Door, parts: Parts) -> None:
        nonces = self._nonces = nonces_of(parts.keyring, parts.clock)
        self._service = service
        self._origin = parts.settings.origin
        self._clock = parts.clock
        cookie = RefreshCookie(is_https=parts.settings.is_https)
        self._cookie, self._known = cookie.name, cookie.known_name
        self._proofs = ProofVerifier(
            "auth", ephemera=parts.ephemera, clock=parts.clock, nonces=nonces
        )
        self._members = MemberVerifier(
            audience="auth",
            public_origin=self._origin,
            wrap_keys=parts.keyring.wrap_keys("auth"),
            signing_keys=PublishedKeys(self._published_keys, parts.clock, parts.revocations),
            ephemera=parts.ephemera,
            revocations=parts.revocations,
            clock=parts.clock,
            nonces=nonces,
        )

    async def member(self, request: RawRequest) -> Member:
        """A member, who is a person unless bots may come here too."""
        return (await self._prove_member(request)).member

    async def recipient(self, request: RawRequest) -> Recipient:
        """A member, and the name of their request."""
        proven = await self._prove_member(request)
        return Recipient(member=proven.member, jti=proven.jti)

    async def confirmed(self, request: RawRequest) -> Confirmed:
        """A member who is not merely signed in, but was there a moment ago."""
        proven = await self._prove_member(request)
        age = self._clock.now() - proven.member.auth_time
        if age > STEP_UP_SECONDS or proven.member.acr == "low":
            raise StepUpRequiredError
        return Confirmed(member=proven.member, jti=proven.jti)

    async def applicant(self, request: RawRequest) -> Applicant:
        """Whoever began, and nobody who merely knows what the beginning is called."""
        if not request.headers.get(HEADER):
            raise ProofRequiredError
        preauth_id = request.path_params["preauth_id"]
        device = await self._service.get_applicant_key(preauth_id)
        try:
            jti = await self._prove(request, device)
        except ForgedProofError:
            # Only a forgery that names this beginning's own key counts. A proof by a foreign key
            # says nothing about the owner, and must not let a stranger burn what they began.
            await self._service.count_bad_proof(preauth_id)
            raise
        return Applicant(
            preauth_id=preauth_id,
            jti=jti,
            network=request.network,
            has_to_wait="sosa_later" in request.cookies,
            known_device=request.cookies.get(self._known, ""),
        )

    async def bot(self, request: RawRequest) -> Bot:
        """A bot, by the keys of its secret.

        Wrong proofs are not counted: ids are public, and nobody is to keep another's bot out.
        """
        if not request.headers.get(HEADER):
            raise ProofRequiredError
        bot_id = request.path_params["bot_id"]
        key = await self._service.get_bot_key(bot_id)
        logs.concern(bot_id)
        jti = await self._prove(request, key.device)
        return Bot(bot_id=UserId(bot_id), device_id=key.device_id, jti=jti)

    async def holder(self, request: RawRequest) -> Holder:
        """The device that the refresh cookie was given to."""
        held, jti = await self._held_and_proven(request)
        return Holder(session_id=held.session_id, refresh_hash=held.refresh_hash, jti=jti)

    async def keyholder(self, request: RawRequest) -> Keyholder:
        """A device, by nothing but its keys.

        Its proof says which device it is of: there is no cookie, token or path that would.
        """
        proof = request.headers.get(HEADER)
        if not proof:
            raise ProofRequiredError
        key = await self._service.get_device_key(read_kid(proof))
        jti = await self._prove(request, key.device)
        return Keyholder(device_id=key.device_id, jti=jti)

    async def leaver(self, request: RawRequest) -> Leaver:
        """A device with its cookie, or the cookie alone when a page of ours sent it.

        A page of another site cannot make a browser say our Origin, so it cannot sign anyone out.
        """
        if request.headers.get("origin") != self._origin:
            if self._cookie in request.cookies and not request.headers.get(HEADER):
                raise CrossOriginError("We only sign you out when a page of ours asks.")
            held, _ = await self._held_and_proven(request)
            return Leaver(session_id=held.session_id)
        try:
            held = await self._held(request)
        except UnauthenticatedError:
            return Leaver(session_id=None)
        return Leaver(session_id=held.session_id)

    async def _prove_member(self, request: RawRequest) -> Proven:
        proven = await self._members.prove(request)
        if "bot" in proven.member.roles and request.path not in OPEN_TO_BOTS:
            raise NotForBotsError
        return proven

    async def _published_keys(self) -> Mapping[str, Any]:
        jwks = await self._service.get_jwks(Visitor(network="house"), GetJwks())
        return cast("dict[str, Any]", msgspec.to_builtins(jwks))

    async def _held_and_proven(self, request: RawRequest) -> tuple[Held, str]:
        if not request.headers.get(HEADER):
            raise ProofRequiredError
        held = await self._held(request)
        try:
            return held, await self._prove(request, held.device)
        except (ForgedProofError, ForeignProofError):
            # The cookie is in other hands than the keys. Whoever it is, the session is not theirs
            # alone.
            await self._service.report_stolen(held.session_id)
            raise ReuseDetectedError from None

    async def _held(self, request: RawRequest) -> Held:
        token = request.cookies.get(self._cookie)
        if not token:
            raise InvalidGrantError
        return await self._service.get_held(token)

    async def _prove(self, request: RawRequest, device: DeviceKey) -> str:
        claim = claim_of(request, self._origin)
        jti = await self._proofs.verify(request.headers.get(HEADER), device, claim)
        request.answer_headers[NONCE_HEADER] = self._nonces.fresh(device.kid)
        return jti
