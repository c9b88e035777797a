"""Bots: made, given a secret, revoked, and let in by proof alone."""

import os
from dataclasses import dataclass, field

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import (
    BotEntry,
    BotKey,
    BotList,
    BotOwnerAwayError,
    Confirmed,
    Sealed,
    TooManyBotsError,
    UsernameTakenError,
    UserRegistered,
)
from backend.auth.service import limits
from backend.auth.service.account_rules import check_username
from backend.auth.service.beginnings import was_changed
from backend.auth.service.core import Feature
from backend.auth.service.device_keys import DeviceKeys, open_keys
from backend.auth.service.sessions import DEVICE_TABLE, Live
from backend.auth.service.standing import lock_user
from backend.kit.callers import Member
from backend.kit.clock import utc
from backend.kit.errors import NotFoundError
from backend.kit.ids import DeviceId, SessionId, UserId, new_id
from backend.kit.tokens import base64url
from backend.kit.tokens.errors import ForeignProofError
from backend.kit.tokens.schedule import SALT_BYTES, SECRET_BYTES, derive
from backend.kit.values import NOTHING, Nothing

MAX_BOTS = 5
_AMR = "swk"
"""By a key that software keeps (RFC 8176)."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A secret on its way to whoever asked for it."""

    device_id: str
    kid: str
    salt: bytes
    secret: bytes = field(repr=False)


