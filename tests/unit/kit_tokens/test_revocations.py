import asyncio

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.tokens.papers import Delegations
from backend.kit.tokens.revocations import REMEMBER_SECONDS, Revocations

ADA, BEN = SessionId("ada"), SessionId("ben")


def test_a_session_is_revoked_until_nothing_of_it_can_be_left(clock: ManualClock) -> None:
    revocations = Revocations(clock)
    assert not revocations.is_revoked(ADA)
    revocations.revoke_session(ADA)
    clock.advance(REMEMBER_SECONDS - 1)
    revocations.revoke_session(BEN)
    assert revocations.is_revoked(ADA)
    clock.advance(1)
    revocations.revoke_session(SessionId("cleo"))
    assert not revocations.is_revoked(ADA)
    assert revocations.is_revoked(BEN)


def test_listeners_hear_of_each_session_once(clock: ManualClock) -> None:
    revocations, heard = Revocations(clock), list[SessionId]()
    stop = revocations.listen(heard.append)
    revocations.revoke_session(ADA)
    revocations.revoke_session(ADA)
    stop()
    revocations.revoke_session(BEN)
    assert heard == [ADA]


async def test_who_watches_gets_them_as_they_end(clock: ManualClock) -> None:
    revocations = Revocations(clock)
    watching = revocations.watch()
    first = asyncio.ensure_future(anext(watching))
    await asyncio.sleep(0)
    revocations.revoke_session(ADA)
    assert await first == ADA
    await watching.aclose()
    assert not revocations._listeners


def test_an_epoch_only_rises(clock: ManualClock) -> None:
    revocations = Revocations(clock)
    user = UserId("u")
    revocations.raise_epoch(user, 3)
    revocations.raise_epoch(user, 2)
    assert revocations.is_outdated(user, 2)
    assert not revocations.is_outdated(user, 3)


async def test_a_delegation_that_is_refused_from_now_on_is_asked_for_anew(
    clock: ManualClock,
) -> None:
    asked: list[str] = []

    async def ask(session_id: SessionId, audience: str, kid: str) -> tuple[str, int]:
        asked.append(f"{session_id} {audience} {kid}")
        return f"token-{len(asked)}", int(clock.now()) + 60

    revocations = Revocations(clock)
    delegations = Delegations(ask, clock)
    revocations.listen_to_marks(delegations.on_ended)
    member = Member(
        user_id=UserId("ada"), session_id=ADA, device_id=DeviceId("d"), roles=(), acr="std",
        auth_time=0,
    )  # fmt: skip
    assert await delegations.get(member, "profiles", "kid") == "token-1"
    revocations.raise_epoch(UserId("ben"), 1)
    assert await delegations.get(member, "profiles", "kid") == "token-1"
    revocations.raise_epoch(UserId("ada"), 1)
    assert await delegations.get(member, "profiles", "kid") == "token-2"
    revocations.drop_key("k1")
    assert await delegations.get(member, "profiles", "kid") == "token-3"
    assert await delegations.get(member, "profiles", "the next kid") == "token-4"
    assert await delegations.get(member, "profiles", "kid") == "token-3"
