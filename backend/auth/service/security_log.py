"""What happened to an account, for its owner to read. No line can be changed or cut off unseen.

Each line is bound to the one before by a keyed hash, and the account's own row says how many there
are and which is the last. What this cannot show is an account that was put back to how it once was:
to an earlier copy of its rows, or to none.

The process' own log tells of the same, without words: whoever runs the house can see it in one
place, for all accounts (ASVS 5.0.0 V16.3).
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.kit.clock import utc
from backend.kit.keyring import Keyring
from backend.kit.parts import Parts

_LINE = "security log 1"
_HEAD = "security log head 1"
_BROKEN = "?"
"""Stands for a line before that is missing: no line is ever bound to it rightly."""
_log = structlog.get_logger("sosa.auth")


class SecurityLog:
    """Appends lines, in the transaction of what they tell of."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def add(  # noqa: PLR0913 - what a line can say
        self,
        session: AsyncSession,
        user_id: str,
        name: str,
        *,
        actor_id: str | None = None,
        device_name: str = "",
        detail: str = "",
        by: Sequence[str] = (),
    ) -> None:
        """Write a line. `detail` is for a person to read, and never holds a secret.

        `by`: how somebody proved who they are (RFC 8176), for the process' log.
        """
        # Whoever writes the same member's next line waits: numbers have no gaps and no doubles.
        count, head = await _head_of(session, user_id, is_locked=True)
        before = await self._last(session, user_id)
        last = before.mac if before else ""
        if not self._fits(user_id, before.number if before else 0, last, count, head):
            # Lines are gone. The next one must not cover that up.
            last = _BROKEN
        line = models.SecurityEvent(
            user_id=user_id,
            number=max(count, before.number if before else 0) + 1,
            at=utc(self._parts.clock),
            name=name,
            actor_id=actor_id or user_id,
            device_name=device_name,
            detail=detail,
            mac="",
        )
        line.mac = self._parts.keyring.mac(_LINE, _said(line, last))
        session.add(line)
        await session.flush()
        await _set_head(session, self._parts.keyring, line)
        told = {"what": name, "user_id": user_id, "actor_id": line.actor_id, "by": list(by)}
        _after_commit(session, {key: value for key, value in told.items() if value})

    async def find_broken(self, session: AsyncSession, user_id: str) -> int | None:
        """The number of the first line that is not as it was written, or that is missing."""
        lines = await _lines_of(session, user_id)
        mac = ""
        for number, line in enumerate(lines, start=1):
            is_mac = self._parts.keyring.is_mac(line.mac, _LINE, _said(line, mac))
            if line.number != number or not is_mac:
                return number
            mac = line.mac
        count, head = await _head_of(session, user_id)
        # Every member has come in, which is a line. So there is no account without a head.
        is_whole = bool(head) and self._fits(user_id, len(lines), mac, count, head)
        return None if is_whole else len(lines) + 1

    async def renew(self, session: AsyncSession, user_id: str) -> bool:
        """Bind all lines anew under the present root; False for a log that is not whole."""
        await _head_of(session, user_id, is_locked=True)
        if await self.find_broken(session, user_id) is not None:
            return False
        last = ""
        for line in await _lines_of(session, user_id):
            last = line.mac = self._parts.keyring.mac(_LINE, _said(line, last))
            session.add(line)
            await _set_head(session, self._parts.keyring, line)
        return True

    def _fits(self, user_id: str, number: int, mac: str, count: int, head: str) -> bool:
        if not head:
            return number == count == 0
        said = _ends(user_id, number, mac)
        return number == count and self._parts.keyring.is_mac(head, _HEAD, said)

    async def _last(self, session: AsyncSession, user_id: str) -> models.SecurityEvent | None:
        query = (
            select(models.SecurityEvent)
            .where(col(models.SecurityEvent.user_id) == user_id)
            .order_by(col(models.SecurityEvent.number).desc())
            .limit(1)
        )
        return (await session.scalars(query)).first()


async def _lines_of(session: AsyncSession, user_id: str) -> Sequence[models.SecurityEvent]:
    query = (
        select(models.SecurityEvent)
        .where(col(models.SecurityEvent.user_id) == user_id)
        .order_by(col(models.SecurityEvent.number))
    )
    return (await session.scalars(query)).all()


async def _head_of(
    session: AsyncSession, user_id: str, *, is_locked: bool = False
) -> tuple[int, str]:
    query = select(models.User.log_count, models.User.log_head).where(
        col(models.User.id) == user_id
    )
    count, head = (await session.execute(query.with_for_update() if is_locked else query)).one()
    return count, head


async def _set_head(session: AsyncSession, keyring: Keyring, last: models.SecurityEvent) -> None:
    head = keyring.mac(_HEAD, _ends(last.user_id, last.number, last.mac))
    own = update(models.User).where(col(models.User.id) == last.user_id)
    await session.execute(own.values(log_count=last.number, log_head=head))


def _said(line: models.SecurityEvent, before: str) -> str:
    return _joined(
        before, line.user_id, str(line.number), line.at.isoformat(), line.name, line.actor_id,
        line.device_name, line.detail,
    )  # fmt: skip


def _ends(user_id: str, count: int, mac: str) -> str:
    return _joined(user_id, str(count), mac)


def _joined(*texts: str) -> str:
    # Lengths keep one field from running into the next.
    return "".join(f"{len(text)}:{text}" for text in texts)


def _after_commit(session: AsyncSession, told: dict[str, object]) -> None:
    # Not before: what is taken back has not happened.
    def write(_session: object) -> None:
        _log.info("account_event", **told)

    event.listen(session.sync_session, "after_commit", write, once=True)
