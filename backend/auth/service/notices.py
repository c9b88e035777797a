"""Mail to members who want to be told when something happens to their account."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.service.addresses import Addresses
from backend.auth.service.letters import Letters
from backend.auth.service.mail_texts import Text

NOTICE_LIFE = timedelta(days=2)


class Notices:
    """Writes to whoever opted in, in the transaction of what happened."""

    def __init__(self, addresses: Addresses, letters: Letters) -> None:
        self._addresses = addresses
        self._letters = letters

    async def add(self, session: AsyncSession, user_id: str, text: Text) -> None:
        """Write to the member, if they want that and this house sends mail."""
        address = await self._addresses.find_open(session, user_id)
        if address is not None:
            self.add_to(session, address, text)

    def add_to(self, session: AsyncSession, address: str, text: Text) -> None:
        """Write to an address that the member has just used."""
        if self._letters.are_sent:
            self._letters.add(session, address, text, NOTICE_LIFE)
