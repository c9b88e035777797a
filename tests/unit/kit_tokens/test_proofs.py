"""Attacks 7, 14 to 30, 36 and 37 of docs/security.md, on the verifier itself."""

import asyncio
import hmac
import json
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.ephemera import InProcessEphemera
from backend.kit.tokens.errors import (
    ForeignProofError,
    ForgedProofError,
    InvalidProofError,
    ProofRequiredError,
    ReplayedProofError,
    StaleProofError,
    UseNonceError,
)
from backend.kit.tokens.nonces import Nonces
from backend.kit.tokens.proofs import Claim, DeviceKey, ProofVerifier, hashed, make_proof
from tests.device import b64, new_jti, sign

DEVICE = DeviceKey("kid-1", b"k" * 32)
CLAIM = Claim("POST", "https://sosa.example/a", query=b"x=1", body=b"{}", presented="token")
HEADER = {"typ": "sosa-proof+jwt", "alg": "HS256", "kid": "kid-1"}


@pytest.fixture
def verifier(clock: ManualClock) -> ProofVerifier:
    return ProofVerifier("profiles", ephemera=InProcessEphemera(clock), clock=clock)


@pytest.fixture
def careful(clock: ManualClock) -> ProofVerifier:
    nonces = Nonces(lambda: (b"n" * 32,), clock)
    return ProofVerifier("auth", ephemera=InProcessEphemera(clock), clock=clock, nonces=nonces)


def claims(clock: ManualClock, **changed: Any) -> dict[str, Any]:
    good = {
        "aud": "profiles",
        "htm": "POST",
        "htu": "https://sosa.example/a",
        "qh": hashed(b"x=1"),
        "bh": hashed(b"{}"),
        "ath": hashed("token"),
        "iat": int(clock.now()),
        "jti": new_jti(),
    }
    return {name: value for name, value in (good | changed).items() if value is not ...}


def forge(clock: ManualClock, header: dict[str, Any] | None = None, **changed: Any) -> str:
    return sign(claims(clock, **changed), DEVICE.key, DEVICE.kid, header)


async def test_a_proof_of_this_request_is_taken(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    proof = make_proof(DEVICE, "profiles", CLAIM, now=int(clock.now()))
    assert await verifier.verify(proof, DEVICE, CLAIM)
    assert await verifier.verify(forge(clock), DEVICE, CLAIM)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"htm": "GET"}, id="18-htm"),
        pytest.param({"htm": "post"}, id="18-htm-case"),
        pytest.param({"htu": "https://sosa.example/b"}, id="19-htu-path"),
        pytest.param({"htu": "https://evil.example/a"}, id="19-htu-host"),
        pytest.param({"htu": "https://sosa.example/a?x=1"}, id="19-htu-query"),
        pytest.param({"bh": hashed(b"{} ")}, id="22-body-changed"),
        pytest.param({"bh": ...}, id="23-bh-missing"),
        pytest.param({"qh": hashed(b"x=2")}, id="24-query-changed"),
        pytest.param({"qh": ...}, id="24-query-added"),
        pytest.param({"ath": hashed("another")}, id="25-ath-of-another"),
        pytest.param({"ath": ...}, id="25-ath-missing"),
        pytest.param({"aud": "messaging"}, id="37-aud"),
        pytest.param({"aud": ["profiles"]}, id="37-aud-list"),
        pytest.param({"cn": "challenge"}, id="cn-without-socket"),
        pytest.param({"jti": ...}, id="jti-missing"),
        pytest.param({"jti": "a" * 15}, id="jti-short"),
        pytest.param({"jti": "a" * 65}, id="jti-long"),
        pytest.param({"jti": "a" * 15 + "\n"}, id="jti-odd"),
        pytest.param({"jti": 1234567890123456}, id="jti-number"),
        pytest.param({"iat": ...}, id="28-iat-missing"),
        pytest.param({"iat": "1800000000"}, id="28-iat-text"),
        pytest.param({"iat": 1_800_000_000.0}, id="28-iat-float"),
        pytest.param({"iat": True}, id="28-iat-bool"),
        pytest.param({"htm": ..., "htu": ...}, id="18-no-request"),
    ],
)
async def test_a_proof_of_anything_else_is_refused(
    verifier: ProofVerifier, clock: ManualClock, changed: dict[str, Any]
) -> None:
    with pytest.raises(InvalidProofError):
        await verifier.verify(forge(clock, **changed), DEVICE, CLAIM)


