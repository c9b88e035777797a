"""Attack 115 of docs/security.md: who may call as a service."""

from typing import Any

import pytest

from backend.kit.http.requests import RawRequest
from backend.kit.keyring import Identity
from backend.kit.tokens.errors import BadServiceError
from backend.kit.tokens.services import ServiceSigner, ServiceVerifier, sign_claims
from tests.unit.kit_tokens.bench import Bench, payload_of, request

PATH = "/internal/community/v1/access"


def verifier(bench: Bench, name: str = "community") -> ServiceVerifier:
    return ServiceVerifier(name, bench.keyring.identity_keys(), bench.ephemera, bench.clock)


def headers(bench: Bench, service: str = "messaging", **changed: Any) -> dict[str, str]:
    signer = ServiceSigner(bench.keyring.identity(service), bench.clock)
    made = signer.headers("community", "POST", PATH, query=b"a=1", body=b"{}")["Authorization"]
    if changed:
        merged = payload_of(made.split()[1]) | changed
        kept = {name: value for name, value in merged.items() if value is not ...}
        made = f"SoSa-Service {sign_claims(kept, bench.keyring.identity(service))}"
    return {"authorization": made}


def sent(given: dict[str, str], **changed: Any) -> RawRequest:
    shape: dict[str, Any] = {"path": PATH, "query": b"a=1", "body": b"{}", "headers": given}
    return request(None, None, **(shape | changed))


async def test_a_service_proves_which_one_it_is(bench: Bench) -> None:
    assert (await verifier(bench)(sent(headers(bench)))).name == "messaging"
    assert (await verifier(bench)(sent(headers(bench, "ui")))).name == "ui"


async def test_115_a_request_without_query_and_body_is_bound_too(bench: Bench) -> None:
    signer = ServiceSigner(bench.keyring.identity("ui"), bench.clock)
    made = {"authorization": signer.headers("community", "GET", PATH)["Authorization"]}
    got = await verifier(bench)(sent(made, method="GET", query=b"", body=b""))
    assert got.name == "ui"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "svc:profiles"},
        {"iss": "svc:ui"},
        {"sub": "svc:ui"},
        {"htm": "GET"},
        {"htu": "/internal/community/v1/other"},
        {"bh": ...},
        {"qh": ...},
        {"iat": "now"},
        {"exp": ...},
        {"exp": 2_000_000_000},
        {"exp": 1_800_000_000},
        {"iat": 1_800_000_010, "exp": 1_800_000_070},
        {"jti": ...},
    ],
)
async def test_115_it_is_for_one_service_one_request_and_one_minute(
    bench: Bench, changed: dict[str, Any]
) -> None:
    assert await verifier(bench)(sent(headers(bench, jti="a" * 20)))
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(headers(bench, **changed)))


@pytest.mark.parametrize(
    "changed", [{"path": "/internal/x"}, {"method": "GET"}, {"query": b"a=2"}, {"body": b"{ }"}]
)
async def test_115_another_request_than_was_signed(bench: Bench, changed: dict[str, Any]) -> None:
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(headers(bench), **changed))


@pytest.mark.parametrize("claim", ["qh", "bh"])
async def test_115_a_bare_request_needs_a_bare_token(bench: Bench, claim: str) -> None:
    signer = ServiceSigner(bench.keyring.identity("ui"), bench.clock)
    made = signer.headers("community", "GET", PATH)["Authorization"].split()[1]
    said = payload_of(made) | {claim: "hash", "jti": "a" * 20}
    more = f"SoSa-Service {sign_claims(said, bench.keyring.identity('ui'))}"
    bare: dict[str, Any] = {"method": "GET", "query": b"", "body": b""}
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent({"authorization": more}, **bare))


@pytest.mark.parametrize(
    ("issued", "seconds", "is_good"),
    [(5, 0, True), (6, 0, False), (0, 59.9, True), (0, 60, False), (5, 64.9, True)],
)
async def test_115_it_is_good_for_a_minute(
    bench: Bench, issued: int, seconds: float, *, is_good: bool
) -> None:
    issued += bench.now
    given = headers(bench, iat=issued, exp=issued + 60)
    bench.clock.advance(seconds)
    if is_good:
        assert await verifier(bench)(sent(given))
        return
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(given))


async def test_115_it_is_remembered_for_as_long_as_it_is_good(bench: Bench) -> None:
    given = headers(bench, iat=bench.now + 5, exp=bench.now + 65)
    assert await verifier(bench)(sent(given))
    bench.clock.advance(64.9)
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(given))


async def test_115_of_many_requests_each_is_taken(bench: Bench) -> None:
    for _ in range(3):
        given = headers(bench)
        assert len(payload_of(given["authorization"].split()[1])["jti"]) == 24
        assert await verifier(bench)(sent(given))
    for name in ("ui", "messaging"):
        assert await verifier(bench)(sent(headers(bench, name, jti="a" * 20)))


async def test_115_replayed(bench: Bench) -> None:
    given = headers(bench)
    assert await verifier(bench)(sent(given))
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(given))
    bench.clock.advance(61)
    with pytest.raises(BadServiceError):
        await verifier(bench)(sent(given))


async def test_115_the_key_of_one_service_cannot_say_it_is_another(bench: Bench) -> None:
    own = bench.keyring.identity("messaging")
    for kid in (own.kid, bench.keyring.identity("ui").kid, "unknown"):
        lie = ServiceSigner(Identity("ui", kid, own.private_key), bench.clock)
        made = lie.headers("community", "POST", PATH, query=b"a=1", body=b"{}")
        with pytest.raises(BadServiceError):
            await verifier(bench)(sent({"authorization": made["Authorization"]}))


async def test_115_what_a_member_has_makes_no_service(bench: Bench) -> None:
    token = bench.token()
    for value in (f"SoSa {token}", f"SoSa-Service {token}", "", "SoSa-Service x"):
        with pytest.raises(BadServiceError):
            await verifier(bench)(sent({"authorization": value}))
