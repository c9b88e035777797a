"""Showing once more who one is by going to the provider that one comes by."""

from backend.auth import contract, models
from backend.auth.contract import (
    BadFactorError,
    KindNotOfferedError,
    PreauthGoneError,
    Recipient,
    Sealed,
)
from backend.auth.service import limits
from backend.auth.service.beginnings import LIFE
from backend.auth.service.core import Feature
from backend.auth.service.social import AMR, CONFIRM
from backend.auth.service.stepping_up import list_providers
from backend.kit.callers import Member
from backend.kit.clock import utc
from backend.kit.tokens.errors import InvalidTokenError


class Confirming(Feature):
    """Implements what leads elsewhere of `contract.StepUps`.

    As for a link three keys are needed: the session allows it, the device that went there brings
    what came of it, and the same session takes it. So what was begun at one screen is worth nothing
    at another, and an answer that somebody slips into the browser is worth nothing at all.
    """

    async def leave_to_confirm(
        self, caller: Member, request: contract.LeaveToConfirm
    ) -> contract.Departure:
        await self._parts.limits.spend(limits.STEP_UP, caller.session_id)
        client = self._core.elsewhere.clients.get(request.provider)
        if client is None:
            raise KindNotOfferedError("That way in is not open here.", "provider")
        await self._core.elsewhere.prepared(client)
        async with self._parts.database.transaction() as session:
            beginning = await self._core.beginnings.get(session, request.preauth_id)
            if (beginning.kind, beginning.provider) != ("confirm", request.provider):
                raise PreauthGoneError
            if client not in await list_providers(session, self._core.elsewhere, caller.user_id):
                raise KindNotOfferedError("That is not what opens your account.", "provider")
            exchange = await self._core.elsewhere.get_exchange(session, beginning.id)
            # From now on: when it was allowed is what the provider's word has to be younger than.
            until = utc(self._parts.clock) + LIFE
            await self._core.elsewhere.depart_for(
                session,
                beginning.id,
                caller.user_id,
                session_id=caller.session_id,
                expires_at=until,
            )
        url = client.authorize_url(exchange, is_anew=True)
        return contract.Departure(authorize_url=url, state=exchange.state)

    async def confirm_by_provider(
        self, caller: Recipient, request: contract.ConfirmByProvider
    ) -> Sealed:
        member = caller.member
        async with self._parts.database.transaction() as session:
            beginning = await self._core.beginnings.get(session, request.preauth_id)
            begun = (beginning.kind, beginning.step, beginning.provider, beginning.session_id)
            if begun != ("confirm", CONFIRM, request.provider, member.session_id):
                raise PreauthGoneError
            found = await self._core.elsewhere.get_found(
                session, beginning.id, request.confirm_token
            )
            # As it is now: it may have been unlinked meanwhile, or a lock have been added.
            await session.get(models.User, member.user_id, with_for_update=True)
            ways = await list_providers(session, self._core.elsewhere, member.user_id)
            owner = await self._core.elsewhere.find_user(session, found.person)
            is_way = request.provider in {client.provider.name for client in ways}
            if not is_way or owner is None or owner.id != member.user_id:
                raise BadFactorError
            live = await self._core.sessions.find_live(session, member.session_id)
            if live is None:
                raise InvalidTokenError
            await self._core.beginnings.claim(session, beginning.id)
            await self._core.sessions.confirm(session, live, AMR)
            await self._core.note(session, member, "confirmed", request.provider)
        return Sealed(sealed=await self._core.issuing.tokens(live, caller.jti))
