"""Attacks 38 to 49 of docs/security.md, on the guard that every service has."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwe
from joserfc.jwk import OctKey

from backend.kit import logs
from backend.kit.ids import SessionId, UserId
from backend.kit.tokens import members
from backend.kit.tokens.access import SigningKey, mint, sign_claims
from backend.kit.tokens.errors import (
    InvalidProofError,
    InvalidTokenError,
    ProofRequiredError,
    ReplayedProofError,
    TokenRequiredError,
    UseNonceError,
)
from backend.kit.tokens.published import to_jwk
from backend.kit.tokens.schedule import derive
from backend.kit.tokens.seals import seal
from backend.kit.tokens.services import ServiceSigner
from tests.device import b64
from tests.unit.kit_tokens.bench import ADA, ORIGIN, Bench, payload_of, request


async def refused(bench: Bench, token: str) -> None:
    """A token that nobody takes although the proof for it is right."""
    with pytest.raises(InvalidTokenError):
        await bench.verifier()(request(token, bench.proof(token)))


def changed(bench: Bench, **claims: Any) -> str:
    """A token signed by auth that says something else."""
    merged = payload_of(bench.token()) | claims
    kept = {name: value for name, value in merged.items() if value is not ...}
    return sign_claims(kept, bench.signing)


async def test_a_token_and_a_proof_make_a_member(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    assert await verifier(request(token, bench.proof(token))) == ADA
    proven = await verifier.prove(request(token, bench.proof(token, jti="j" * 16)))
    assert (proven.jti, proven.kid, proven.amr) == ("j" * 16, bench.leaves.kid, ("pwd",))


async def test_a_member_is_named_in_the_log_also_where_the_proof_is_refused(bench: Bench) -> None:
    token = bench.token()
    with logs.concerning_nobody():
        with pytest.raises(InvalidProofError):
            await bench.verifier()(request(token, "no proof"))
        assert logs.concerned() == ADA.user_id
    assert logs.concerned() == ""


async def test_39_a_stolen_token_alone_opens_nothing(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    assert await verifier(request(token, bench.proof(token)))
    with pytest.raises(ProofRequiredError):
        await verifier(request(token, None))


@pytest.mark.parametrize("value", ["Bearer {}", "sosa {}", "SoSa", "SoSa ", "{}", ""])
async def test_40_no_other_scheme_is_taken(bench: Bench, value: str) -> None:
    token = bench.token()
    headers = {"authorization": value.format(token), "sosa-proof": bench.proof(token)}
    with pytest.raises(TokenRequiredError):
        await bench.verifier()(request(None, None, headers=headers))


async def test_41_a_stolen_token_with_the_proof_of_another_device(bench: Bench) -> None:
    token, thief = bench.token(), derive(b"t" * 32, b"t" * 32)
    with pytest.raises(InvalidProofError):
        await bench.verifier()(request(token, bench.proof(token, key=thief.proof_keys["profiles"])))
    own = replace(bench.key(), kid=thief.kid, key=thief.proof_keys["profiles"])
    bench.leaves = replace(bench.leaves, kid=own.kid, proof_keys={"profiles": own.key})
    with pytest.raises(InvalidProofError):
        await bench.verifier()(request(token, bench.proof(token)))


async def test_42_a_token_for_another_service(bench: Bench) -> None:
    token = bench.token("messaging")
    await refused(bench, token)
    await refused(bench, changed(bench, aud=["profiles"]))
    await refused(bench, changed(bench, iss="https://evil.example"))


async def test_44_a_token_signed_by_anyone_else(bench: Bench) -> None:
    attacker = Ed25519PrivateKey.generate()
    for kid in ("sign-1", "unknown"):
        token = mint(bench.grant(), SigningKey(kid, attacker), bench.wrap(), now=bench.now)
        await refused(bench, token)


async def test_44_a_key_that_auth_no_longer_publishes(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    assert await verifier(request(token, bench.proof(token)))
    bench.published[:] = [to_jwk("sign-2", Ed25519PrivateKey.generate().public_key())]
    bench.clock.advance(299)
    assert await verifier(request(token, bench.proof(token)))
    bench.clock.advance(1)
    later = bench.token()
    await refused(bench, later)


async def test_44_a_kid_that_names_another_key_now(bench: Bench) -> None:
    verifier = bench.verifier()
    bench.clock.advance(-1)
    token = bench.token()
    bench.clock.advance(1)
    assert await verifier(request(token, bench.proof(token)))
    bench.published[:] = [to_jwk("sign-1", Ed25519PrivateKey.generate().public_key())]
    await bench.keys._refresh()
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, bench.proof(token)))


async def test_44_unknown_kids_cost_auth_one_fetch_a_minute(bench: Bench) -> None:
    attacker = Ed25519PrivateKey.generate()
    token = bench.token()
    await bench.verifier()(request(token, bench.proof(token)))
    for number in range(20):
        other = SigningKey(f"kid-{number}", attacker)
        await refused(bench, mint(bench.grant(), other, bench.wrap(), now=bench.now))
    assert bench.fetches == 1
    bench.clock.advance(60)
    await asyncio.gather(*(bench.keys.find(f"kid-{number}") for number in range(20)))
    assert bench.fetches == 2


def wrapped(bench: Bench, jwk: dict[str, Any], key: bytes | None = None) -> dict[str, str]:
    header = {"alg": "A256KW", "enc": "A256GCM", "kid": bench.wrap().kid}
    sealed = jwe.encrypt_compact(
        header,
        json.dumps(jwk).encode(),
        OctKey.import_key(key or bench.wrap().key),
        algorithms=["A256KW", "A256GCM"],
    )
    return {"kid": bench.leaves.kid, "jwe": sealed}


async def test_45_a_token_whose_key_is_missing_or_moved(bench: Bench) -> None:
    good = payload_of(bench.token())["cnf"]
    token = changed(bench, cnf=good)
    assert await bench.verifier()(request(token, bench.proof(token)))
    jwk = {"kty": "oct", "kid": bench.leaves.kid, "k": b64(bench.key().key)}
    elsewhere = payload_of(bench.token("messaging"))["cnf"]
    cases: list[object] = [
        ...,
        None,
        {},
        {"kid": good["kid"]},
        {"kid": good["kid"], "jwe": "a.b"},
        {"kid": "another", "jwe": good["jwe"]},
        elsewhere,
        wrapped(bench, jwk, b"w" * 32),
        wrapped(bench, {**jwk, "kty": "OKP"}),
        wrapped(bench, {**jwk, "kid": "another"}),
        wrapped(bench, {"kty": "oct", "kid": bench.leaves.kid}),
        {"kid": good["kid"], "jwe": seal({}, bench.wrap().key, bench.wrap().kid)},
    ]
    for cnf in cases:
        await refused(bench, changed(bench, cnf=cnf))


async def test_46_a_token_of_another_time(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    bench.clock.advance(299)
    assert await verifier(request(token, bench.proof(token)))
    bench.clock.advance(1)
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, bench.proof(token)))
    await refused(bench, changed(bench, iat=bench.now + 60, exp=bench.now + 360))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": ...},
        {"exp": "1"},
        {"iat": True},
        {"epoch": ...},
        {"auth_time": 1.5},
        {"sub": ...},
        {"sid": 7},
        {"did": None},
        {"acr": ...},
        {"jti": ...},
        {"roles": "admin"},
        {"roles": [1]},
        {"amr": ...},
    ],
)
async def test_46_a_token_that_lacks_a_claim(bench: Bench, claims: dict[str, Any]) -> None:
    whole = changed(bench)
    assert await bench.verifier()(request(whole, bench.proof(whole)))
    await refused(bench, changed(bench, **claims))


async def test_47_a_revoked_session_is_refused_at_once(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    assert await verifier(request(token, bench.proof(token)))
    bench.revocations.revoke_session(SessionId("someone-else"))
    assert await verifier(request(token, bench.proof(token)))
    bench.revocations.revoke_session(ADA.session_id)
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, bench.proof(token)))


async def test_47_a_new_epoch_ends_every_token_of_the_user(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    bench.revocations.raise_epoch(UserId("ben"), 5)
    assert await verifier(request(token, bench.proof(token)))
    bench.revocations.raise_epoch(ADA.user_id, 1)
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, bench.proof(token)))
    newer = changed(bench, epoch=1)
    assert await verifier(request(newer, bench.proof(newer)))


async def test_49_a_token_in_the_query_or_the_body_is_not_looked_at(bench: Bench) -> None:
    token = bench.token()
    proof = bench.proof(token)
    for place in ({"query": f"access_token={token}".encode()}, {"body": token.encode()}):
        with pytest.raises(TokenRequiredError):
            await bench.verifier()(request(None, proof, **place))


async def test_38_no_kind_of_token_is_taken_for_another(bench: Bench) -> None:
    access = bench.token()
    proof = bench.proof(access)
    reply = seal({"rjti": "r"}, bench.leaves.seal_key, bench.leaves.kid)
    signer = ServiceSigner(bench.keyring.identity("messaging"), bench.clock)
    service = signer.headers("profiles", "POST", "/profiles/v1/me")["Authorization"].split()[1]
    assert await bench.verifier()(request(access, proof))
    for other in (proof, reply, service):
        with pytest.raises(InvalidTokenError):
            await bench.verifier()(request(other, bench.proof(other)))
    for other in (access, reply, service):
        with pytest.raises(InvalidProofError):
            await bench.verifier()(request(access, other))


async def test_a_proof_of_another_request_is_refused(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()
    for other in ({"path": "/profiles/v1/me/x"}, {"method": "PATCH"}, {"query": b"a=1"}):
        with pytest.raises(InvalidProofError):
            await verifier(request(token, bench.proof(token), **other))


async def test_a_request_sent_twice_is_refused_the_second_time(bench: Bench) -> None:
    token = bench.token()
    sent = request(token, bench.proof(token))
    assert await bench.verifier()(sent)
    with pytest.raises(ReplayedProofError):
        await bench.verifier()(sent)


async def test_a_token_too_long_is_refused_unread(bench: Bench) -> None:
    await refused(bench, "a" * 5_000)
    await refused(bench, "é.é.é")


async def test_the_memory_of_tokens_is_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "CACHED_TOKENS", 3)
    verifier = bench.verifier()
    for _ in range(5):
        token = bench.token()
        assert await verifier(request(token, bench.proof(token)))
    assert len(verifier._known) == 3


async def test_auth_hands_out_the_next_nonce_to_whoever_has_the_key(bench: Bench) -> None:
    verifier, token = bench.verifier(nonces=True), bench.token()
    without = request(token, bench.proof(token))
    with pytest.raises(UseNonceError) as caught:
        await verifier(without)
    assert not without.answer_headers
    good = request(token, bench.proof(token, nonce=caught.value.nonce))
    assert await verifier(good) == ADA
    assert good.answer_headers == {"Sosa-Nonce": caught.value.nonce}


async def test_keys_that_were_good_go_on_while_auth_is_away(bench: Bench) -> None:
    verifier, token = bench.verifier(), bench.token()

    async def away() -> dict[str, Any]:
        raise ConnectionError

    good, bench.keys._fetch = bench.keys._fetch, away
    with pytest.raises(ConnectionError):
        await verifier(request(token, bench.proof(token)))
    bench.keys._fetch = good
    assert await verifier(request(token, bench.proof(token)))
    bench.clock.advance(300)
    bench.keys._fetch = away
    later = bench.token()
    assert await verifier(request(later, bench.proof(later)))


async def test_keys_of_another_kind_are_left_out(bench: Bench) -> None:
    bench.published.append({"kty": "EC", "kid": "ec"})
    bench.published.append({"kty": "OKP", "crv": "X25519", "kid": "x", "use": "enc"})
    assert await bench.keys.find("sign-1")
    assert await bench.keys.find("ec") is None
    assert await bench.keys.find("x") is None


def test_texts_show_no_key(bench: Bench) -> None:
    shown = repr([bench.signing, bench.wrap(), bench.verifier(), bench.key()])
    assert "private" not in shown
    assert "wrap_keys" not in shown
    assert "key=" not in shown
    assert ORIGIN in shown
