"""What the guards of auth ask it for, and its public keys."""

from backend.auth import contract
from backend.auth.contract import Held
from backend.auth.service.core import Feature
from backend.kit.callers import Visitor
from backend.kit.ids import SessionId
from backend.kit.tokens.proofs import DeviceKey


class Guarding(Feature):
    """Implements `contract.Publications` and `contract.ProofKeys`."""

    async def get_jwks(self, caller: Visitor, request: contract.GetJwks) -> contract.Jwks:  # noqa: ARG002
        return contract.Jwks(keys=await self._core.signing.published())

    async def get_applicant_key(self, preauth_id: str) -> DeviceKey:
        async with self._parts.database.reading() as session:
            beginning = await self._core.beginnings.get(session, preauth_id)
        return beginning.keys.for_audience("auth")

    async def count_bad_proof(self, preauth_id: str) -> None:
        async with self._parts.database.transaction() as session:
            await self._core.beginnings.count_bad_proof(session, preauth_id)

    async def get_held(self, refresh_token: str) -> Held:
        async with self._parts.database.reading() as session:
            return await self._core.refreshing.get_held(session, refresh_token)

    async def report_stolen(self, session_id: SessionId) -> None:
        async with self._parts.database.transaction() as session:
            await self._core.end(session, session_id, "reuse")
        self._core.revoke(session_id)
