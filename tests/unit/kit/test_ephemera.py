"""What may be forgotten, by a clock that the test moves. What needs none is in tests/redis."""

import pytest

from backend.kit.clock import ManualClock
from backend.kit.ephemera import InProcessEphemera, Limit, RateLimits
from backend.kit.errors import RateLimitedError


@pytest.fixture
def ephemera(clock: ManualClock) -> InProcessEphemera:
    return InProcessEphemera(clock)


async def test_a_key_is_gone_when_its_time_is_up(ephemera: InProcessEphemera, clock: ManualClock):
    await ephemera.put("k", b"v", 10)
    clock.advance(9.9)
    assert await ephemera.find("k") == b"v"
    clock.advance(0.2)
    assert await ephemera.find("k") is None
    assert await ephemera.add("k", b"w", 1)


async def test_a_renewed_key_outlives_its_first_time(
    ephemera: InProcessEphemera, clock: ManualClock
):
    await ephemera.put("k", b"v", 10)
    clock.advance(8)
    await ephemera.put("k", b"v", 10)
    clock.advance(8)
    await ephemera.put("other", b"", 1)
    assert await ephemera.find("k") == b"v"


async def test_expired_keys_and_full_buckets_leave_no_trace(
    ephemera: InProcessEphemera, clock: ManualClock
):
    for number in range(50):
        await ephemera.put(f"k{number}", b"", 1)
        await ephemera.take(f"b{number}", capacity=2, per_second=1)
    clock.advance(10)
    await ephemera.put("last", b"", 1)
    assert ephemera.size() == 1


async def test_a_limit_allows_its_burst_then_its_rate(
    ephemera: InProcessEphemera, clock: ManualClock
):
    limits, tries = RateLimits(ephemera, 1), Limit("tries", capacity=3, per_second=0.5)
    for _ in range(3):
        await limits.spend(tries, "ada")
    with pytest.raises(RateLimitedError) as caught:
        await limits.spend(tries, "ada")
    assert caught.value.retry_after_seconds == 3
    await limits.spend(tries, "ben")
    clock.advance(2)
    await limits.spend(tries, "ada")
    with pytest.raises(RateLimitedError):
        await limits.spend(tries, "ada")