@pytest.mark.parametrize("iat", ["NaN", "1e400", "-Infinity", "1" * 5000])
async def test_a_time_that_is_no_number_is_refused(
    verifier: ProofVerifier, clock: ManualClock, iat: str
) -> None:
    text = json.dumps(claims(clock)).replace(str(int(clock.now())), iat)
    with pytest.raises(InvalidProofError):
        await verifier.verify(_signed(text), DEVICE, CLAIM)


async def test_a_claim_that_came_twice_is_refused(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    text = json.dumps(claims(clock))
    doubled = text.replace("{", '{"htm": "GET", ', 1)
    assert await verifier.verify(_signed(text), DEVICE, CLAIM)
    with pytest.raises(InvalidProofError):
        await verifier.verify(_signed(doubled), DEVICE, CLAIM)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({**HEADER, "alg": "none"}, id="14-none"),
        pytest.param({**HEADER, "alg": "HS512"}, id="15-HS512"),
        pytest.param({**HEADER, "alg": "RS256"}, id="15-RS256"),
        pytest.param({**HEADER, "alg": "EdDSA"}, id="15-EdDSA"),
        *[
            pytest.param({**HEADER, name: value}, id=f"16-{name}")
            for name, value in {
                "jwk": {"kty": "oct", "k": "a"},
                "jku": "https://evil.example",
                "x5u": "https://evil.example",
                "crit": ["b64"],
                "b64": False,
                "zip": "DEF",
            }.items()
        ],
        pytest.param({**HEADER, "typ": "JWT"}, id="17-JWT"),
        pytest.param({**HEADER, "typ": "dpop+jwt"}, id="17-dpop"),
        pytest.param({**HEADER, "typ": "at+jwt"}, id="17-at"),
        pytest.param({"alg": "HS256", "kid": "kid-1"}, id="17-no-typ"),
    ],
)
async def test_another_header_is_refused(
    verifier: ProofVerifier, clock: ManualClock, header: dict[str, Any]
) -> None:
    assert await verifier.verify(forge(clock, HEADER), DEVICE, CLAIM)
    with pytest.raises(InvalidProofError):
        await verifier.verify(forge(clock, header), DEVICE, CLAIM)