class Bots(Feature):
    """Implements `contract.Bots`, and the part of `contract.ProofKeys` that is about them.

    A bot's secret is a device secret that the server makes: here, too, only what is derived from it
    is kept. Its device and the sessions of that device come and go with the secret.
    """

    async def make_bot(self, caller: Confirmed, request: contract.MakeBot) -> Sealed:
        key = check_username(request.name, "name")
        owner = await self._core.get_live(caller.member.session_id)
        await self._parts.limits.spend(limits.BOTS, owner.user.id)
        async with self._parts.database.transaction() as session:
            await self._check_number(session, owner.user.id)
            bot = await self._add_account(session, owner.user, request.name, key)
            given = await self._give_secret(session, bot)
            session.add(
                models.Bot(
                    user_id=bot.id,
                    owner_id=owner.user.id,
                    device_id=given.device_id,
                    created=bot.created,
                    revoked_at=None,
                )
            )
            await self._log_bot(session, owner, "bot_made", bot)
        return self._tell(caller, owner, bot, given)

    async def list_bots(self, caller: Member, request: contract.ListBots) -> BotList:  # noqa: ARG002
        query = (
            select(models.User, models.Device)
            .join(models.Bot, col(models.Bot.user_id) == col(models.User.id))
            .join(models.Device, col(models.Device.id) == col(models.Bot.device_id))
            .where(col(models.Bot.owner_id) == caller.user_id, col(models.Bot.revoked_at).is_(None))
            .order_by(col(models.User.id))
        )
        async with self._parts.database.reading() as session:
            rows = [(row[0], row[1]) for row in await session.execute(query)]
        return BotList(bots=tuple(_entry(bot, device) for bot, device in rows))

    async def renew_bot_secret(self, caller: Confirmed, request: contract.RenewBotSecret) -> Sealed:
        owner = await self._core.get_live(caller.member.session_id)
        await self._parts.limits.spend(limits.BOT_SECRETS, owner.user.id)
        async with self._parts.database.transaction() as session:
            row, bot = await self._get_own_bot(session, owner.user.id, request.bot_id)
            ended = await self._end_keys(session, bot.id, "renewed")
            given = await self._give_secret(session, bot)
            row.device_id = given.device_id
            session.add(row)
            await self._log_bot(session, owner, "bot_secret_renewed", bot)
        self._core.revoke(*ended)
        return self._tell(caller, owner, bot, given)

    async def revoke_bot(self, caller: Confirmed, request: contract.RevokeBot) -> Nothing:
        owner = await self._core.get_live(caller.member.session_id)
        async with self._parts.database.transaction() as session:
            row, bot = await self._get_own_bot(session, owner.user.id, request.bot_id)
            ended = await self._end_keys(session, bot.id, "revoked")
            row.revoked_at = utc(self._parts.clock)
            session.add(row)
            await self._log_bot(session, owner, "bot_revoked", bot)
        self._core.revoke(*ended)
        return NOTHING

    async def get_bot_tokens(self, caller: contract.Bot, request: contract.GetBotTokens) -> Sealed:  # noqa: ARG002
        await self._parts.limits.spend(limits.BOT_TOKENS, caller.bot_id)
        async with self._parts.database.transaction() as session:
            await self._check_present(session, caller)
            live = await self._find_live(session, caller.device_id)
            if live is None:
                live = await self._open_session(session, caller)
            await self._core.sessions.touch(session, live)
        return Sealed(sealed=await self._core.issuing.tokens(live, caller.jti))

    async def get_bot_key(self, bot_id: str) -> BotKey:
        query = (
            select(models.Device)
            .join(models.Bot, col(models.Bot.device_id) == col(models.Device.id))
            .where(col(models.Bot.user_id) == bot_id, col(models.Bot.revoked_at).is_(None))
        )
        async with self._parts.database.reading() as session:
            device = (await session.scalars(query)).first()
        if device is None or device.leaves is None:
            raise ForeignProofError
        keys = open_keys(self._parts.keyring, DEVICE_TABLE, device.id, device.kid, device.leaves)
        return BotKey(DeviceId(device.id), keys.for_audience("auth"))

    # ---- making ------------------------------------------------------------------------------

    async def _check_number(self, session: AsyncSession, owner_id: str) -> None:
        # Two tries at once take turns at the owner's row, so that they cannot both be the fifth.
        await session.get(models.User, owner_id, with_for_update=True)
        own = select(func.count()).where(
            col(models.Bot.owner_id) == owner_id, col(models.Bot.revoked_at).is_(None)
        )
        if (await session.scalar(own) or 0) >= MAX_BOTS:
            raise TooManyBotsError

    async def _add_account(
        self, session: AsyncSession, owner: models.User, name: str, key: str
    ) -> models.User:
        """An account of its own, without a password or anything else that a person gets in by."""
        bot = models.User(
            id=new_id(),
            username=name,
            username_key=key,
            state="active",
            epoch=0,
            age_band=owner.age_band,
            is_bot=True,
            owner_id=owner.id,
            created=utc(self._parts.clock),
        )
        insert = self._parts.database.insert_ignore(models.User).values(**bot.model_dump())
        if not was_changed(await session.execute(insert)):
            raise UsernameTakenError("That name is taken. Add a little something?", "name")
        event = UserRegistered(user_id=UserId(bot.id), username=bot.username, is_bot=True)
        await self._parts.outbox.add(session, event)
        return bot

    async def _give_secret(self, session: AsyncSession, bot: models.User) -> _Given:
        """A new secret, of which only the derived keys are kept."""
        secret, salt = os.urandom(SECRET_BYTES), os.urandom(SALT_BYTES)
        # It is no use at the doors for people: there, too, a secret is good once.
        await self._core.beginnings.mark_as_seen(session, secret)
        keys = DeviceKeys.of(derive(secret, salt))
        device_id, now = new_id(), utc(self._parts.clock)
        session.add(
            models.Device(
                id=device_id,
                kid=keys.kid,
                user_id=bot.id,
                name=bot.username,
                platform="bot",
                leaves=keys.seal(self._parts.keyring, DEVICE_TABLE, device_id),
                created=now,
                last_seen=now,
            )
        )
        await session.flush()
        return _Given(device_id, keys.kid, salt, secret)

    def _tell(self, caller: Confirmed, owner: Live, bot: models.User, given: _Given) -> Sealed:
        """What the owner is told, once. Sealed, so that nothing on the way can keep a copy."""
        payload = {
            "bot": {"id": bot.id, "name": bot.username},
            "secret": base64url.encode(given.secret),
            "salt": base64url.encode(given.salt),
            "kid": given.kid,
        }
        return Sealed(sealed=self._core.issuing.seal(owner, caller.jti, payload))

    # ---- owning ------------------------------------------------------------------------------

    async def _get_own_bot(
        self, session: AsyncSession, owner_id: str, bot_id: str
    ) -> tuple[models.Bot, models.User]:
        # The owner comes first everywhere, so that nobody waits in a circle.
        await lock_user(session, owner_id)
        row = await _lock_bot(session, bot_id)
        if row is None or row.owner_id != owner_id or row.revoked_at is not None:
            raise NotFoundError("There is no such bot.")
        return row, await session.get_one(models.User, bot_id)

    async def _end_keys(self, session: AsyncSession, bot_id: str, reason: str) -> list[SessionId]:
        """End all that the bot's secret opens, and the secret; returns the sessions that ended."""
        query = select(models.Session).where(
            col(models.Session.user_id) == bot_id, col(models.Session.ended_at).is_(None)
        )
        open_ones = list(await session.scalars(query))
        for entry in open_ones:
            await self._core.sessions.end(session, entry, reason)
        # A secret that was never used has no session whose end would wipe its keys.
        own = col(models.Device.user_id) == bot_id
        await session.execute(update(models.Device).where(own).values(leaves=None))
        return [SessionId(entry.id) for entry in open_ones]

    async def _log_bot(
        self, session: AsyncSession, owner: Live, name: str, bot: models.User
    ) -> None:
        device_name = owner.device.name
        await self._core.log.add(
            session, owner.user.id, name, device_name=device_name, detail=bot.username
        )

    # ---- letting in --------------------------------------------------------------------------

    async def _check_present(self, session: AsyncSession, caller: contract.Bot) -> None:
        """Raise unless the secret is still the bot's, and its owner there to answer for it.

        Under locks: since the proof was looked at the secret may have been renewed, or the owner
        been banned, and a session that opened now would be one that nobody ends.
        """
        row = await session.get(models.Bot, caller.bot_id)
        owner = await lock_user(session, row.owner_id) if row else None
        row = await _lock_bot(session, caller.bot_id)
        if row is None or owner is None or row.revoked_at is not None:
            raise ForeignProofError
        if row.device_id != caller.device_id:
            raise ForeignProofError
        is_back = (
            owner.state == "suspended"
            and owner.state_until is not None
            and (owner.state_until <= utc(self._parts.clock))
        )
        if owner.state != "active" and not is_back:
            raise BotOwnerAwayError

    async def _find_live(self, session: AsyncSession, device_id: str) -> Live | None:
        newest = await self._core.sessions.find_newest(session, device_id)
        return await self._core.sessions.find_live(session, newest.id) if newest else None

    async def _open_session(self, session: AsyncSession, caller: contract.Bot) -> Live:
        started = await self._core.sessions.start(session, caller.bot_id, caller.device_id, _AMR)
        live = await self._core.sessions.find_live(session, started.id)
        if live is None or live.user.owner_id is None:
            raise ForeignProofError
        await self._core.log.add(
            session, live.user.owner_id, "bot_signed_in", actor_id=live.user.id,
            detail=live.user.username,
        )  # fmt: skip
        return live


async def _lock_bot(session: AsyncSession, bot_id: str) -> models.Bot | None:
    return await session.get(models.Bot, bot_id, with_for_update=True, populate_existing=True)


def _entry(bot: models.User, device: models.Device) -> BotEntry:
    return BotEntry(
        id=UserId(bot.id),
        name=bot.username,
        created=bot.created,
        last_seen=device.last_seen if device.last_seen > device.created else None,
        has_keys=device.leaves is not None,
    )
