"""What members do with their accounts elsewhere."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import (
    AlreadyLinkedError,
    Confirmed,
    KindNotOfferedError,
    LastLoginMethodError,
    PreauthGoneError,
)
from backend.auth.service.core import Feature
from backend.auth.service.social import LINK
from backend.kit.callers import Member
from backend.kit.errors import NotFoundError
from backend.kit.values import NOTHING, Nothing


class Linking(Feature):
    """Implements the rest of `contract.Providers`.

    A link is allowed by a member who showed a moment ago who they are, brought by the device that
    went to the provider, and ended by the same member: three keys, and no address anywhere.
    """

    async def list_linked(
        self,
        caller: Member,
        request: contract.ListLinked,  # noqa: ARG002
    ) -> contract.LinkedList:
        async with self._parts.database.reading() as session:
            rows = await self._core.elsewhere.list_of(session, caller.user_id)
        return contract.LinkedList(linked=tuple(self._entry(row) for row in rows))

    async def start_link(
        self, caller: Confirmed, request: contract.StartLink
    ) -> contract.Departure:
        client = self._core.elsewhere.clients.get(request.provider)
        if client is None or not client.provider.sign_in:
            raise KindNotOfferedError("That way in is not open here.", "provider")
        await self._core.elsewhere.prepared(client)
        async with self._parts.database.transaction() as session:
            beginning = await self._core.beginnings.get(session, request.preauth_id)
            if (beginning.kind, beginning.provider) != ("link", request.provider):
                raise PreauthGoneError
            await self._check_is_first(session, caller.member, request.provider)
            exchange = await self._core.elsewhere.get_exchange(session, beginning.id)
            await self._core.elsewhere.depart_for(session, beginning.id, caller.member.user_id)
        url = client.authorize_url(exchange)
        return contract.Departure(authorize_url=url, state=exchange.state)

    async def link(self, caller: Member, request: contract.Link) -> contract.LinkedAccount:
        async with self._parts.database.transaction() as session:
            beginning = await self._core.beginnings.get(session, request.preauth_id)
            begun = (beginning.kind, beginning.step, beginning.provider, beginning.user_id)
            if begun != ("link", LINK, request.provider, caller.user_id):
                # Also when another member is signed in by now: what Ada allowed is not Ben's.
                raise PreauthGoneError
            found = await self._core.elsewhere.get_found(session, beginning.id, request.link_token)
            await self._lock(session, caller.user_id)
            await self._check_is_first(session, caller, request.provider)
            row = await self._core.elsewhere.attach(session, caller.user_id, found)
            await self._core.beginnings.claim(session, beginning.id)
            await self._log_link(session, caller, "provider_linked", row)
        return self._entry(row)

    async def unlink(self, caller: Confirmed, request: contract.Unlink) -> Nothing:
        member = caller.member
        async with self._parts.database.transaction() as session:
            # Whoever unlinks another one meanwhile waits, or both would count on each other.
            await self._lock(session, member.user_id)
            rows = await self._core.elsewhere.list_of(session, member.user_id)
            row = next((row for row in rows if row.provider == request.provider), None)
            if row is None:
                raise NotFoundError("There is no such account to unlink.")
            others = [other for other in rows if other is not row and self._opens(other)]
            if not others and not await self._has_own_way_in(session, member.user_id):
                raise LastLoginMethodError
            await session.delete(row)
            await self._log_link(session, member, "provider_unlinked", row)
        return NOTHING

    def _opens(self, row: models.ProviderUser) -> bool:
        client = self._core.elsewhere.clients.get(row.provider)
        return client is not None and client.provider.sign_in

    async def _has_own_way_in(self, session: AsyncSession, user_id: str) -> bool:
        password = select(models.Password.user_id).where(col(models.Password.user_id) == user_id)
        passkey = select(models.Passkey.id).where(col(models.Passkey.user_id) == user_id).limit(1)
        return any(
            [(await session.scalars(query)).first() is not None for query in (password, passkey)]
        )

    async def _check_is_first(self, session: AsyncSession, member: Member, provider: str) -> None:
        rows = await self._core.elsewhere.list_of(session, member.user_id)
        if any(row.provider == provider for row in rows):
            raise AlreadyLinkedError("One of those is linked already. Unlink it first.")

    async def _lock(self, session: AsyncSession, user_id: str) -> None:
        row = select(models.User.id).where(col(models.User.id) == user_id).with_for_update()
        await session.execute(row)

    async def _log_link(
        self, session: AsyncSession, member: Member, name: str, row: models.ProviderUser
    ) -> None:
        device = await session.get(models.Device, member.device_id)
        await self._core.log.add(
            session,
            member.user_id,
            name,
            device_name=device.name if device else "",
            detail=self._label(row.provider),
        )

    def _entry(self, row: models.ProviderUser) -> contract.LinkedAccount:
        return contract.LinkedAccount(
            provider=row.provider,
            label=self._label(row.provider),
            username_hint=row.username_hint,
            linked_at=row.linked_at,
        )

    def _label(self, provider: str) -> str:
        client = self._core.elsewhere.clients.get(provider)
        return client.provider.label if client else provider
