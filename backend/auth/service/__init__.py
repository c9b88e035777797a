"""The auth service: the rules behind the contract."""

from backend.auth.service.auth_service import AuthService
from backend.auth.service.sessions import end_all
from backend.kit.database import Database
from backend.kit.parts import Parts


def build(parts: Parts) -> AuthService:
    """The service, made of its parts."""
    return AuthService(parts)


async def settle_restored(database: Database) -> None:
    """End every session: which of them ended since the backup, nobody knows any more."""
    await end_all(database, "restored")


__all__ = ["AuthService", "build", "settle_restored"]
