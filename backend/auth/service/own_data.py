"""What auth itself keeps of a member, in words that they can read."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from backend.auth import models
from backend.auth.service.standing import list_roles
from backend.kit.parts import Parts

ABOUT = """What SoSa keeps of you, as of the day you asked.

auth/       your account, devices, sessions, factors, accounts elsewhere, bots and security log
profiles/   how you appear: names, face, how you identify
community/  the communities you are in
messaging/  everything you wrote, oldest first

Not in here, because nobody could read it: your password and your keys, which are kept in a form
that only answers "is this it?", and your e-mail address unless you asked us to keep it.
"""


_FACTORS: dict[str, tuple[type[SQLModel], str]] = {
    "totp": (models.Totp, "created confirmed_at"),
    "passkeys": (models.Passkey, "name created last_used"),
}
_LISTS: dict[str, tuple[type[SQLModel], str]] = {
    "devices": (models.Device, "id name platform created last_seen"),
    "sessions": (models.Session, "id device_id amr created last_used ended_at end_reason"),
    "elsewhere": (models.ProviderUser, "provider subject username_hint linked_at"),
    "security-log": (models.SecurityEvent, "number at name device_name detail"),
}
"""Chosen columns only: none that is sealed, or a hash."""


async def gather(session: AsyncSession, parts: Parts, user: models.User) -> dict[str, str]:
    """The files of auth, by their name in the archive."""
    told = {
        "account": await _account(session, parts, user),
        "factors": {name: await _rows(session, user, *told) for name, told in _FACTORS.items()},
        **{name: await _rows(session, user, *told) for name, told in _LISTS.items()},
    }
    return {f"auth/{name}.json": _json(value) for name, value in told.items()}


async def _account(session: AsyncSession, parts: Parts, user: models.User) -> dict[str, Any]:
    email = await session.get(models.UserEmail, user.id)
    address = ""
    if email is not None and email.sealed_address:
        address = parts.keyring.open_sealed(
            "auth_user_email", "sealed_address", user.id, email.sealed_address
        ).decode()
    bots = select(models.User.username).where(col(models.User.owner_id) == user.id)
    return {
        "id": user.id,
        "username": user.username,
        "created": user.created,
        "age_band": user.age_band,
        "state": user.state,
        "roles": await list_roles(session, user),
        "has_email": email is not None,
        "email_is_verified": email is not None and email.verified_at is not None,
        "email": address,
        "bots": list(await session.scalars(bots)),
    }


async def _rows(
    session: AsyncSession, user: models.User, table: type[SQLModel], columns: str
) -> list[dict[str, Any]]:
    fields: Any = table
    query = select(table).where(fields.user_id == user.id)
    found = await session.scalars(query)
    return [{name: getattr(row, name) for name in columns.split()} for row in found]


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_time)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an archive")
