"""Codes from an app on somebody's phone (RFC 6238): six digits, new every 30 seconds."""

import hmac
from datetime import timedelta
from importlib import import_module
from urllib.parse import urlsplit

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.auth import models
from backend.auth.contract import BadFactorError, FactorExistsError
from backend.auth.service.beginnings import was_changed
from backend.auth.service.pictures import picture_of
from backend.kit.clock import utc
from backend.kit.errors import NotFoundError
from backend.kit.parts import Parts

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How far a phone's clock may be off, and how long a code may be on its way (RFC 6238 5.2)."""
WAITING = timedelta(minutes=15)
"""How long a secret waits for its first code."""
_TABLE = "auth_totp"
_NO_STEP = 0


class TotpApps:
    """Keeps the secrets of apps and takes their codes, each once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def begin(self, session: AsyncSession, user: models.User) -> dict[str, str]:
        """A secret that waits for a first code: `{secret, uri, picture}`. Raises FactorExistsError.

        One that is in use is never replaced unseen: whoever began and did not finish would
        otherwise be locked out by it.
        """
        row = await session.get(models.Totp, user.id, with_for_update=True)
        if row is not None and row.confirmed_at is not None:
            raise FactorExistsError("You have an app already. Remove it first to set up another.")
        pyotp = import_module("pyotp")  # Only those who set an app up pay for it.
        secret: str = pyotp.random_base32()
        sealed = self._parts.keyring.seal(_TABLE, "sealed_secret", user.id, secret.encode())
        waiting = models.Totp(
            user_id=user.id,
            sealed_secret=sealed,
            created=utc(self._parts.clock),
            last_step=_NO_STEP,
        )
        await session.merge(waiting)
        house = urlsplit(self._parts.settings.origin).hostname
        uri: str = pyotp.TOTP(secret).provisioning_uri(
            name=user.username, issuer_name=f"SoSa ({house})"
        )
        return {"secret": secret, "uri": uri, "picture": picture_of(uri)}

    async def confirm(self, session: AsyncSession, user_id: str, code: str) -> None:
        """Put the waiting secret into use; its first code counts as used.

        Raises NotFoundError, BadFactorError.
        """
        row = await session.get(models.Totp, user_id, with_for_update=True)
        now = utc(self._parts.clock)
        if row is None or row.confirmed_at is not None or row.created + WAITING < now:
            raise NotFoundError("No app waits for a code. Shall we start over?")
        row.last_step = self._step_of(row, code)
        row.confirmed_at = now
        session.add(row)

    async def use(self, session: AsyncSession, user_id: str, code: str) -> None:
        """Take a code. Of any number of tries with one code, one succeeds. Raises BadFactorError.

        The step only ever moves forward, in one statement: a code that was seen over a shoulder is
        worth nothing when its owner has used it, and nothing older is taken after it.
        """
        row = await session.get(models.Totp, user_id)
        if row is None or row.confirmed_at is None:
            raise BadFactorError
        step = self._step_of(row, code)
        forward = (
            update(models.Totp)
            .where(col(models.Totp.user_id) == user_id, col(models.Totp.last_step) < step)
            .values(last_step=step)
        )
        if not was_changed(await session.execute(forward)):
            raise BadFactorError

    async def remove(self, session: AsyncSession, user_id: str) -> None:
        """Forget the app, also one that waits. Raises NotFoundError."""
        gone = delete(models.Totp).where(col(models.Totp.user_id) == user_id)
        if not was_changed(await session.execute(gone)):
            raise NotFoundError("There is no app to remove.")

    def _step_of(self, row: models.Totp, code: str) -> int:
        """The time step that a code is of. Raises BadFactorError."""
        keyring = self._parts.keyring
        secret = keyring.open_sealed(_TABLE, "sealed_secret", row.user_id, row.sealed_secret)
        typed = "".join(code.split()).encode()
        present = int(self._parts.clock.now()) // STEP_SECONDS
        near = (present - DRIFT_STEPS, present, present + DRIFT_STEPS)
        # All are compared, in constant time: nothing tells how near a guess was.
        fitting = [
            step for step in near if hmac.compare_digest(code_at(secret.decode(), step), typed)
        ]
        if not fitting:
            raise BadFactorError
        return fitting[-1]


def code_at(secret: str, step: int) -> bytes:
    """The code of a time step; the secret is in base32."""
    code: str = import_module("pyotp").TOTP(secret).at(step * STEP_SECONDS)
    return code.encode()
