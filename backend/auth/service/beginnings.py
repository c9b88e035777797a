"""Beginnings: the first call of every way to sign in, and the one that carries a secret."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import (
    Begin,
    Begun,
    DeviceSecretReusedError,
    KindNotOfferedError,
    PreauthGoneError,
    WeakDeviceSecretError,
)
from backend.auth.service.device_keys import DeviceKeys, open_keys
from backend.auth.service.exchanges import new_exchange, seal_exchange
from backend.kit.clock import utc
from backend.kit.ids import new_id
from backend.kit.oauth.client import Exchange, ProviderClient
from backend.kit.parts import Parts
from backend.kit.tokens import base64url
from backend.kit.tokens.nonces import nonces_of
from backend.kit.tokens.schedule import SALT_BYTES, SECRET_BYTES, Leaves, derive

LIFE = timedelta(minutes=10)
MAX_BAD_PROOFS = 5
MIN_DIFFERENT_BYTES = 16
"""Of 32 random bytes about 30 differ; fewer than 16 do not happen by chance in the life of the
sun."""
MAX_FACTOR_TRIES = 5
OFFERED = frozenset({"register", "login", "oauth", "link", "confirm", "reset"})
_TABLE = "auth_preauth"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A beginning that can still be used."""

    id: str
    kind: str
    step: str
    """What it waits for; "" at the start."""
    user_id: str | None
    """Whose it has turned out to be."""
    session_id: str | None
    """Of `confirm`: the session that it is for."""
    amr: str
    """How they proved it so far."""
    provider: str | None
    is_too_young: bool
    device_name: str
    device_platform: str
    expires_at: datetime
    keys: DeviceKeys = field(repr=False)


