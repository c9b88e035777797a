"""Sign-ins, thefts and restarts in any order, against a model of what each device may still do.

On one process, and on two that share PostgreSQL and Redis.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.conftest import Postgres
from tests.device import Device, RefusedError
from tests.redis.conftest import RedisServer
from tests.returning import come_back

T = TypeVar("T")
GRACE_SECONDS = 30
TOKEN_SECONDS = 300
IDLE_SECONDS = 30 * 86_400
STEPS = st.sampled_from([1, 20, 31, 301, 601, 86_400, IDLE_SECONDS - 1, IDLE_SECONDS])


@dataclass(eq=False)
class Known:
    """What the model knows of one device."""

    device: Device
    username: str
    token_until: float
    idle_until: float
    is_over: bool = False
    before: str = ""
    """The refresh cookie before the present one."""
    rotated_at: float = 0.0

    def is_live(self, now: float) -> bool:
        return not self.is_over and now < self.idle_until


class Machine(RuleBasedStateMachine):
    """Devices and thieves at the door of auth."""

    processes: ClassVar[int] = 1
    devices = Bundle("devices")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="sosa-machine-"))
        self.clock = ManualClock()
        self.stack = AsyncExitStack()
        self.houses: list[AuthHouse] = []
        self.turn = 0
        self.people = 0
        self.where = self.choose()

    def choose(self) -> dict[str, Any]:
        """Settings of the processes; none is one process with a database of its own."""
        return {}

    @initialize()
    def open(self) -> None:
        self.run(self._open())

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(target=devices)
    def register(self) -> Known:
        self.people += 1
        # Machines may share a database, and names are unique.
        username = f"{self.folder.name[-8:]}-{self.people}".replace("_", "-")
        device = self._device()
        self.run(device.register(username))
        return self._known(device, username)

    @rule(target=devices, known=devices)
    def sign_in(self, known: Known) -> Known:
        device = self._device()
        self.run(device.sign_in(known.username))
        return self._known(device, known.username)

    @rule(known=devices)
    def sign_in_with_a_wrong_password(self, known: Known) -> None:
        assert self.refusal(self._device().sign_in(known.username, "no such password at all"))

    @rule(known=devices)
    def use(self, known: Known) -> None:
        self._take_turns(known)
        reply = self.run(known.device.call("auth", "GET", "/auth/v1/session"))
        may = known.is_live(self.clock.now()) and self.clock.now() < known.token_until
        assert (reply.status == 200) == may, (reply.status, reply.code)

    @rule(known=devices)
    def refresh(self, known: Known) -> None:
        self._take_turns(known)
        before = known.device.cookie
        code = self.refusal(known.device.refresh())
        assert (code == "") == known.is_live(self.clock.now()), code
        if not code:
            known.before, known.rotated_at = before, self.clock.now()
            self._renewed(known)

    @rule(known=devices)
    def show_the_cookie_before(self, known: Known) -> None:
        """The answer was lost, or somebody kept a copy and the keys: nobody can tell."""
        if not known.before:
            return
        self._take_turns(known)
        newest, known.device.cookie = known.device.cookie, known.before
        code = self.refusal(known.device.refresh())
        if not known.is_live(self.clock.now()):
            assert code
        elif self.clock.now() - known.rotated_at <= GRACE_SECONDS:
            assert (code, known.device.cookie) == ("", newest), "the same successor"
            self._renewed(known, touched=False)
        else:
            assert code == "reuse_detected"
            known.is_over = True
        known.device.cookie = newest

    @rule(known=devices)
    def lose_the_cookie(self, known: Known) -> None:
        """The keys let the device in again for as long as its session would have lasted."""
        self._take_turns(known)
        code = self.refusal(come_back(known.device))
        assert (code == "") == known.is_live(self.clock.now()), code
        if not code:
            known.before = ""
            self._renewed(known)

    @rule(known=devices)
    def steal_the_cookie(self, known: Known) -> None:
        """Somebody with a device of their own shows it: it opens nothing, and they have noticed."""
        thief = self._device()
        self.run(thief.begin("login"))
        thief.cookie = known.device.cookie
        assert self.refusal(thief.refresh())
        known.is_over = True

    @rule(known=devices, victim=devices)
    def steal_the_access_token(self, known: Known, victim: Known) -> None:
        if known is victim:
            return
        token = victim.device.access["auth"]
        self._take_turns(known)
        stolen = known.device.prove("auth", "GET", "/auth/v1/session", token=token)
        assert self.run(stolen).status == 401

    @rule(known=consumes(devices))
    def sign_out(self, known: Known) -> None:
        self._take_turns(known)
        status = self.run(known.device.prove("auth", "POST", "/auth/v1/logout", {}, cookie=True))
        assert status.status in {204, 401}
        known.is_over = True

    @rule(known=devices, other=devices)
    def revoke(self, known: Known, other: Known) -> None:
        self._take_turns(known)
        now = self.clock.now()
        if not known.is_live(now) or now >= known.token_until:
            return
        path = f"/auth/v1/devices/{other.device.device_id}"
        reply = self.run(known.device.call("auth", "DELETE", path))
        is_theirs = known.username == other.username
        assert reply.status == (204 if is_theirs else 404), reply.code
        other.is_over = other.is_over or is_theirs

    @rule(seconds=STEPS)
    def let_time_pass(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def restart(self) -> None:
        self.run(self._reopen())

    def refusal(self, work: Coroutine[Any, Any, None]) -> str:
        """The code of the error, or "" when it went well."""
        try:
            self.run(work)
        except RefusedError as error:
            return error.code
        return ""

    def _device(self) -> Device:
        return self.houses[0].device()

    def _take_turns(self, known: Known) -> None:
        """No process is anyone's own: whatever one decided, the other knows."""
        self.turn += 1
        house = self.houses[self.turn % len(self.houses)]
        known.device.base_url, known.device.http = house.url, house.http

    def _known(self, device: Device, username: str) -> Known:
        known = Known(device, username, 0, 0)
        self._renewed(known)
        return known

    def _renewed(self, known: Known, *, touched: bool = True) -> None:
        known.token_until = self.clock.now() + TOKEN_SECONDS
        if touched:
            known.idle_until = self.clock.now() + IDLE_SECONDS

    async def _open(self, **origin: Any) -> None:
        """Proofs speak of the origin, which stays when the doors get new addresses."""
        for _ in range(self.processes):
            opening = auth_house(self.folder, self.clock, **self.where, **origin)
            house = await self.stack.enter_async_context(opening)
            origin = {"public_origin": house.house.settings.origin}
            self.houses.append(house)

    async def _reopen(self) -> None:
        origin = self.houses[0].house.settings.origin
        await self.stack.aclose()
        self.houses.clear()
        await self._open(public_origin=origin)


FEW = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
)


FEWER = settings(FEW, max_examples=3, stateful_step_count=15)
"""With two processes a step costs several times as much."""


@pytest.mark.timeout(240)
def test_no_order_of_events_opens_a_door_that_should_be_closed() -> None:
    run_state_machine_as_test(Machine, settings=FEW)


@pytest.mark.timeout(240)
def test_nor_does_any_with_two_processes(postgres: Postgres, tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="sosa-redis-"))
    redis = RedisServer(folder)
    redis.run()

    class Apart(Machine):
        processes: ClassVar[int] = 2

        def choose(self) -> dict[str, Any]:
            return {"redis_url": redis.url, "auth_database_url": postgres.create()}

    try:
        run_state_machine_as_test(Apart, settings=FEWER)
    finally:
        redis.kill()
        shutil.rmtree(folder)
