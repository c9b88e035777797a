"""The browser's half of the device-secret scheme against the server's, without a browser."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.kit.clock import ManualClock
from backend.kit.ephemera import InProcessEphemera
from backend.kit.tokens import base64url
from backend.kit.tokens.errors import InvalidProofError, StaleProofError
from backend.kit.tokens.proofs import Claim, DeviceKey, ProofVerifier
from backend.kit.tokens.schedule import AUDIENCES, derive
from backend.kit.tokens.seals import seal

ROOT = Path(__file__).resolve().parents[3]
BUN = ROOT / ".tools" / "node_modules" / ".bin" / "bun"
SCRIPT = Path(__file__).with_name("device_keys.mjs")
SECRET, SALT = bytes(range(32)), bytes(range(32, 64))
LEAVES = derive(SECRET, SALT)
KEYS = {
    "secret": base64url.encode(SECRET),
    "salt": base64url.encode(SALT),
    "kid": LEAVES.kid,
}


def in_the_browser(job: str, **given: Any) -> dict[str, Any]:
    done = subprocess.run(
        [str(BUN), str(SCRIPT)],
        input=json.dumps({"job": job, **KEYS, **given}),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def answer(job: str, **given: Any) -> Any:
    return in_the_browser(job, **given)["answer"]


def device(audience: str) -> DeviceKey:
    return DeviceKey(kid=LEAVES.kid, key=LEAVES.proof_keys[audience])


def test_both_sides_derive_the_same_keys_and_the_browsers_cannot_leave() -> None:
    assert answer("derive") == {
        "kid": LEAVES.kid,
        "left_of_the_secret": 0,
        "audiences": list(AUDIENCES),
        "uses": ["sign"] * len(AUDIENCES) + ["decrypt"],
        "can_leave": False,
    }


def test_the_browser_stops_when_the_key_ids_differ() -> None:
    assert in_the_browser("derive", kid="AAAAAAAAAAAAAAAAAAAAAA") == {
        "refused": "The device key ids differ."
    }


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_the_server_accepts_the_browsers_proof_for_that_request_only(
    clock: ManualClock, audience: str
) -> None:
    what = {
        "htm": "POST",
        "path": "/community/v1/rooms/ö%3F?limit=5&after=ü",
        "body": '{"name":"ömelette"}',
        "token": "an.access.token",
    }
    proof = answer("prove", audience=audience, what=what, server_time=clock.now())
    claim = Claim(
        htm="POST",
        htu="http://localhost:3000/community/v1/rooms/ö?",
        query=b"limit=5&after=%C3%BC",
        body='{"name":"ömelette"}'.encode(),
        presented="an.access.token",
    )
    verifier = ProofVerifier(audience, ephemera=InProcessEphemera(clock), clock=clock)
    other = Claim(
        htm="POST", htu=claim.htu, query=claim.query, body=b"{}", presented=claim.presented
    )
    with pytest.raises(InvalidProofError):
        await verifier.verify(proof["proof"], device(audience), other)
    assert await verifier.verify(proof["proof"], device(audience), claim) == proof["jti"]


async def test_a_sockets_proof_speaks_of_its_challenge(clock: ManualClock) -> None:
    what = {"htm": "WS", "path": "/messaging/v1/live", "token": "ticket", "cn": "challenge"}
    proof = answer("prove", audience="messaging", what=what, server_time=clock.now())["proof"]
    htu = "http://localhost:3000/messaging/v1/live"
    claim = Claim(htm="WS", htu=htu, presented="ticket", cn="challenge")
    verifier = ProofVerifier("messaging", ephemera=InProcessEphemera(clock), clock=clock)
    assert await verifier.verify(proof, device("messaging"), claim)


async def test_the_browser_goes_by_the_servers_clock(clock: ManualClock) -> None:
    what = {"htm": "GET", "path": "/profiles/v1/me"}
    claim = Claim(htm="GET", htu="http://localhost:3000/profiles/v1/me")
    verifier = ProofVerifier("profiles", ephemera=InProcessEphemera(clock), clock=clock)
    hours_off = answer("prove", audience="profiles", what=what, server_time=clock.now() - 7_200)
    with pytest.raises(StaleProofError):
        await verifier.verify(hours_off["proof"], device("profiles"), claim)
    told = answer("prove", audience="profiles", what=what, server_time=clock.now())
    assert await verifier.verify(told["proof"], device("profiles"), claim)


def test_the_browser_opens_what_the_server_sealed_for_this_request() -> None:
    sealed = seal({"rjti": "request-number-one", "x": "✓"}, LEAVES.seal_key, LEAVES.kid)
    assert answer("open", sealed=sealed, jti="request-number-one") == {
        "rjti": "request-number-one",
        "x": "✓",
    }
    refused = in_the_browser("open", sealed=sealed, jti="request-number-two")
    assert refused == {"refused": "A sealed reply to another request."}


def test_the_browser_refuses_a_seal_of_another_key_or_name() -> None:
    foreign = derive(bytes(32), SALT)
    forged = seal({"rjti": "request-number-one"}, foreign.seal_key, LEAVES.kid)
    assert "refused" in in_the_browser("open", sealed=forged, jti="request-number-one")
    misnamed = seal({"rjti": "request-number-one"}, LEAVES.seal_key, foreign.kid)
    assert in_the_browser("open", sealed=misnamed, jti="request-number-one") == {
        "refused": "Not a sealed reply for this device."
    }