class Beginnings:
    """Makes beginnings and brings them to their end, once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._nonces = nonces_of(parts.keyring, parts.clock)

    async def begin(
        self, session: AsyncSession, request: Begin, elsewhere: ProviderClient | None = None
    ) -> Begun:
        """See the contract. `elsewhere`: the provider that it leads to."""
        if request.kind not in OFFERED:
            raise KindNotOfferedError("That way in is not open here yet.", "kind")
        secret = _read_secret(request.device_secret)
        await self.mark_as_seen(session, secret)
        salt = os.urandom(SALT_BYTES)
        leaves = derive(secret, salt)
        row = self._keep(session, request, leaves)
        url = state = None
        if elsewhere:
            exchange = self._depart(row, elsewhere, leaves)
            if request.kind == "oauth":
                url, state = elsewhere.authorize_url(exchange), exchange.state
        return Begun(
            preauth=row.id,
            salt=base64url.encode(salt),
            kid=leaves.kid,
            nonce=self._nonces.fresh(leaves.kid),
            server_time=int(self._parts.clock.now()),
            authorize_url=url,
            state=state,
        )

    async def get(self, session: AsyncSession, preauth_id: str) -> Beginning:
        """A beginning that is not used, expired or tried too often. Raises PreauthGoneError."""
        row = await session.get(models.Preauth, preauth_id)
        if row is None or row.used_at is not None or row.tries >= MAX_BAD_PROOFS:
            raise PreauthGoneError
        if row.expires_at <= utc(self._parts.clock):
            raise PreauthGoneError
        keys = open_keys(self._parts.keyring, _TABLE, row.id, row.kid, row.leaves)
        return Beginning(
            id=row.id,
            kind=row.kind,
            step=row.step,
            user_id=row.user_id,
            session_id=row.session_id,
            amr=row.amr,
            provider=row.provider,
            is_too_young=row.is_too_young,
            device_name=row.device_name,
            device_platform=row.device_platform,
            expires_at=row.expires_at,
            keys=keys,
        )

    async def count_bad_proof(self, session: AsyncSession, preauth_id: str) -> None:
        """One forged proof more."""
        await self.update(session, preauth_id, tries=col(models.Preauth.tries) + 1)

    async def mark_too_young(self, session: AsyncSession, preauth_id: str) -> None:
        """Keep the same device from answering the age question again."""
        await self.update(session, preauth_id, is_too_young=True)

    async def update(self, session: AsyncSession, preauth_id: str, **values: object) -> None:
        """Set columns of a beginning."""
        changed = col(models.Preauth.id) == preauth_id
        await session.execute(update(models.Preauth).where(changed).values(**values))

    async def wait_for_factor(
        self, session: AsyncSession, beginning: Beginning, user_id: str, amr: str
    ) -> None:
        """Ask for a second factor next. Raises PreauthGoneError.

        From the step it was read at: of two right passwords at once one leads on, and the other
        does not give the tries back that were spent since.
        """
        waits = (
            update(models.Preauth)
            .where(
                col(models.Preauth.id) == beginning.id,
                col(models.Preauth.step) == beginning.step,
                col(models.Preauth.used_at).is_(None),
            )
            .values(step="second_factor", user_id=user_id, amr=amr, code_tries=0)
        )
        if not was_changed(await session.execute(waits)):
            raise PreauthGoneError

    async def count_factor_try(self, session: AsyncSession, preauth_id: str) -> None:
        """One second factor tried, right or wrong. Raises PreauthGoneError after the fifth.

        Before it is looked at, and in one statement: any number at once are five.
        """
        counted = (
            update(models.Preauth)
            .where(
                col(models.Preauth.id) == preauth_id,
                col(models.Preauth.step) == "second_factor",
                col(models.Preauth.code_tries) < MAX_FACTOR_TRIES,
            )
            .values(code_tries=col(models.Preauth.code_tries) + 1)
        )
        if not was_changed(await session.execute(counted)):
            raise PreauthGoneError

    async def claim(self, session: AsyncSession, preauth_id: str) -> None:
        """Use it up: of any number of tries at once, one succeeds. Raises PreauthGoneError.

        Its keys are wiped; they now belong to a device, sealed for that row. What waited is wiped
        as well.
        """
        now = utc(self._parts.clock)
        result = await session.execute(
            update(models.Preauth)
            .where(
                col(models.Preauth.id) == preauth_id,
                col(models.Preauth.used_at).is_(None),
                col(models.Preauth.expires_at) > now,
            )
            .values(used_at=now, leaves="", sealed_exchange=None, sealed_pending=None)
        )
        if not was_changed(result):
            raise PreauthGoneError

    async def mark_as_seen(self, session: AsyncSession, secret: bytes) -> None:
        """A secret is good for one beginning. Raises DeviceSecretReusedError."""
        newest, *others = self._parts.keyring.macs("device secret", secret)
        seen = self._parts.database.insert_ignore(models.SeenSecret).values(
            hmac=newest, created=utc(self._parts.clock)
        )
        # What is under another root was seen before the roots changed, so no two race for it.
        earlier = select(models.SeenSecret.hmac).where(col(models.SeenSecret.hmac).in_(others))
        is_reused = bool(others) and (await session.scalars(earlier)).first() is not None
        if is_reused or not was_changed(await session.execute(seen)):
            raise DeviceSecretReusedError("That device secret was used before. Make a new one.")

    def _depart(self, row: models.Preauth, elsewhere: ProviderClient, leaves: Leaves) -> Exchange:
        """Note what the provider is asked, under seal. The verifier is the device's (RFC 7636).

        What is for a member waits for them; a sign-in is on its way.
        """
        exchange = new_exchange(self._parts, elsewhere.provider.name, leaves.code_verifier)
        row.provider = elsewhere.provider.name
        row.sealed_exchange = seal_exchange(self._parts, row.id, exchange)
        row.step = "away" if row.kind == "oauth" else ""
        return exchange

    def _keep(self, session: AsyncSession, request: Begin, leaves: Leaves) -> models.Preauth:
        preauth_id = new_id()
        keys = DeviceKeys.of(leaves)
        row = models.Preauth(
            id=preauth_id,
            kind=request.kind,
            kid=leaves.kid,
            leaves=keys.seal(self._parts.keyring, _TABLE, preauth_id),
            device_name=request.device_name,
            device_platform=request.device_platform,
            is_too_young=False,
            tries=0,
            expires_at=utc(self._parts.clock) + LIFE,
            used_at=None,
        )
        session.add(row)
        return row


def was_changed(result: object) -> bool:
    """Whether a conditional write found its condition true."""
    return isinstance(result, CursorResult) and result.rowcount == 1


def _read_secret(text: str) -> bytes:
    try:
        secret = base64url.decode(text)
    except ValueError:
        raise _weak() from None
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    if len(secret) != SECRET_BYTES or len(set(secret)) < MIN_DIFFERENT_BYTES or len(steps) == 1:
        raise _weak()
    return secret


def _weak() -> WeakDeviceSecretError:
    return WeakDeviceSecretError("A device secret is 32 random bytes.", "device_secret")
