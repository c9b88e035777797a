"""A database that is away is told as such, and found again."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError

from backend.kit.database import Database
from backend.kit.errors import UnavailableError
from tests.conftest import Postgres, postgres_server

pytestmark = pytest.mark.faults

Way = Callable[[Database, str], Coroutine[Any, Any, None]]


async def by_transaction(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        await session.execute(sa.text(statement))


async def by_reading(database: Database, statement: str) -> None:
    async with database.reading() as session:
        await session.execute(sa.text(statement))


async def by_transact(database: Database, statement: str) -> None:
    await database.transact(lambda connection: connection.execute(sa.text(statement)).close())


async def by_look(database: Database, statement: str) -> None:
    await database.look(lambda connection: connection.execute(sa.text(statement)).close())


WAYS: tuple[Way, ...] = (by_transaction, by_reading, by_transact, by_look)


@pytest.fixture(scope="module")
def durable() -> Iterator[Postgres]:
    with postgres_server(is_durable=True) as server:
        yield server


async def test_a_killed_server_is_unavailable_until_it_is_back(durable: Postgres):
    database = Database(durable.create())
    under_way = [asyncio.create_task(way(database, "SELECT pg_sleep(30)")) for way in WAYS]
    for way in WAYS:
        await way(database, "SELECT 1")
    await asyncio.to_thread(durable.kill)
    try:
        for cut_short in await asyncio.gather(*under_way, return_exceptions=True):
            assert isinstance(cut_short, UnavailableError)
        for way in WAYS:
            with pytest.raises(UnavailableError):
                await way(database, "SELECT 1")
    finally:
        await asyncio.to_thread(durable.start)
    for way in WAYS:
        await way(database, "SELECT 1")
    await database.close()


async def test_a_server_that_is_starting_is_unavailable(durable: Postgres):
    class StartingError(Exception):
        sqlstate = "57P03"

    database = Database(durable.create())
    for refused in (StartingError(), DBAPIError("SELECT 1", {}, StartingError())):
        with pytest.raises(UnavailableError):
            async with database.reading():
                raise refused
    await database.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_mistake_of_ours_is_not_excused(durable: Postgres, way: Way):
    database = Database(durable.create())
    with pytest.raises(ProgrammingError):
        await way(database, "SELECT nothing FROM nowhere")
    await database.close()


async def test_a_mistake_in_the_block_is_not_excused_either(durable: Postgres):
    database = Database(durable.create())
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError
    await database.close()
