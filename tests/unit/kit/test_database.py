import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlmodel import Field, SQLModel, select

from backend.kit.database import Database, UtcDateTime
from backend.kit.errors import InvalidRequestError
from tests.conftest import Postgres


class Pebble(SQLModel, table=True):
    __tablename__ = "kittest_pebble"  # pyright: ignore[reportAssignmentType]
    id: int = Field(primary_key=True)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@pytest.fixture(autouse=True)
async def table(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Pebble.__table__.create)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


async def ids(database: Database) -> list[int]:
    async with database.reading() as session:
        return list((await session.scalars(select(Pebble.id).order_by(sa.text("id")))).all())


async def test_a_transaction_is_kept_when_its_block_ends(database: Database):
    async with database.transaction() as session:
        session.add(Pebble(id=1))
    assert await ids(database) == [1]


async def test_a_transaction_leaves_nothing_when_its_block_raises(database: Database):
    async def fail_halfway() -> None:
        async with database.transaction() as session:
            session.add(Pebble(id=1))
            await session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fail_halfway()
    assert await ids(database) == []


async def test_many_transactions_at_once_all_commit(database: Database):
    async def put(number: int) -> None:
        async with database.transaction() as session:
            session.add(Pebble(id=number))

    await asyncio.gather(*(put(number) for number in range(40)))
    assert await ids(database) == list(range(40))


async def test_a_time_comes_back_aware_and_in_utc(database: Database):
    east = timezone(timedelta(hours=2))
    async with database.transaction() as session:
        session.add(Pebble(id=1, at=datetime(2026, 5, 1, 14, 0, tzinfo=east)))
        session.add(Pebble(id=2))
    async with database.reading() as session:
        times = (await session.scalars(select(Pebble.at).order_by(sa.text("id")))).all()
    assert times == [datetime(2026, 5, 1, 12, 0, tzinfo=UTC), None]
    assert times[0] is not None
    assert times[0].tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database):
    with pytest.raises(exc.StatementError, match="naive"):
        async with database.transaction() as session:
            session.add(Pebble(id=1, at=datetime(2026, 5, 1)))  # noqa: DTZ001


async def test_insert_ignore_leaves_the_first_row(database: Database):
    first, second = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    for at in (first, second):
        async with database.transaction() as session:
            await session.execute(database.insert_ignore(Pebble).values(id=1, at=at))
    async with database.reading() as session:
        assert (await session.scalars(select(Pebble.at))).all() == [first]


async def test_a_reading_of_sqlite_cannot_write(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'own.db'}")
    async with database.transaction() as session:
        await session.execute(sa.text("CREATE TABLE t (x)"))
    with pytest.raises(exc.OperationalError, match="readonly"):
        async with database.reading() as session:
            await session.execute(sa.text("INSERT INTO t VALUES (1)"))
    await database.close()


def test_an_in_memory_sqlite_is_refused():
    with pytest.raises(ValueError, match="in-memory"):
        Database("sqlite+aiosqlite:///:memory:")


async def test_a_text_that_postgresql_cannot_hold_is_refused_and_no_failure(postgres: Postgres):
    database = Database(postgres.create())
    same = sa.text("SELECT 1 WHERE :given = 'a'")
    async with database.reading() as session:
        assert (await session.execute(same, {"given": "a"})).all() == [(1,)]
    with pytest.raises(InvalidRequestError):
        async with database.reading() as session:
            await session.execute(same, {"given": "a\x00"})
    await database.close()
