"""Attack 116 of docs/security.md, on the verifier itself: who may act for a member."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kit import logs
from backend.kit.http.requests import RawRequest
from backend.kit.ids import SessionId, UserId
from backend.kit.tokens.access import SigningKey, sign_claims as sign_access
from backend.kit.tokens.delegation import HEADER, DelegateVerifier, Delegation, _jws, mint
from backend.kit.tokens.errors import BadServiceError, InvalidTokenError
from backend.kit.tokens.services import ServiceSigner, ServiceVerifier
from backend.kit.tokens.shape import read_object
from tests.device import unb64
from tests.unit.kit_tokens.bench import ADA, ORIGIN, Bench, payload_of, request

PATH = "/profiles/v1/me"
HEADERS = {"typ": "obo+jwt", "kid": "sign-1"}


def verifier(bench: Bench, audience: str = "profiles") -> DelegateVerifier:
    return DelegateVerifier(
        audience=audience,
        issuer=ORIGIN,
        services=ServiceVerifier(
            audience, bench.keyring.identity_keys(), bench.ephemera, bench.clock
        ),
        signing_keys=bench.keys,
        revocations=bench.revocations,
        clock=bench.clock,
    )


def delegation(bench: Bench, service: str = "ui") -> Delegation:
    kid = bench.keyring.identity(service).kid
    return Delegation(ORIGIN, "profiles", ADA, service, kid, 0)


def minted(bench: Bench, service: str = "ui") -> str:
    return mint(delegation(bench, service), bench.signing, now=bench.now)


def changed(bench: Bench, **claims: Any) -> str:
    """A delegation signed by auth that says something else."""
    merged = payload_of(minted(bench)) | claims
    kept = {name: value for name, value in merged.items() if value is not ...}
    return signed(bench.signing, kept)


def signed(signing: SigningKey, claims: dict[str, Any], **header: Any) -> str:
    payload = msgspec.json.encode(claims)
    return _jws.encode(payload, signing.private_key, "EdDSA", {**HEADERS, **header})


def sent(bench: Bench, token: str | None, service: str = "ui") -> RawRequest:
    """A request of a service that shows this token."""
    signer = ServiceSigner(bench.keyring.identity(service), bench.clock)
    made = signer.headers("profiles", "POST", PATH, body=b"{}")
    shown = {} if token is None else {HEADER: token}
    return request(None, None, headers={"authorization": made["Authorization"], **shown})


async def refused(bench: Bench, token: str | None, service: str = "ui") -> None:
    with pytest.raises(InvalidTokenError):
        await verifier(bench)(sent(bench, token, service))


def test_what_auth_says_is_all_there_is_to_say(bench: Bench) -> None:
    token = minted(bench)
    claims = payload_of(token)
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": ORIGIN,
        "sub": "ada",
        "act": {"sub": "svc:ui"},
        "aud": "profiles",
        "iat": bench.now,
        "exp": bench.now + 60,
        "sid": "s-ada",
        "did": "d-ada",
        "roles": ["moderator"],
        "acr": "std",
        "auth_time": 1_800_000_000,
        "epoch": 0,
        "scope": "member",
        "cnf": {"jkt": bench.keyring.identity("ui").kid},
    }
    header = read_object(unb64(token.split(".")[0]))
    assert header == {"typ": "obo+jwt", "alg": "EdDSA", "kid": "sign-1"}


async def test_a_member_is_who_sent_the_service(bench: Bench) -> None:
    with logs.concerning_nobody():
        assert await verifier(bench)(sent(bench, minted(bench))) == ADA
        assert logs.concerned() == ADA.user_id, "the log of the process can name them"
    assert await verifier(bench)(sent(bench, changed(bench))) == ADA


async def test_116_no_token_is_no_member(bench: Bench) -> None:
    for token in (None, "", "a.b.c", "x" * 3_000):
        await refused(bench, token)


async def test_116_of_all_services_the_ui_alone_acts_for_members(bench: Bench) -> None:
    await refused(bench, minted(bench, "messaging"), "messaging")


async def test_116_without_its_identity_a_service_is_nobody(bench: Bench) -> None:
    with pytest.raises(BadServiceError):
        await verifier(bench)(request(None, None, headers={HEADER: minted(bench)}))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"aud": "messaging"},
        {"aud": ["profiles"]},
        {"act": {"sub": "svc:messaging"}},
        {"act": {"sub": "svc:ui", "act": {"sub": "svc:auth"}}},
        {"act": ...},
        {"cnf": {"jkt": "svc-messaging-1"}},
        {"cnf": {"kid": "svc-ui-1"}},
        {"cnf": ...},
        {"sub": ...},
        {"sub": 7},
        {"sid": ...},
        {"did": None},
        {"acr": ...},
        {"iat": ...},
        {"iat": "1800000000"},
        {"exp": 1_800_000_060.0},
        {"exp": ...},
        {"auth_time": ...},
        {"epoch": True},
        {"roles": "admin"},
        {"roles": ...},
    ],
    ids=str,
)
async def test_116_a_token_that_says_anything_else_is_refused(
    bench: Bench, claims: dict[str, Any]
) -> None:
    await refused(bench, changed(bench, **claims))


@pytest.mark.parametrize(
    ("issued", "is_good"),
    [(-60, False), (-59, True), (0, True), (5, True), (6, False)],
)
async def test_116_it_is_good_for_a_minute(bench: Bench, issued: int, *, is_good: bool) -> None:
    token = changed(bench, iat=bench.now + issued, exp=bench.now + issued + 60)
    if is_good:
        assert await verifier(bench)(sent(bench, token)) == ADA
    else:
        await refused(bench, token)


async def test_116_nobody_but_auth_makes_one(bench: Bench) -> None:
    claims = payload_of(minted(bench))
    attacker = SigningKey("sign-1", Ed25519PrivateKey.generate())
    await refused(bench, signed(attacker, claims))
    await refused(bench, signed(bench.signing, claims, kid="unknown"))
    await refused(bench, signed(bench.signing, claims, typ="at+jwt"))
    await refused(bench, signed(bench.signing, claims, jwk={"kty": "OKP"}))
    await refused(bench, sign_access(claims, bench.signing))
    await refused(bench, bench.token())


async def test_116_what_ended_ends_it_too(bench: Bench) -> None:
    token = minted(bench)
    bench.revocations.revoke_session(SessionId("s-ben"))
    bench.revocations.raise_epoch(UserId("ben"), 9)
    bench.revocations.drop_key("sign-2")
    assert await verifier(bench)(sent(bench, token)) == ADA
    bench.revocations.raise_epoch(ADA.user_id, 1)
    await refused(bench, token)
    newer = mint(replace(delegation(bench), epoch=1), bench.signing, now=bench.now)
    assert await verifier(bench)(sent(bench, newer)) == ADA
    bench.revocations.revoke_session(ADA.session_id)
    await refused(bench, newer)


async def test_116_a_dropped_key_ends_all_of_its_tokens(bench: Bench) -> None:
    bench.revocations.drop_key("sign-1")
    await refused(bench, minted(bench))
