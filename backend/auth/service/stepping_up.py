"""Showing once more who one is, in a session that goes on (ASVS 5.0, 7.5.1)."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import contract, models
from backend.auth.contract import BadFactorError, Ceremony, Recipient, Sealed, StepUpMethod
from backend.auth.service import limits
from backend.auth.service.certainty import AMR_OF_DEVICE
from backend.auth.service.core import Feature
from backend.auth.service.elsewhere import Elsewhere
from backend.auth.service.factors import Shown, list_methods
from backend.auth.service.passwords import normalized
from backend.auth.service.sessions import Live
from backend.kit.callers import Member
from backend.kit.oauth.client import ProviderClient
from backend.kit.tokens.errors import InvalidTokenError

_PURPOSE = "step_up"


class SteppingUp(Feature):
    """Implements `contract.StepUps`, but for what leads elsewhere."""

    async def get_step_up_methods(
        self,
        caller: Member,
        request: contract.GetStepUpMethods,  # noqa: ARG002
    ) -> contract.StepUpMethods:
        async with self._parts.database.reading() as session:
            methods = await list_ways(session, caller.user_id)
            clients = await list_providers(session, self._core.elsewhere, caller.user_id)
        places = [client.provider for client in clients]
        return contract.StepUpMethods(
            methods=methods,
            providers=tuple(
                contract.ConfirmingProvider(name=place.name, label=place.label) for place in places
            ),
        )

    async def ask_for_step_up_passkey(
        self,
        caller: Member,
        request: contract.AskForStepUpPasskey,  # noqa: ARG002
    ) -> Ceremony:
        passkeys = self._core.factors.passkeys
        async with self._parts.database.reading() as session:
            found = await passkeys.list_of(session, caller.user_id)
        expected = await passkeys.expect(_PURPOSE, caller.session_id)
        allowed = [passkey.credential_id for passkey in found]
        options = expected.ceremonies.request_options(
            allowed, expected.challenge, must_verify=False
        )
        return Ceremony(options=options)

    async def step_up(self, caller: Recipient, request: contract.StepUp) -> Sealed:
        await self._parts.limits.spend(limits.STEP_UP, caller.member.session_id)
        try:
            live = await self._confirmed(caller.member, request)
        except BadFactorError:
            async with self._parts.database.transaction() as session:
                await self._core.note(session, caller.member, "step_up_refused", request.method)
            raise
        return Sealed(sealed=await self._core.issuing.tokens(live, caller.jti))

    async def _confirmed(self, member: Member, request: contract.StepUp) -> Live:
        if request.method == "password":
            await self._check_password(member, request.value)
            shown = None
        else:
            shown = await self._core.factors.expect(
                request.method, request.value, _PURPOSE, member.session_id
            )
        async with self._parts.database.transaction() as session:
            live = await self._core.sessions.find_live(session, member.session_id)
            if live is None:
                raise InvalidTokenError
            await self._confirm(session, live, request.method, shown)
        return live

    async def _confirm(
        self, session: AsyncSession, live: Live, method: StepUpMethod, shown: Shown | None
    ) -> None:
        # Looked at in the transaction: a password alone is not enough from the moment on that there
        # is a second factor.
        if method not in await list_ways(session, live.user.id):
            raise BadFactorError
        if shown is None:
            amr = "pwd"
        else:
            amr = await self._core.factors.use(session, live.user.id, shown)
            # Beside another factor it makes two; beside a known device alone it is one.
            amr += " mfa" if set(live.amr) - {AMR_OF_DEVICE} else ""
        await self._core.sessions.confirm(session, live, amr)
        await self._core.note(session, live.member, "confirmed", method)

    async def _check_password(self, member: Member, password: str) -> None:
        async with self._parts.database.reading() as session:
            hashed = await self._core.accounts.find_hash(session, member.user_id)
        if not await self._core.passwords.is_right(normalized(password), hashed):
            raise BadFactorError


async def list_ways(session: AsyncSession, user_id: str) -> tuple[StepUpMethod, ...]:
    """How an account may show who it is, by itself.

    Its second factor where it has one: whoever learned the password and came by an open screen
    would otherwise need nothing more. Else the password. Nothing for those who come by another
    provider only: they go there once more (see `confirming`).
    """
    if methods := await list_methods(session, user_id):
        return methods
    has_password = await session.get(models.Password, user_id) is not None
    return ("password",) if has_password else ()


async def list_providers(
    session: AsyncSession, elsewhere: Elsewhere, user_id: str
) -> tuple[ProviderClient, ...]:
    """Where an account may go to show who it is; nowhere, when it can do so by itself."""
    if await list_ways(session, user_id):
        return ()
    return tuple(await elsewhere.list_confirming(session, user_id))
