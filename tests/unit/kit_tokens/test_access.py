"""What an access token says, and the parts of it that nobody but a service can read."""

import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from backend.kit.tokens import access
from backend.kit.tokens.access import AccessToken, check_time, sign_claims
from backend.kit.tokens.errors import InvalidTokenError
from tests.device import b64, unb64
from tests.unit.kit_tokens.bench import ADA, ORIGIN, Bench, payload_of


def verified(bench: Bench, token: str) -> AccessToken:
    return access.verify(
        token,
        bench.signing.private_key.public_key(),
        issuer=ORIGIN,
        audience="profiles",
        wrap_keys=bench.keyring.wrap_keys("profiles"),
    )


def test_what_auth_says_is_all_there_is_to_say(bench: Bench) -> None:
    token = bench.token()
    claims = payload_of(token)
    assert len(claims.pop("jti")) == 36
    assert set(claims.pop("cnf")) == {"kid", "jwe"}
    assert claims == {
        "iss": ORIGIN,
        "sub": "ada",
        "aud": "profiles",
        "iat": bench.now,
        "exp": bench.now + 300,
        "sid": "s-ada",
        "did": "d-ada",
        "client": "sosa",
        "auth_time": 1_800_000_000,
        "acr": "std",
        "amr": ["pwd"],
        "roles": ["moderator"],
        "scope": "member",
        "epoch": 0,
    }
    header = json.loads(unb64(token.split(".")[0]))
    assert header == {"typ": "at+jwt", "alg": "EdDSA", "kid": "sign-1"}


def test_what_is_said_is_understood(bench: Bench) -> None:
    assert verified(bench, bench.token()) == AccessToken(
        kid="sign-1",
        member=ADA,
        device=bench.key(),
        issued_at=bench.now,
        expires_at=bench.now + 300,
        epoch=0,
        amr=("pwd",),
    )


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(-6, False), (-5, True), (0, True), (299.5, True), (300, False)]
)
def test_a_token_is_of_its_time(bench: Bench, seconds: float, *, is_good: bool) -> None:
    token = verified(bench, bench.token())
    if is_good:
        check_time(token, bench.now + seconds)
        return
    with pytest.raises(InvalidTokenError):
        check_time(token, bench.now + seconds)


def wrapped(bench: Bench, header: dict[str, Any], kid: Any) -> str:
    """A token whose device key is wrapped under another header, or is another's."""
    key = OctKey.import_key(bench.wrap().key)
    jwk = {"kty": "oct", "kid": kid, "k": b64(bench.key().key)}
    algorithms = ["A256KW", "A256GCM", "A128GCM", "dir", "DEF"]
    sealed = jwe.encrypt_compact(header, json.dumps(jwk), key, algorithms=algorithms)
    return sign_claims(
        payload_of(bench.token()) | {"cnf": {"kid": kid, "jwe": sealed}}, bench.signing
    )


def test_the_key_of_a_device_is_wrapped_in_one_way_only(bench: Bench) -> None:
    kid, good = bench.leaves.kid, {"alg": "A256KW", "enc": "A256GCM", "kid": bench.wrap().kid}
    assert verified(bench, wrapped(bench, good, kid)).device == bench.key()
    for changed in (
        {"kid": "unknown"},
        {"typ": "JWE"},
        {"zip": "DEF"},
        {"enc": "A128GCM"},
        {"alg": "dir"},
    ):
        with pytest.raises(InvalidTokenError):
            verified(bench, wrapped(bench, {**good, **changed}, kid))
    del good["kid"]
    with pytest.raises(InvalidTokenError):
        verified(bench, wrapped(bench, good, kid))


def test_the_name_of_a_device_key_is_a_text(bench: Bench) -> None:
    good = {"alg": "A256KW", "enc": "A256GCM", "kid": bench.wrap().kid}
    for kid in (5, None):
        with pytest.raises(InvalidTokenError):
            verified(bench, wrapped(bench, good, kid))
