"""What happened to an account, for its owner to read. No line can be changed unseen."""

from operator import attrgetter

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.kit.clock import utc
from backend.kit.parts import Parts

_MAC_LABEL = "security log 1"
_NUMBER = attrgetter("number")


class SecurityLog:
    """Appends lines, in the transaction of what they tell of."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def add(
        self,
        session: AsyncSession,
        user_id: str,
        name: str,
        *,
        actor_id: str | None = None,
        device_name: str = "",
        detail: str = "",
    ) -> None:
        """Write a line. `detail` is for a person to read, and never holds a secret."""
        # Whoever writes the same member's next line waits: numbers have no gaps and no doubles.
        is_owner = col(models.User.id) == user_id
        # Which column is looked at is all the same.
        owner = select(models.User.id)  # pragma: no mutate
        await session.execute(owner.where(is_owner).with_for_update())
        before = await self._last(session, user_id)
        line = models.SecurityEvent(
            user_id=user_id,
            number=before.number + 1 if before else 1,
            at=utc(self._parts.clock),
            name=name,
            actor_id=actor_id or user_id,
            device_name=device_name,
            detail=detail,
        )
        line.mac = self._mac(line, before.mac if before else "")
        session.add(line)
        await session.flush()

    async def find_broken(self, session: AsyncSession, user_id: str) -> int | None:
        """The number of the first line that is not as it was written, or that is missing."""
        of_user = col(models.SecurityEvent.user_id) == user_id
        lines = await session.scalars(select(models.SecurityEvent).where(of_user))
        mac = ""
        for number, line in enumerate(sorted(lines, key=_NUMBER), start=1):
            if line.number != number or line.mac != self._mac(line, mac):
                return number
            mac = line.mac
        return None

    async def _last(self, session: AsyncSession, user_id: str) -> models.SecurityEvent | None:
        of_user = col(models.SecurityEvent.user_id) == user_id
        number = col(models.SecurityEvent.number)
        last = select(func.max(number)).where(of_user).scalar_subquery()
        return await session.scalar(select(models.SecurityEvent).where(of_user, number == last))

    def _mac(self, line: models.SecurityEvent, before: str) -> str:
        said = (
            before, line.user_id, str(line.number), line.at.isoformat(), line.name, line.actor_id,
            line.device_name, line.detail,
        )  # fmt: skip
        # Lengths keep one field from running into the next.
        return self._parts.keyring.mac(
            _MAC_LABEL, "".join(f"{len(text)}:{text}" for text in said)
        ).hex()
