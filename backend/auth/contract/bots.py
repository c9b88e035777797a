"""Bots: accounts that programs use, and members answer for."""

from datetime import datetime
from typing import Protocol

from backend.auth.contract.callers import Bot, Confirmed
from backend.auth.contract.entrance import MAX_BODY, Sealed
from backend.kit.callers import Member
from backend.kit.ids import UserId
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value


class BotEntry(Value):
    """One of the caller's bots."""

    id: UserId
    name: str
    created: datetime
    last_seen: datetime | None
    """When it last fetched tokens; None while its present secret has not been used."""
    has_keys: bool
    """Whether its secret still opens something. After a restored backup it needs a new one."""


class BotList(Value):
    """The caller's bots that are not revoked, oldest first; at most 5."""

    bots: tuple[BotEntry, ...]


class MakeBot(Request):
    """What the bot is called, by the rules of usernames."""

    name: str


class ListBots(Request):
    """Takes nothing."""


class RenewBotSecret(Request):
    """One of the caller's bots."""

    bot_id: UserId


class RevokeBot(Request):
    """One of the caller's bots."""

    bot_id: UserId


class GetBotTokens(Request):
    """The bot itself, by its id."""

    bot_id: UserId


class Bots(Protocol):
    """Bots and their secrets. A secret is answered once, and never asked for."""

    @op("POST", "/auth/v1/bots", max_body_bytes=MAX_BODY)
    async def make_bot(self, caller: Confirmed, request: MakeBot) -> Sealed:
        """Make a bot. Sealed is `{bot, secret, salt, kid}`, the only time they are said.

        Raises InvalidRequestError naming the field, UsernameTakenError, TooManyBotsError from the
        sixth on, RateLimitedError.
        """
        ...

    @op("GET", "/auth/v1/bots")
    async def list_bots(self, caller: Member, request: ListBots) -> BotList: ...

    @op("POST", "/auth/v1/bots/{bot_id}/secret", max_body_bytes=MAX_BODY)
    async def renew_bot_secret(self, caller: Confirmed, request: RenewBotSecret) -> Sealed:
        """A new secret, as `make_bot` answers it.

        What the old one opened ends within a second. Raises NotFoundError, RateLimitedError.
        """
        ...

    @op("DELETE", "/auth/v1/bots/{bot_id}")
    async def revoke_bot(self, caller: Confirmed, request: RevokeBot) -> Nothing:
        """End a bot for good, within a second; what it said stays, and its name stays taken.

        Raises NotFoundError.
        """
        ...

    @op("POST", "/auth/v1/bots/{bot_id}/tokens", max_body_bytes=MAX_BODY)
    async def get_bot_tokens(self, caller: Bot, request: GetBotTokens) -> Sealed:
        """Access tokens for a bot; Sealed is what SignedIn's is. A secret has one session at most.

        Raises BotOwnerAwayError, RateLimitedError.
        """
        ...
