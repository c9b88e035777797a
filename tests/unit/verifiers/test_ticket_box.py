"""A ticket is for one socket, and its device's proof comes before it is used up."""

from typing import Any

import msgspec
import pytest

from backend.auth.contract import GetTicket, InvalidTicketError, RedeemTicket
from backend.auth.service.tickets import Stub, TicketBox
from backend.kit.clock import ManualClock
from backend.kit.ids import SessionId
from backend.kit.tokens.proofs import Claim, DeviceKey, make_proof

ORIGIN = "https://sosa.example"
SOCKET = f"{ORIGIN}/live"
ADA = SessionId("s-ada")
DEVICE = DeviceKey("kid-1", b"k" * 32)
BIND = "b" * 43


@pytest.fixture
def box(parts: Any) -> TicketBox:
    return TicketBox(parts)


def shown(clock: ManualClock, **changed: Any) -> RedeemTicket:
    """What a socket shows, with a proof of just that."""
    asked = {"aud": "messaging", "origin": ORIGIN, "htu": SOCKET, "cn": "challenge"}
    fields: dict[str, Any] = {**asked, "ticket": "the-ticket", **changed}
    if "proof" not in fields:
        claim = Claim("WS", fields["htu"], presented=fields["ticket"], cn=fields["cn"])
        fields["proof"] = make_proof(DEVICE, fields["aud"], claim, now=int(clock.now()))
    return RedeemTicket(**fields)


async def keep(box: TicketBox, bind: str | None = None) -> None:
    await box.keep("the-ticket", ADA, GetTicket(aud="messaging", bind=bind))


async def test_a_ticket_is_found_and_spent_once(box: TicketBox, clock: ManualClock):
    await keep(box)
    assert await box.find(shown(clock)) == Stub(ADA, "messaging", ORIGIN, None)
    await box.spend(shown(clock), DEVICE)
    with pytest.raises(InvalidTicketError):
        await box.find(shown(clock))
    with pytest.raises(InvalidTicketError):
        await box.spend(shown(clock), DEVICE)


@pytest.mark.parametrize(("seconds", "is_good"), [(29, True), (30, False)])
async def test_a_ticket_is_good_for_half_a_minute(
    box: TicketBox, clock: ManualClock, seconds: int, *, is_good: bool
):
    await keep(box)
    clock.advance(seconds)
    if is_good:
        assert await box.find(shown(clock))
        return
    with pytest.raises(InvalidTicketError):
        await box.find(shown(clock))


@pytest.mark.parametrize(
    "changed",
    [
        {"ticket": "another"},
        {"aud": "ui"},
        {"origin": "https://evil.example"},
        {"origin": ""},
        {"bind": BIND},
    ],
    ids=str,
)
async def test_another_socket_does_not_find_it(
    box: TicketBox, clock: ManualClock, changed: dict[str, Any]
):
    await keep(box)
    with pytest.raises(InvalidTicketError):
        await box.find(shown(clock, **changed))
    assert await box.find(shown(clock))


async def test_a_ticket_that_is_bound_needs_what_it_is_bound_to(box: TicketBox, clock: ManualClock):
    await keep(box, BIND)
    for bind in (None, "c" * 43):
        with pytest.raises(InvalidTicketError):
            await box.find(shown(clock, bind=bind))
    assert (await box.find(shown(clock, bind=BIND))).bind == BIND


@pytest.mark.parametrize(
    "changed",
    [
        {"proof": ""},
        {"proof": "a.b.c"},
        {"htu": "https://evil.example/live"},
        {"htu": f"{ORIGIN}.evil.example/live"},
    ],
    ids=str,
)
async def test_what_is_wrong_does_not_use_it_up(
    box: TicketBox, clock: ManualClock, changed: dict[str, Any]
):
    await keep(box)
    with pytest.raises(InvalidTicketError):
        await box.spend(shown(clock, **changed), DEVICE)
    await box.spend(shown(clock), DEVICE)


@pytest.mark.parametrize("name", ["aud", "htu", "ticket", "cn"])
async def test_the_proof_is_of_this_socket(box: TicketBox, clock: ManualClock, name: str):
    await keep(box)
    others = {"aud": "ui", "htu": f"{ORIGIN}/other", "ticket": "another", "cn": "another"}
    proof = shown(clock, **{name: others[name]}).proof
    with pytest.raises(InvalidTicketError):
        await box.spend(msgspec.structs.replace(shown(clock), proof=proof), DEVICE)
    await box.spend(shown(clock), DEVICE)


async def test_a_proof_counts_once_and_only_by_the_device(box: TicketBox, clock: ManualClock):
    await keep(box)
    with pytest.raises(InvalidTicketError):
        await box.spend(shown(clock), DeviceKey("kid-1", b"x" * 32))
    used = shown(clock)
    await box.spend(used, DEVICE)
    await keep(box)
    with pytest.raises(InvalidTicketError):
        await box.spend(used, DEVICE)


async def test_a_proof_is_good_for_a_minute(box: TicketBox, clock: ManualClock):
    early = shown(clock)
    clock.advance(61)
    await keep(box)
    with pytest.raises(InvalidTicketError):
        await box.spend(early, DEVICE)
    await box.spend(shown(clock), DEVICE)
