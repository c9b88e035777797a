"""Accounts elsewhere: the providers that are on, what was begun with them, and whom they open."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

import msgspec
import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import (
    AlreadyLinkedError,
    Begin,
    InvalidLinkTokenError,
    KindNotOfferedError,
    PreauthGoneError,
    ProviderUnavailableError,
)
from backend.auth.service.beginnings import Beginning, was_changed
from backend.auth.service.exchanges import open_exchange
from backend.kit.clock import utc
from backend.kit.oauth.client import Exchange, Person, ProviderAwayError, ProviderClient
from backend.kit.oauth.providers import read_providers
from backend.kit.parts import Parts

AWAY = "away"
"""The step of a beginning whose browser has gone to a provider."""
EXCHANGED = "exchanged"
_TABLE = "auth_preauth"
_TOKEN_LABEL = "link token 1"  # noqa: S105 - the name of a key
_SUGGESTED = re.compile(r"[^A-Za-z0-9_-]+")
_MAX_SUGGESTED = 24
_MIN_USERNAME = 3

_log = structlog.get_logger("sosa.auth")


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody a provider vouched for, waiting for a yes."""

    provider: str
    person: Person


class Elsewhere:
    """The providers, and the rows that stand for them, inside the transactions of the service."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.clients = {
            name: ProviderClient(provider, parts.clock)
            for name, provider in read_providers(parts.settings.providers).items()
        }

    async def prepare(self) -> None:
        """Read the discovery documents. Raises ProviderConfigError for one that cannot be right.

        A provider that is away is asked again by the first who wants to go there: it must not keep
        the house from opening.
        """
        for name, client in self.clients.items():
            try:
                await client.prepare()
            except ProviderAwayError:
                _log.warning("provider_away", provider=name)

    async def find_for(self, request: Begin) -> ProviderClient | None:
        """The provider that a beginning leads to, if it leads to any.

        Raises KindNotOfferedError, ProviderUnavailableError. Not to be called in a transaction: it
        may have to ask the provider where it answers.
        """
        if request.kind not in {"oauth", "link", "confirm"}:
            return None
        client = self.clients.get(request.provider or "")
        if client is None or not _is_on(client, request.kind):
            field = "provider" if request.provider else "kind"
            raise KindNotOfferedError("That way in is not open here.", field)
        return await self.prepared(client)

    async def prepared(self, client: ProviderClient) -> ProviderClient:
        """A provider whose addresses are known. Raises ProviderUnavailableError."""
        try:
            await client.prepare()
        except ProviderAwayError:
            raise ProviderUnavailableError from None
        return client

    def client_of(self, beginning: Beginning) -> ProviderClient:
        """Its provider. Raises PreauthGoneError when that was switched off meanwhile."""
        client = self.clients.get(beginning.provider or "")
        if client is None:
            raise PreauthGoneError
        return client

    async def get_exchange(self, session: AsyncSession, preauth_id: str) -> Exchange:
        """What the provider's answer has to be an answer to. Raises PreauthGoneError."""
        row = await session.get(models.Preauth, preauth_id)
        if row is None or row.sealed_exchange is None:
            raise PreauthGoneError
        return open_exchange(self._parts, row.id, row.sealed_exchange)

    async def claim_exchange(self, session: AsyncSession, preauth_id: str) -> None:
        """Use the exchange up: of many tries at once, one goes on. Raises PreauthGoneError.

        It is claimed before the token request. So a code is sent to the provider once, and whoever
        lost its answer begins anew: providers end everything a code gave when they see it twice.
        """
        result = await session.execute(
            update(models.Preauth)
            .where(
                col(models.Preauth.id) == preauth_id,
                col(models.Preauth.step) == AWAY,
                col(models.Preauth.used_at).is_(None),
                col(models.Preauth.expires_at) > utc(self._parts.clock),
            )
            .values(step=EXCHANGED, sealed_exchange=None)
        )
        if not was_changed(result):
            raise PreauthGoneError

    async def depart_for(
        self, session: AsyncSession, preauth_id: str, user_id: str, **more: object
    ) -> None:
        """Take what was begun for one account, once. Raises PreauthGoneError."""
        result = await session.execute(
            update(models.Preauth)
            .where(
                col(models.Preauth.id) == preauth_id,
                col(models.Preauth.step) == "",
                col(models.Preauth.user_id).is_(None),
            )
            .values(step=AWAY, user_id=user_id, **more)
        )
        if not was_changed(result):
            raise PreauthGoneError

    async def keep(self, session: AsyncSession, preauth_id: str, step: str, person: Person) -> str:
        """Have somebody wait for a yes; returns the token that stands for them, given out once."""
        token = secrets.token_urlsafe(32)
        sealed = self._parts.keyring.seal(
            _TABLE, "sealed_pending", preauth_id, msgspec.json.encode(person)
        )
        mac = self._parts.keyring.mac(_TOKEN_LABEL, token)
        waiting = {"step": step, "sealed_pending": sealed, "code_hmac": mac}
        waits = update(models.Preauth).where(col(models.Preauth.id) == preauth_id)
        await session.execute(waits.values(**waiting))
        return token

    async def get_found(self, session: AsyncSession, preauth_id: str, token: str) -> Found:
        """Who waits there. Raises InvalidLinkTokenError, PreauthGoneError."""
        row = await session.get(models.Preauth, preauth_id)
        if row is None or row.sealed_pending is None:
            raise PreauthGoneError
        if not self._parts.keyring.is_mac(row.code_hmac or "", _TOKEN_LABEL, token):
            raise InvalidLinkTokenError
        plain = self._parts.keyring.open_sealed(
            _TABLE, "sealed_pending", row.id, row.sealed_pending
        )
        return Found(row.provider or "", msgspec.json.decode(plain, type=Person))

    async def find_user(self, session: AsyncSession, person: Person) -> models.User | None:
        """Whose account they open. By issuer and subject alone: an address may change hands."""
        query = (
            select(models.User)
            .join(models.ProviderUser, col(models.ProviderUser.user_id) == col(models.User.id))
            .where(
                col(models.ProviderUser.issuer) == person.issuer,
                col(models.ProviderUser.subject) == person.subject,
            )
        )
        return (await session.scalars(query)).first()

    async def attach(
        self, session: AsyncSession, user_id: str, found: Found
    ) -> models.ProviderUser:
        """Let them open an account. Raises AlreadyLinkedError when they open one already."""
        row = models.ProviderUser(
            issuer=found.person.issuer,
            subject=found.person.subject,
            provider=found.provider,
            user_id=user_id,
            username_hint=found.person.name,
            linked_at=utc(self._parts.clock),
        )
        insert = self._parts.database.insert_ignore(models.ProviderUser).values(**row.model_dump())
        if not was_changed(await session.execute(insert)):
            raise AlreadyLinkedError("That account is linked here already.")
        return row

    async def list_of(self, session: AsyncSession, user_id: str) -> list[models.ProviderUser]:
        """What opens an account, oldest first."""
        query = (
            select(models.ProviderUser)
            .where(col(models.ProviderUser.user_id) == user_id)
            .order_by(col(models.ProviderUser.linked_at), col(models.ProviderUser.provider))
        )
        return list(await session.scalars(query))

    async def list_confirming(self, session: AsyncSession, user_id: str) -> list[ProviderClient]:
        """Which of what opens an account counts as showing afresh who they are."""
        rows = await self.list_of(session, user_id)
        clients = [self.clients[row.provider] for row in rows if row.provider in self.clients]
        return [
            client
            for client in clients
            if client.provider.sign_in and client.provider.confirms != "no"
        ]

    async def suggest_username(self, session: AsyncSession, name: str) -> str:
        """A free username like the one they have there; "" when nothing comes to mind."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        wanted = _SUGGESTED.sub("-", plain).strip("-_")[:_MAX_SUGGESTED]
        if len(wanted) < _MIN_USERNAME:
            return ""
        for candidate in (wanted, *(f"{wanted}-{secrets.randbelow(900) + 100}" for _ in range(3))):
            taken = select(models.User.id).where(col(models.User.username_key) == candidate.lower())
            if (await session.scalars(taken)).first() is None:
                return candidate
        return ""


def _is_on(client: ProviderClient, kind: str) -> bool:
    provider = client.provider
    return provider.sign_in or (kind == "oauth" and provider.sign_up)
