"""Mail of this house: written with the change it tells of, sent after it, tried until it is taken.

A request that leads to mail ends before the mail is sent. So it takes as long whether there is an
account or not, and whether the mail server is awake or not.
"""

import asyncio
from datetime import timedelta

import msgspec
import structlog
from sqlalchemy import delete, event, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.service.beginnings import was_changed
from backend.auth.service.mail_texts import Text
from backend.kit.clock import utc
from backend.kit.ids import new_id
from backend.kit.mail import Mail, MailAwayError, Mailer, MailRefusedError, mailer_of
from backend.kit.parts import Parts

BATCH = 20
LEASE = timedelta(seconds=60)
"""How long a letter is one process's to send. Longer than the mail server may take."""
IDLE_SECONDS = 5.0
MAX_WAIT_SECONDS = 300.0
_TABLE = "auth_letter"

_log = structlog.get_logger("sosa.auth.mail")


class Letters:
    """Writes mail down, and sends what was written down. Several processes may send."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._mailer = mailer_of(parts.settings)
        self._wake = asyncio.Event()

    @property
    def are_sent(self) -> bool:
        """Whether this house sends mail at all."""
        return self._mailer is not None

    @property
    def has_news(self) -> bool:
        """Whether something was written since it was last sent."""
        return self._wake.is_set()

    def add(self, session: AsyncSession, to: str, text: Text, life: timedelta) -> None:
        """Write a mail in the caller's transaction: it is sent if, and only if, that commits."""
        letter_id = new_id()
        now = utc(self._parts.clock)
        content = msgspec.json.encode([to, text.subject, text.body])
        session.add(
            models.Letter(
                id=letter_id,
                sealed=self._parts.keyring.seal(_TABLE, "sealed", letter_id, content),
                attempts=0,
                due=now,
                expires_at=now + life,
            )
        )
        event.listen(session.sync_session, "after_commit", self._on_commit, once=True)

    async def run(self) -> None:
        """Send for ever."""
        while self._mailer is not None:
            self._wake.clear()
            try:
                sent = await self.send_due()
            except Exception:  # noqa: BLE001 - logged; a database may be away, and rows wait
                _log.exception("letters_unreadable")
                sent = 0
            if not sent:
                await self._sleep()

    async def send_due(self) -> int:
        """Send what is due; returns how many letters were tried."""
        self._wake.clear()
        if self._mailer is None:
            return 0
        due = await self._list_due()
        # At once: a server that is slow with one of them must not hold up a code.
        await asyncio.gather(*(self._try(letter, self._mailer) for letter in due))
        return len(due)

    async def _list_due(self) -> list[models.Letter]:
        now = utc(self._parts.clock)
        query = (
            select(models.Letter)
            .where(col(models.Letter.due) <= now)
            .order_by(col(models.Letter.due))
            .limit(BATCH)
        )
        async with self._parts.database.reading() as session:
            return list(await session.scalars(query))

    async def _try(self, letter: models.Letter, mailer: Mailer) -> None:
        if letter.expires_at <= utc(self._parts.clock):
            await self._forget(letter)
        elif await self._is_ours(letter):
            await self._send(letter, mailer)

    async def _is_ours(self, letter: models.Letter) -> bool:
        """Take it off the pile: of several processes, one sends it."""
        same = (col(models.Letter.id) == letter.id, col(models.Letter.due) == letter.due)
        leased = {"due": utc(self._parts.clock) + LEASE, "attempts": letter.attempts + 1}
        async with self._parts.database.transaction() as session:
            taken = await session.execute(update(models.Letter).where(*same).values(**leased))
        return was_changed(taken)

    async def _send(self, letter: models.Letter, mailer: Mailer) -> None:
        opened = self._parts.keyring.open_sealed(_TABLE, "sealed", letter.id, letter.sealed)
        mail = Mail(*msgspec.json.decode(opened, type=tuple[str, str, str]))
        try:
            await mailer.send(mail)
        except MailAwayError as error:
            # Never to whom: the log is read by people whom that does not concern.
            _log.warning("mail_waits", reason=str(error), attempts=letter.attempts + 1)
            await self._postpone(letter)
            return
        except MailRefusedError as error:
            _log.warning("mail_refused", reason=str(error))
        await self._forget(letter)

    async def _postpone(self, letter: models.Letter) -> None:
        wait = min(2.0 ** (letter.attempts + 1), MAX_WAIT_SECONDS)
        due = utc(self._parts.clock) + timedelta(seconds=wait)
        same = col(models.Letter.id) == letter.id
        async with self._parts.database.transaction() as session:
            await session.execute(update(models.Letter).where(same).values(due=due))

    async def _forget(self, letter: models.Letter) -> None:
        async with self._parts.database.transaction() as session:
            await session.execute(delete(models.Letter).where(col(models.Letter.id) == letter.id))

    def _on_commit(self, _session: object) -> None:
        self._wake.set()

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return
