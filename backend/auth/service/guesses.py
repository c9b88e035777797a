"""How often a password may be guessed: so seldom that it is of no use, and never not at all.

Who guesses at somebody's password must not be able to keep them out. So tries are counted in
lanes. A browser that has signed in to the account before has one of its own (OWASP, "device
cookies"), and everyone else shares those of the account and of their network. Only failures count.
"""

from dataclasses import dataclass, field

from backend.auth.service import limits
from backend.auth.service.known_devices import Known
from backend.kit.ephemera import Limit
from backend.kit.errors import RateLimitedError
from backend.kit.parts import Parts

MAX_GATE_SECONDS = 60.0


@dataclass(slots=True)
class Try:
    """A try that is counted as a failure until it turns out to be none."""

    taken: list[tuple[Limit, str]] = field(default_factory=list[tuple[Limit, str]])


class Guesses:
    """Counts tries."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._scale = parts.settings.rate_limit_scale

    async def spend_known(self, guess: Try, known: Known) -> bool:
        """Count it in the lane of a browser that is known. False: that lane is used up.

        Then it goes on in the lanes of everyone, so that a stolen cookie is ten guesses more.
        """
        try:
            await self._spend(guess, limits.PASSWORD_DEVICE, known.lane)
        except RateLimitedError:
            return False
        return True

    async def spend_session(self, guess: Try, session_id: str) -> None:
        """Count it in the lane of somebody who is signed in already. Raises RateLimitedError."""
        await self._spend(guess, limits.PASSWORD_DEVICE, session_id)

    async def spend_network(self, guess: Try, network: str) -> None:
        """Count it for the network. Raises RateLimitedError."""
        await self._spend(guess, limits.PASSWORD_NETWORK, network)

    async def spend_account(self, guess: Try, account: str) -> None:
        """Count it for the account. Raises RateLimitedError.

        When the burst is used up there is one more after 1 s, 2 s, 4 s and so on, up to a minute.
        """
        try:
            await self._spend(guess, limits.PASSWORD_ACCOUNT, account)
        except RateLimitedError:
            await self._pass_gate(account)

    async def forgive(self, guess: Try) -> None:
        """It was the right password, so it does not count."""
        for limit, who in guess.taken:
            await self._parts.limits.give_back(limit, who)

    async def _spend(self, guess: Try, limit: Limit, who: str) -> None:
        await self._parts.limits.spend(limit, who)
        guess.taken.append((limit, who))

    async def _pass_gate(self, account: str) -> None:
        ephemera, now = self._parts.ephemera, self._parts.clock.now()
        gate, count = f"guess:gate:{account}", f"guess:count:{account}"
        counted = await ephemera.find(count)
        passed = int(counted or 0)
        wait = min(2.0**passed, MAX_GATE_SECONDS) / self._scale
        # One step, also between processes: of a thousand tries at once one comes through.
        is_open = await ephemera.add(gate, str(now + wait).encode(), wait)
        if is_open:
            await ephemera.put(count, str(passed + 1).encode(), limits.PASSWORD_SECONDS)
        if not is_open or counted is None:
            opens = float(await ephemera.find(gate) or now)
            raise RateLimitedError(
                "Too many wrong passwords for this account. Take a breath and try again.",
                retry_after_seconds=max(1, round(opens - now)),
            )
