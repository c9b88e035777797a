"""What a proof says, held against an implementation that is not the kit's."""

from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.ephemera import InProcessEphemera
from backend.kit.tokens.errors import InvalidProofError, ReplayedProofError
from backend.kit.tokens.proofs import Claim, DeviceKey, ProofVerifier, make_proof
from tests.device import hashed, new_jti, sign
from tests.unit.kit_tokens.bench import payload_of

DEVICE = DeviceKey("kid-1", b"k" * 32)
BARE = Claim("GET", "https://sosa.example/a")
SOCKET = Claim("WS", "https://sosa.example/live", presented="ticket", cn="challenge")


@pytest.fixture
def verifier(clock: ManualClock) -> ProofVerifier:
    return ProofVerifier("profiles", ephemera=InProcessEphemera(clock), clock=clock)


def said(clock: ManualClock, claim: Claim, **more: Any) -> str:
    claims = {"aud": "profiles", "htm": claim.htm, "htu": claim.htu, "iat": int(clock.now())}
    return sign({**claims, "jti": new_jti(), **more}, DEVICE.key, DEVICE.kid)


@pytest.mark.parametrize("name", ["qh", "bh", "ath", "cn"])
async def test_what_the_request_does_not_have_its_proof_does_not_name(
    verifier: ProofVerifier, clock: ManualClock, name: str
) -> None:
    assert await verifier.verify(said(clock, BARE), DEVICE, BARE)
    assert await verifier.verify(said(clock, BARE, **{name: None}), DEVICE, BARE)
    for value in ("", hashed(b"")):
        with pytest.raises(InvalidProofError):
            await verifier.verify(said(clock, BARE, **{name: value}), DEVICE, BARE)


async def test_a_socket_names_its_ticket_and_its_challenge(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    good: dict[str, Any] = {"ath": hashed(b"ticket"), "cn": "challenge"}
    assert await verifier.verify(said(clock, SOCKET, **good), DEVICE, SOCKET)
    for changed in ({"cn": "other"}, {"cn": None}, {"ath": hashed(b"other")}, {"ath": None}):
        with pytest.raises(InvalidProofError):
            await verifier.verify(said(clock, SOCKET, **{**good, **changed}), DEVICE, SOCKET)


def test_what_a_device_says() -> None:
    full = Claim("POST", "https://sosa.example/a", b"x=1", b"{}", "token", "challenge")
    made = payload_of(make_proof(DEVICE, "auth", full, now=7, nonce="n"))
    assert len(made.pop("jti")) == 24
    assert made == {
        "aud": "auth", "htm": "POST", "htu": "https://sosa.example/a", "qh": hashed(b"x=1"),
        "bh": hashed(b"{}"), "ath": hashed(b"token"), "cn": "challenge", "iat": 7, "nonce": "n",
    }  # fmt: skip
    bare = payload_of(make_proof(DEVICE, "auth", BARE, now=7))
    assert set(bare) == {"aud", "htm", "htu", "iat", "jti"}


async def test_a_name_that_one_device_used_is_free_for_another(
    verifier: ProofVerifier, clock: ManualClock
) -> None:
    other = DeviceKey("kid-2", b"o" * 32)
    claims = payload_of(said(clock, BARE))
    assert await verifier.verify(sign(claims, DEVICE.key, "kid-1"), DEVICE, BARE)
    assert await verifier.verify(sign(claims, other.key, "kid-2"), other, BARE) == claims["jti"]
    for device in (DEVICE, other):
        with pytest.raises(ReplayedProofError):
            await verifier.verify(sign(claims, device.key, device.kid), device, BARE)
