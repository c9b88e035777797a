"""What guards a service gets from the house, and which of them looks at a request."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backend.kit.callers import Member, Service, Visitor
from backend.kit.clock import ManualClock
from backend.kit.http.requests import RawRequest
from backend.kit.ids import SessionId
from backend.kit.tokens.delegation import HEADER, Delegation, mint
from backend.kit.tokens.errors import (
    BadServiceError,
    InvalidProofError,
    InvalidTokenError,
    ReplayedProofError,
    TokenRequiredError,
)
from backend.kit.tokens.services import ServiceSigner
from backend.wiring.guards import Gatekeeper
from tests.unit.kit_tokens.bench import ADA, ORIGIN, Bench, request

Guard = Callable[[RawRequest], Awaitable[object]]


@pytest.fixture
def bench(tmp_path: Any, clock: ManualClock) -> Bench:
    return Bench(tmp_path, clock)


@pytest.fixture
def keeper(bench: Bench) -> Gatekeeper:
    return Gatekeeper(
        ORIGIN, bench.keyring, bench.keys, bench.ephemera, bench.revocations, bench.clock
    )


def in_person(bench: Bench) -> RawRequest:
    token = bench.token()
    return request(token, bench.proof(token))


def sent(bench: Bench, *, for_member: bool, service: str = "ui") -> RawRequest:
    own = bench.keyring.identity(service)
    signer = ServiceSigner(own, bench.clock)
    signed = signer.headers("profiles", "POST", "/profiles/v1/me", body=b"{}")["Authorization"]
    headers = {"authorization": signed}
    if for_member:
        said = Delegation(ORIGIN, "profiles", ADA, service, own.kid, 0)
        headers[HEADER] = mint(said, bench.signing, now=bench.now)
    return request(None, None, headers=headers)


async def test_members_come_themselves_or_send_a_service(keeper: Gatekeeper, bench: Bench):
    guards = keeper.guards("profiles", {})
    assert set(guards) == {Member, Service}
    assert await guards[Member](in_person(bench)) == ADA
    assert await guards[Member](sent(bench, for_member=True)) == ADA
    assert await guards[Service](sent(bench, for_member=False)) == Service(name="ui")


async def test_nobody_is_taken_for_another(keeper: Gatekeeper, bench: Bench):
    guards = keeper.guards("profiles", {})
    with pytest.raises(InvalidTokenError):
        await guards[Member](sent(bench, for_member=False))
    with pytest.raises(BadServiceError):
        await guards[Service](in_person(bench))
    with pytest.raises(TokenRequiredError):
        await guards[Member](request(None, None, headers={}))
    with pytest.raises(BadServiceError):
        await guards[Service](request(None, None, headers={}))


async def test_a_guard_is_of_one_service(keeper: Gatekeeper, bench: Bench):
    guards = keeper.guards("messaging", {})
    with pytest.raises(InvalidTokenError):
        await guards[Member](in_person(bench))
    for guard in (guards[Member], guards[Service]):
        with pytest.raises(BadServiceError):
            await guard(sent(bench, for_member=True))


async def test_all_guards_remember_and_hear_of_ends(keeper: Gatekeeper, bench: Bench):
    guards, again = keeper.guards("profiles", {}), keeper.guards("profiles", {})
    person, service = in_person(bench), sent(bench, for_member=False)
    assert await guards[Member](person)
    assert await guards[Service](service)
    with pytest.raises(ReplayedProofError):
        await again[Member](person)
    with pytest.raises(BadServiceError):
        await again[Service](service)
    bench.revocations.revoke_session(SessionId(ADA.session_id))
    for ended in (in_person(bench), sent(bench, for_member=True)):
        with pytest.raises(InvalidTokenError):
            await guards[Member](ended)


async def test_a_service_may_bring_guards_of_its_own(keeper: Gatekeeper, bench: Bench):
    async def own(_request: RawRequest) -> object:
        return "own"

    guards = keeper.guards("profiles", {Member: own, Visitor: own})
    assert await guards[Member](in_person(bench)) == "own"
    assert await guards[Visitor](in_person(bench)) == "own"
    assert await guards[Member](sent(bench, for_member=True)) == ADA


async def test_the_origin_is_that_of_the_house(bench: Bench):
    other = Gatekeeper(
        "https://other.example",
        bench.keyring,
        bench.keys,
        bench.ephemera,
        bench.revocations,
        bench.clock,
    )
    with pytest.raises((InvalidTokenError, InvalidProofError)):
        await other.guards("profiles", {})[Member](in_person(bench))
    with pytest.raises(InvalidTokenError):
        await other.guards("profiles", {})[Member](sent(bench, for_member=True))
