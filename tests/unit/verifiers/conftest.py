from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import Select
from sqlmodel import SQLModel

from backend.auth import models
from backend.kit.clock import Clock, ManualClock, utc
from backend.kit.ephemera import InProcessEphemera
from backend.kit.key_files import fresh_keys
from backend.kit.keyring import Keyring
from backend.kit.settings import Settings

TABLES = [
    getattr(model, "__table__")  # noqa: B009 - SQLModel does not say that it has one
    for model in (
        models.User,
        models.Preauth,
        models.PendingEmail,
        models.Totp,
        models.RecoveryCode,
        models.SecurityEvent,
    )
]


@dataclass(frozen=True)
class Given:
    """What verifiers use of the parts of auth."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    ephemera: InProcessEphemera


@pytest.fixture
def parts(clock: ManualClock) -> Any:
    settings = Settings(public_origin="https://sosa.example")
    return Given(settings, clock, Keyring(fresh_keys()), InProcessEphemera(clock))


@pytest.fixture
async def session() -> AsyncIterator[AsyncSession]:
    """An open transaction on those tables of auth that verifiers look into, in memory."""
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection, AsyncSession(connection) as opened:
        await connection.run_sync(SQLModel.metadata.create_all, tables=TABLES)
        yield opened
    await engine.dispose()


@pytest.fixture
async def ada(session: AsyncSession, clock: ManualClock) -> models.User:
    return await joined(session, clock, "ada")


@pytest.fixture
async def ben(session: AsyncSession, clock: ManualClock) -> models.User:
    return await joined(session, clock, "ben")


async def joined(session: AsyncSession, clock: ManualClock, name: str) -> models.User:
    user = models.User(
        id=f"id-of-{name}", username=name.title(), username_key=name, state="active", epoch=0,
        age_band="18_plus", created=utc(clock),
    )  # fmt: skip
    session.add(user)
    await session.flush()
    return user


@pytest.fixture
def locked(session: AsyncSession) -> list[str]:
    """Which rows were locked, as PostgreSQL would be asked. SQLite locks everything anyway."""
    seen: list[str] = []

    def look(state: ORMExecuteState) -> None:
        statement = state.statement
        if isinstance(statement, Select) and statement._for_update_arg is not None:
            compiled = statement.compile(dialect=postgresql.dialect())
            bound = {**compiled.params, **cast("dict[str, Any]", state.parameters or {})}
            where = str(compiled).partition("WHERE")[2].split()
            seen.append(" ".join(where) % {name: repr(value) for name, value in bound.items()})

    event.listen(session.sync_session, "do_orm_execute", look)
    return seen
