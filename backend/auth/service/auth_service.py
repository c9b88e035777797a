"""The service: its features over one core, and its background work."""

from backend.auth.service.belongings import Belongings
from backend.auth.service.bots import Bots
from backend.auth.service.core import Core
from backend.auth.service.entrance import Entrance
from backend.auth.service.guarding import Guarding
from backend.auth.service.house_keeping import HouseKeeping
from backend.auth.service.ticketing import Ticketing
from backend.kit.parts import Parts


class AuthService(Entrance, Belongings, Bots, Ticketing, Guarding):
    """Implements `Auth` and `ProofKeys`."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(Core(parts))
        self.signing = self._core.signing
        self._house_keeping = HouseKeeping(parts, self.signing)

    async def prepare(self) -> None:
        """Before anyone is served: the first key, and who was signed out just before a restart."""
        await self.signing.advance()
        await self._house_keeping.recall_ended()

    async def keep_house(self) -> None:
        """One round of what `run` does, where the clock asks for it."""
        await self._house_keeping.tidy()

    async def run(self) -> None:
        """Rotate keys and forget what may be forgotten, until cancelled."""
        await self._house_keeping.run()