async def test_a_forgery_under_the_right_kid_is_told_apart(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    with pytest.raises(ForgedProofError) as caught:
        await verifier.verify(sign(claims(clock), b"x" * 32, "kid-1"), DEVICE, CLAIM)
    assert caught.value.code == "invalid_proof"


async def test_the_key_of_another_device_is_told_apart(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    with pytest.raises(ForeignProofError) as caught:
        await verifier.verify(sign(claims(clock), DEVICE.key, "kid-2"), DEVICE, CLAIM)
    assert caught.value.code == "invalid_proof"


@pytest.mark.parametrize("proof", [None, ""])
async def test_no_proof_is_not_a_wrong_proof(verifier: ProofVerifier, proof: str | None) -> None:
    with pytest.raises(ProofRequiredError):
        await verifier.verify(proof, DEVICE, CLAIM)


async def test_no_mutant_of_a_proof_is_taken(verifier: ProofVerifier, clock: ManualClock) -> None:
    good = forge(clock)
    for place in range(len(good)):
        mutant = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(InvalidProofError):
            await verifier.verify(mutant, DEVICE, CLAIM)
    assert await verifier.verify(good, DEVICE, CLAIM)


@pytest.mark.parametrize(
    ("age", "is_fresh"),
    [(60, True), (61, False), (62, False), (-60, True), (-61, False), (-120, False)],
)
async def test_26_27_a_proof_is_good_for_a_minute_either_way(
    verifier: ProofVerifier, clock: ManualClock, *, age: int, is_fresh: bool
) -> None:
    proof = forge(clock, iat=int(clock.now()) - age)
    if is_fresh:
        assert await verifier.verify(proof, DEVICE, CLAIM)
        return
    with pytest.raises(StaleProofError) as caught:
        await verifier.verify(proof, DEVICE, CLAIM)
    assert caught.value.data() == {"server_time": int(clock.now())}


async def test_30_a_proof_is_good_once_for_as_long_as_it_could_be_good(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    proof = forge(clock, iat=int(clock.now()) + 60)
    await verifier.verify(proof, DEVICE, CLAIM)
    clock.advance(120)
    with pytest.raises(ReplayedProofError):
        await verifier.verify(proof, DEVICE, CLAIM)
    clock.advance(1)
    with pytest.raises(StaleProofError):
        await verifier.verify(proof, DEVICE, CLAIM)


async def test_30_of_ten_at_once_one_is_taken(verifier: ProofVerifier, clock: ManualClock) -> None:
    proof = forge(clock)
    results = await asyncio.gather(
        *(verifier.verify(proof, DEVICE, CLAIM) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, ReplayedProofError) for result in results) == 9


class Down(InProcessEphemera):
    """Replay marks that cannot be reached."""

    async def add(self, key: str, value: bytes, ttl_seconds: float) -> bool:
        raise ConnectionError


async def test_36_without_replay_marks_nothing_is_taken(clock: ManualClock) -> None:
    verifier = ProofVerifier("profiles", ephemera=Down(clock), clock=clock)
    with pytest.raises(ConnectionError):
        await verifier.verify(forge(clock), DEVICE, CLAIM)


async def test_29_auth_wants_a_nonce_of_this_device_and_of_now(
    careful: ProofVerifier, clock: ManualClock
) -> None:
    fresh = Nonces(lambda: (b"n" * 32,), clock).fresh("kid-1")
    foreign = Nonces(lambda: (b"n" * 32,), clock).fresh("kid-2")
    assert await careful.verify(forge(clock, aud="auth", nonce=fresh), DEVICE, CLAIM)
    for nonce in (..., foreign, "", 5, "é"):
        with pytest.raises(UseNonceError) as caught:
            await careful.verify(forge(clock, aud="auth", nonce=nonce), DEVICE, CLAIM)
        assert caught.value.headers()["Sosa-Nonce"] == fresh
    clock.advance(300)
    assert await careful.verify(forge(clock, aud="auth", nonce=fresh), DEVICE, CLAIM)
    clock.advance(300)
    with pytest.raises(UseNonceError):
        await careful.verify(forge(clock, aud="auth", nonce=fresh), DEVICE, CLAIM)


async def test_29_a_nonce_is_not_for_whoever_lacks_the_key(
    careful: ProofVerifier, clock: ManualClock
) -> None:
    with pytest.raises(ForgedProofError) as caught:
        await careful.verify(sign(claims(clock, aud="auth"), b"x" * 32, "kid-1"), DEVICE, CLAIM)
    assert "Sosa-Nonce" not in caught.value.headers()


async def test_a_socket_proof_speaks_of_its_challenge(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    claim = Claim("WS", "https://sosa.example/live", presented="ticket", cn="challenge")
    now = int(clock.now())
    other = Claim("WS", claim.htu, presented="ticket", cn="other")
    assert await verifier.verify(make_proof(DEVICE, "profiles", claim, now=now), DEVICE, claim)
    with pytest.raises(InvalidProofError):
        await verifier.verify(make_proof(DEVICE, "profiles", other, now=now), DEVICE, claim)


async def test_what_is_signed_and_no_object_is_refused(verifier: ProofVerifier) -> None:
    with pytest.raises(InvalidProofError):
        await verifier.verify(_signed("[]"), DEVICE, CLAIM)


async def test_a_bare_request_needs_a_bare_proof(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    bare = Claim("GET", "https://sosa.example/a")
    assert await verifier.verify(
        make_proof(DEVICE, "profiles", bare, now=int(clock.now())), DEVICE, bare
    )
    with pytest.raises(InvalidProofError):
        await verifier.verify(forge(clock, htm="GET"), DEVICE, bare)


def test_a_proof_can_carry_a_nonce(clock: ManualClock) -> None:
    assert make_proof(DEVICE, "auth", CLAIM, now=1, nonce="n").count(".") == 2


def test_its_text_shows_no_key() -> None:
    assert "kkkk" not in repr(DEVICE)
    assert "token" not in repr(CLAIM)


def _signed(text: str) -> str:

    head = f"{b64(json.dumps(HEADER).encode())}.{b64(text.encode())}"
    return f"{head}.{b64(hmac.digest(DEVICE.key, head.encode(), 'sha256'))}"
