"""The second step of signing in. Nothing else leads on from where it is asked for."""

from backend.auth import contract, models
from backend.auth.contract import Admission, Applicant, BadFactorError, PreauthGoneError
from backend.auth.service import limits
from backend.auth.service.beginnings import Beginning
from backend.auth.service.certainty import joined
from backend.auth.service.core import Feature
from backend.kit.ids import UserId

KINDS = ("login", "oauth", "reset")
"""What leads to an account that may have a second factor."""
STEP = "second_factor"


class SecondStep(Feature):
    """Implements `contract.Factors.show_factor`."""

    async def show_factor(self, caller: Applicant, request: contract.ShowFactor) -> Admission:
        beginning = await self._core.get_beginning(caller, *KINDS, step=STEP)
        if request.type != "passkey":
            await self._parts.limits.spend(limits.FACTOR_ACCOUNT, owner_of(beginning))
        async with self._parts.database.transaction() as session:
            await self._core.beginnings.count_factor_try(session, beginning.id)
        try:
            return await self._admit(caller, beginning, request)
        except BadFactorError:
            await self._tell_owner(beginning, request.type)
            raise

    async def _admit(
        self, caller: Applicant, beginning: Beginning, request: contract.ShowFactor
    ) -> Admission:
        shown = await self._core.factors.expect(request.type, request.value, STEP, beginning.id)
        owner = owner_of(beginning)
        async with self._parts.database.transaction() as session:
            amr = await self._core.factors.use(session, owner, shown)
            user = await session.get_one(models.User, owner)
            if request.type == "recovery_code":
                name = beginning.device_name
                await self._core.log.add(session, owner, "recovery_code_used", device_name=name)
            admitted = await self._core.admit(
                session, beginning, user, joined(beginning.amr, amr, "mfa"), is_enough=True
            )
        return await self._core.admission(caller, admitted)

    async def _tell_owner(self, beginning: Beginning, type_: str) -> None:
        # Whoever got this far knows the password, or has a hand on what stands in for it.
        async with self._parts.database.transaction() as session:
            await self._core.log.add(
                session,
                owner_of(beginning),
                "second_factor_refused",
                device_name=beginning.device_name,
                detail=type_,
            )


def owner_of(beginning: Beginning) -> UserId:
    """Whose account the first factor opened. Raises PreauthGoneError."""
    if beginning.user_id is None:
        raise PreauthGoneError
    return UserId(beginning.user_id)
