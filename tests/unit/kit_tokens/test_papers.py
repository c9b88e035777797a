"""What a service shows when it calls another, and what it keeps to show again."""

import pytest
from msgspec.structs import replace

from backend.kit.callers import Member, Service, Visitor
from backend.kit.clock import ManualClock
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.tokens import papers
from backend.kit.tokens.papers import Delegations, Papers
from backend.kit.tokens.revocations import Revocations
from backend.kit.tokens.services import ServiceSigner, ServiceVerifier
from tests.unit.kit_tokens.bench import Bench, request

ADA = Member(
    user_id=UserId("ada"), session_id=SessionId("s-ada"), device_id=DeviceId("d"), roles=(),
    acr="std", auth_time=0,
)  # fmt: skip
BEN = replace(ADA, user_id=UserId("ben"), session_id=SessionId("s-ben"))
CLEO = replace(ADA, user_id=UserId("cleo"), session_id=SessionId("s-cleo"))


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def delegations(clock: ManualClock, asked: list[str]) -> Delegations:
    async def ask(session_id: SessionId, audience: str, kid: str) -> tuple[str, int]:
        asked.append(f"{session_id} {audience} {kid}")
        return f"token-{len(asked)}", int(clock.now()) + 60

    return Delegations(ask, clock)


async def test_a_delegation_is_asked_for_once_while_it_is_good(
    delegations: Delegations, clock: ManualClock, asked: list[str]
) -> None:
    assert await delegations.get(ADA, "profiles", "kid") == "token-1"
    assert await delegations.get(ADA, "messaging", "kid") == "token-2"
    assert await delegations.get(BEN, "profiles", "kid") == "token-3"
    # Bound to the identity that shows it: one for the key before is no good beside the next.
    assert await delegations.get(ADA, "profiles", "next") == "token-4"
    clock.advance(49.5)
    assert await delegations.get(ADA, "profiles", "kid") == "token-1"
    assert asked == [
        "s-ada profiles kid", "s-ada messaging kid", "s-ben profiles kid", "s-ada profiles next"
    ]  # fmt: skip
    clock.advance(0.5)
    assert await delegations.get(ADA, "profiles", "kid") == "token-5"
    assert await delegations.get(ADA, "profiles", "kid") == "token-5"


async def test_of_too_many_the_one_unused_for_longest_is_forgotten(
    delegations: Delegations, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "MAX_KEPT", 2)
    for member in (ADA, BEN, ADA, CLEO, ADA, CLEO):
        await delegations.get(member, "profiles", "kid")
    assert len(asked) == 3
    await delegations.get(BEN, "profiles", "kid")
    assert len(asked) == 4


async def test_what_is_refused_from_now_on_is_asked_for_anew(
    delegations: Delegations, clock: ManualClock
) -> None:
    revocations = Revocations(clock)
    revocations.listen_to_marks(delegations.on_ended)
    assert await delegations.get(ADA, "profiles", "kid") == "token-1"
    revocations.raise_epoch(UserId("ben"), 1)
    revocations.revoke_session(SessionId("s-ben"))
    assert await delegations.get(ADA, "profiles", "kid") == "token-1"
    revocations.raise_epoch(UserId("ada"), 1)
    assert await delegations.get(ADA, "profiles", "kid") == "token-2"
    revocations.drop_key("k1")
    assert await delegations.get(ADA, "profiles", "kid") == "token-3"


async def test_a_visitor_shows_nothing_a_service_itself_and_a_member_both(
    bench: Bench, delegations: Delegations, asked: list[str]
) -> None:
    signer = ServiceSigner(bench.keyring.identity("ui"), bench.clock)
    verifier = ServiceVerifier(
        "profiles", bench.keyring.identity_keys(), bench.ephemera, bench.clock
    )
    shown = Papers(lambda: signer, "profiles", delegations)
    sending = ("POST", "/profiles/v1/me", "a=1", b"{}")
    assert await shown.headers(Visitor(network="house"), *sending) == {}
    for caller, held in ((Service(name="ui"), None), (ADA, "token-1")):
        made = await shown.headers(caller, *sending)
        assert made.pop("sosa-on-behalf", None) == held
        sent = request(None, None, query=b"a=1", headers={"authorization": made["Authorization"]})
        assert (await verifier(sent)).name == "ui"
    assert asked == [f"s-ada profiles {signer.identity.kid}"]
