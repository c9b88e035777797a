"""What is left of an account when it is gone: an id that means nothing, and nothing that opens."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from backend.auth import models
from backend.kit.keyring import Keyring

_OWN: tuple[type[SQLModel], ...] = (
    models.Password,
    models.UserEmail,
    models.PendingEmail,
    models.UserRole,
    models.ProviderUser,
    models.Totp,
    models.Passkey,
    models.RecoveryCode,
    models.SecurityEvent,
    models.Bot,
)
"""Tables whose rows belong to one account, by `user_id`."""

_NAME_CHARS = 32
"""As long as the column is; 124 bits of the hash at least."""


def tombstone_keys(keyring: Keyring, username_key: str) -> tuple[str, ...]:
    """What may stand in the place of a name that is gone; the first is what is put there now.

    Nobody can read the name from it, and nobody can take the name: else whoever is faster would be
    taken for the one who left.
    """
    macs = keyring.macs("gone name 1", username_key)
    return tuple(f"~{mac}"[:_NAME_CHARS] for mac in macs)


async def erase(session: AsyncSession, keyring: Keyring, user: models.User) -> None:
    """Destroy everything of an account. The row stays, as the tombstone that its id points to."""
    sessions = select(col(models.Session.id)).where(col(models.Session.user_id) == user.id)
    await session.execute(
        delete(models.Refresh).where(col(models.Refresh.session_id).in_(sessions))
    )
    for table in (models.Session, models.Device):
        await session.execute(delete(table).where(col(table.user_id) == user.id))
    for table in _OWN:
        # The columns are looked up by name: what the tables have in common is no class of its own.
        await session.execute(delete(table).where(table.__table__.c.user_id == user.id))  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownArgumentType]
    await session.execute(delete(models.Preauth).where(col(models.Preauth.user_id) == user.id))
    await _erase_exports(session, user)
    gone = tombstone_keys(keyring, user.username_key)[0]
    user.username, user.username_key = gone, gone
    user.state, user.state_until, user.state_reason = "deleted", None, ""
    user.log_count, user.log_head = 0, ""
    user.age_band, user.owner_id, user.epoch = "", None, user.epoch + 1
    session.add(user)


async def _erase_exports(session: AsyncSession, user: models.User) -> None:
    jobs = select(col(models.PrivacyJob.id)).where(
        col(models.PrivacyJob.user_id) == user.id, col(models.PrivacyJob.kind) == "export"
    )
    await session.execute(
        delete(models.PrivacyPart).where(col(models.PrivacyPart.job_id).in_(jobs))
    )
    await session.execute(
        delete(models.PrivacyJob).where(
            col(models.PrivacyJob.user_id) == user.id, col(models.PrivacyJob.kind) == "export"
        )
    )
