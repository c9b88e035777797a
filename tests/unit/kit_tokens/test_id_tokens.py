"""Every claim of an id_token, and every way to sign one, that must not be believed."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from backend.kit.oauth.id_tokens import (
    Expected,
    IdTokenError,
    StaleSignInError,
    UnknownKeyError,
    verify,
)

NOW = 1_800_000_000
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
SHORT = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)  # noqa: S505 - what is refused
FOREIGN = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
EXPECTED = Expected(
    issuer="https://id.example",
    client_id="sosa",
    algorithms=("RS256", "ES256"),
    nonce="the-nonce",
    access_token="the-access-token",
    now=NOW,
)
GOOD: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "sosa",
    "sub": "zoe",
    "iat": NOW,
    "exp": NOW + 3_600,
    "nonce": "the-nonce",
}


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}


KEYS = [rsa_jwk(RSA, "r1", use="sig", alg="RS256"), ec_jwk(EC, "e1")]


def made(changes: Mapping[str, Any] | None = None, key: Any = RSA, **header: Any) -> str:
    claims = {**GOOD, **(changes or {})}
    told = {name: value for name, value in claims.items() if value is not None}
    alg = header.pop("alg", "RS256")
    payload = json.dumps(told).encode()
    return jwt.PyJWS().encode(payload, key, algorithm=alg, headers={"kid": "r1", **header})


def half_hash(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["sosa"]},
        {"azp": "sosa"},
        {"at_hash": half_hash("the-access-token")},
        {"iat": NOW - 600},
        {"iat": NOW + 60},
        {"exp": NOW + 1},
        {"nbf": NOW},
        {"sub": "x" * 255},
    ],
    ids=str,
)
def test_a_good_token_is_believed(changes: dict[str, Any]):
    assert verify(made(changes), KEYS, EXPECTED)["iss"] == "https://id.example"


def test_either_kind_of_key_will_do():
    assert verify(made(key=EC, alg="ES256", kid="e1"), KEYS, EXPECTED)["sub"] == "zoe"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"iss": "https://id.example/"},
        {"iss": ["https://id.example"]},
        {"aud": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": ["other"]},
        {"aud": ["sosa", "other"]},
        {"aud": "other", "azp": "sosa"},
        {"azp": "other"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": None},
        {"exp": NOW},
        {"exp": NOW + 0.5},
        {"exp": True},
        {"exp": str(NOW + 60)},
        {"iat": None},
        {"iat": NOW - 601},
        {"iat": NOW + 61},
        {"iat": NOW + 0.5},
        {"nbf": NOW + 61},
        {"nbf": "now"},
        {"nonce": None},
        {"nonce": "another"},
        {"nonce": ["the-nonce"]},
        {"nonce": ""},
        {"at_hash": half_hash("another")},
        {"at_hash": ""},
    ],
    ids=str,
)
def test_a_wrong_claim_is_refused(changes: dict[str, Any]):
    with pytest.raises(IdTokenError):
        verify(made(changes), KEYS, EXPECTED)


def test_no_token_is_no_answer():
    for absent in (None, "", 7, ["a.b.c"]):
        with pytest.raises(IdTokenError):
            verify(absent, KEYS, EXPECTED)


def test_an_unsigned_token_is_refused_whatever_the_list_says():
    unsigned = jwt.encode(GOOD, "", algorithm="none", headers={"kid": "r1"})
    careless = replace(EXPECTED, algorithms=("none", "RS256"))
    for expected in (EXPECTED, careless):
        with pytest.raises(IdTokenError):
            verify(unsigned, KEYS, expected)


def test_only_ways_on_the_list_count():
    only_rsa = replace(EXPECTED, algorithms=("RS256",))
    token = made(key=EC, alg="ES256", kid="e1")
    assert verify(token, KEYS, EXPECTED)
    with pytest.raises(IdTokenError):
        verify(token, KEYS, only_rsa)


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_another_way_to_sign_with_the_right_key_is_refused(alg: str):
    with pytest.raises(IdTokenError):
        verify(made(alg=alg), KEYS, EXPECTED)


def test_the_public_key_is_no_shared_secret():
    # The classic confusion: HS256 with what is public as its secret.
    secret = KEYS[0]["n"]
    with pytest.raises(IdTokenError):
        verify(made(key=secret, alg="HS256"), KEYS, EXPECTED)


def test_somebody_elses_signature_is_refused():
    with pytest.raises(IdTokenError):
        verify(made(key=FOREIGN), KEYS, EXPECTED)


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": rsa_jwk(FOREIGN, "r1")},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MII"]},
        {"crit": ["exp"]},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_header_that_brings_something_along_is_refused(header: dict[str, Any]):
    with pytest.raises(IdTokenError):
        verify(made(**header), KEYS, EXPECTED)


def test_a_key_that_is_not_known_has_a_refusal_of_its_own():
    # Another set may have it.
    for kid in ("r2", "e1"):
        with pytest.raises(UnknownKeyError):
            verify(made(kid=kid), KEYS, EXPECTED)


def test_a_token_that_names_no_key_is_taken_where_there_is_one():
    nameless = jwt.encode(GOOD, RSA, algorithm="RS256")
    assert verify(nameless, KEYS, EXPECTED)
    with pytest.raises(UnknownKeyError):
        verify(nameless, [*KEYS, rsa_jwk(FOREIGN, "r2")], EXPECTED)


@pytest.mark.parametrize(
    "key",
    [
        rsa_jwk(RSA, "r1", use="enc"),
        rsa_jwk(RSA, "r1", alg="RS512"),
        {"kty": "RSA", "kid": "r1"},
        {"kty": "RSA", "kid": "r1", "n": 7, "e": "AQAB"},
        {"kty": "oct", "kid": "r1", "k": "c2VjcmV0"},
    ],
    ids=["to encrypt with", "RS512", "no numbers", "no number", "a shared secret"],
)
def test_a_key_that_is_for_something_else_or_broken_is_not_used(key: dict[str, Any]):
    with pytest.raises(IdTokenError):
        verify(made(), [key], EXPECTED)


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_a_short_key_is_not_trusted():
    with pytest.raises(IdTokenError, match="too short"):
        verify(made(key=SHORT), [rsa_jwk(SHORT, "r1")], EXPECTED)


def test_another_curve_is_not_es256():
    with pytest.raises(IdTokenError):
        verify(made(key=EC, alg="ES256", kid="e1"), [ec_jwk(P384, "e1")], EXPECTED)


def test_a_member_given_twice_is_refused():
    header, _, _ = made().split(".")
    twice = f'{{"sub": "eve", {json.dumps(GOOD)[1:]}'
    payload = base64.urlsafe_b64encode(twice.encode()).rstrip(b"=").decode()
    signature = jwt.PyJWS().encode(twice.encode(), RSA, algorithm="RS256", headers={"kid": "r1"})
    assert signature.split(".")[1] == payload
    with pytest.raises(IdTokenError):
        verify(signature, KEYS, EXPECTED)
    assert verify(".".join([header, *made().split(".")[1:]]), KEYS, EXPECTED)


def test_too_long_a_token_is_not_even_read():
    with pytest.raises(IdTokenError, match="too long"):
        verify(made({"name": "x" * 20_000}), KEYS, EXPECTED)


TOKEN = made()


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.=!"))
def test_no_character_of_a_good_token_can_be_another(place: int, letter: str):
    mutant = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if mutant == TOKEN:
        return
    with pytest.raises(IdTokenError):
        verify(mutant, KEYS, EXPECTED)


FRESH = replace(EXPECTED, signed_in_since=NOW - 300.0)


@pytest.mark.parametrize("told", [NOW - 360, NOW, NOW + 60])
def test_who_signed_in_since_then_is_fresh(told: int):
    assert verify(made({"auth_time": told}), KEYS, FRESH)["auth_time"] == told


@pytest.mark.parametrize("told", [None, NOW - 361, NOW + 61, float(NOW), True, str(NOW)])
def test_who_did_not_is_not_where_it_matters(told: object):
    token = made({"auth_time": told})
    with pytest.raises(StaleSignInError):
        verify(token, KEYS, FRESH)
    assert verify(token, KEYS, EXPECTED)["sub"] == "zoe"


def test_a_fresh_sign_in_makes_no_other_claim_right():
    with pytest.raises(IdTokenError, match="another issuer"):
        verify(made({"auth_time": NOW, "iss": "https://evil.example"}), KEYS, FRESH)
