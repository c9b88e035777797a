"""The service: its features over one core, and its background work."""

import asyncio
import contextlib

from backend.auth.service.belongings import Belongings
from backend.auth.service.bots import Bots
from backend.auth.service.confirming import Confirming
from backend.auth.service.core import Core
from backend.auth.service.credentials import Credentials
from backend.auth.service.entrance import Entrance
from backend.auth.service.exporting import Exporting, Exports
from backend.auth.service.first_run import FirstRun
from backend.auth.service.governing import Governing
from backend.auth.service.guarding import Guarding
from backend.auth.service.house_keeping import HouseKeeping
from backend.auth.service.leaving import Departures, Leaving
from backend.auth.service.linking import Linking
from backend.auth.service.locking import Locking
from backend.auth.service.passkey_doors import PasskeyDoors
from backend.auth.service.recovery import Recovery
from backend.auth.service.rekeying import Rekeying
from backend.auth.service.returning import Returning
from backend.auth.service.rewrapping import Rewrapping
from backend.auth.service.second_step import SecondStep
from backend.auth.service.security import Security
from backend.auth.service.social import Social
from backend.auth.service.stepping_up import SteppingUp
from backend.auth.service.ticketing import Ticketing
from backend.kit.parts import Parts

SETTLE_SECONDS = 3.0


class AuthService(
    Entrance,
    Returning,
    Recovery,
    Social,
    SecondStep,
    Locking,
    PasskeyDoors,
    SteppingUp,
    Confirming,
    Belongings,
    Bots,
    Credentials,
    Linking,
    Governing,
    FirstRun,
    Leaving,
    Exporting,
    Security,
    Ticketing,
    Guarding,
):
    """Implements `Auth` and `ProofKeys`."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(Core(parts))
        self.core = self._core
        self.signing = self._core.signing
        self.rewrapping = Rewrapping(parts)
        self.rekeying = Rekeying(parts, self._core.addresses, self._core.log)
        duties = (Departures(self._core), Exports(self._core), self.rewrapping, self.rekeying)
        self._house_keeping = HouseKeeping(parts, self.signing, duties)

    async def prepare(self) -> None:
        """Before anyone is served: the first key, and who was signed out just before a restart."""
        await self.signing.advance()
        await self._core.elsewhere.prepare()
        await self._house_keeping.recall_ended()

    async def keep_house(self) -> None:
        """One round of what `run` does, where the clock asks for it."""
        await self._house_keeping.tidy()
        await self._core.letters.send_due()

    async def settle(self) -> None:
        """Send the mail that a call led to, where nothing goes on behind it.

        A mail server that sleeps must not hold the answer up: then the clock sends it.
        """
        if self._core.letters.has_news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    await self._core.letters.send_due()

    async def run(self) -> None:
        """Rotate keys, forget what may be forgotten, and send mail, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._house_keeping.run())
            tasks.create_task(self._core.letters.run())
