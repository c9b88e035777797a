"""What a guard remembers of tokens: that it looked at them, and nothing that may change."""

from dataclasses import replace
from typing import Any

import pytest

from backend.kit.tokens import members
from backend.kit.tokens.errors import InvalidTokenError
from backend.kit.tokens.members import MemberVerifier
from tests.device import hashed
from tests.unit.kit_tokens.bench import ADA, Bench, request


class Unwrapping(dict[str, bytes]):
    """Wrap keys that count how often they are taken in hand."""

    used = 0

    def __getitem__(self, kid: str) -> bytes:
        self.used += 1
        return super().__getitem__(kid)


@pytest.fixture
def keys(bench: Bench) -> Unwrapping:
    return Unwrapping(bench.keyring.wrap_keys("profiles"))


@pytest.fixture
def verifier(bench: Bench, keys: Unwrapping) -> MemberVerifier:
    return replace(bench.verifier(), wrap_keys=keys, _known=members.OrderedDict())


async def test_a_token_is_taken_apart_once(
    bench: Bench, verifier: MemberVerifier, keys: Unwrapping
) -> None:
    first, second = bench.token(), bench.token()
    for token in (first, second, first, second, first):
        assert await verifier(request(token, bench.proof(token))) == ADA
    assert keys.used == 2


async def test_of_too_many_tokens_the_one_unused_for_longest_is_forgotten(
    bench: Bench, verifier: MemberVerifier, keys: Unwrapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "CACHED_TOKENS", 2)
    first, second, third = (bench.token() for _ in range(3))
    for token in (first, second, first, third):
        await verifier(request(token, bench.proof(token)))
    assert keys.used == 3
    for token in (first, third):
        await verifier(request(token, bench.proof(token)))
    assert keys.used == 3
    await verifier(request(second, bench.proof(second)))
    assert keys.used == 4


async def test_a_dropped_key_ends_what_is_known_too(bench: Bench, verifier: MemberVerifier) -> None:
    token = bench.token()
    bench.revocations.drop_key("sign-2")
    assert await verifier(request(token, bench.proof(token)))
    bench.revocations.drop_key("sign-1")
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, bench.proof(token)))


@pytest.mark.parametrize("token", ["\udce9.\udce9.\udce9", "a.b.c\udcff"])
async def test_letters_that_are_none_are_no_token(
    verifier: MemberVerifier, bench: Bench, token: str
) -> None:
    with pytest.raises(InvalidTokenError):
        await verifier(request(token, "proof"))


async def test_the_proof_names_all_of_the_request(bench: Bench, verifier: MemberVerifier) -> None:
    token = bench.token()
    changed: dict[str, Any] = {"query": b"a=1", "body": b""}
    proof = bench.proof(token, bh=..., qh=hashed(b"a=1"))
    assert await verifier(request(token, proof, **changed)) == ADA
