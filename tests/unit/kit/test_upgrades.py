"""From every revision a house may stand at, with rows in every table, to the newest: nothing lost.

Rows are made from the tables as each revision has them, so that a revision that is added is covered
without a word here. What cannot be made up is asked for: a type without a value fails.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, TypeVar, cast

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from backend.kit.database import Database, UtcDateTime
from backend.kit.events import outbox_table
from backend.kit.migrations import _history, find_revision, migrate
from backend.kit.settings import SERVICES

T = TypeVar("T")
Row = dict[str, Any]
EARLIER, NEW = (1, 2), 3
"""Numbers of the rows that are there before the upgrade, and of one that is added after it."""
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MEANT: dict[str, Any] = {
    "auth_user.state": "active",
    "auth_user.age_band": "18_plus",
    "auth_preauth.kind": "register",
    "auth_session.amr": "pwd",
    "auth_signing_key.state": "retired",
    "messaging_event.kind": "posted",
}
"""Columns that take only certain words. All others take whatever fits."""
MADE_UP: dict[type[Any], Callable[[int], Any]] = {
    sa.Boolean: lambda number: bool(number % 2),
    sa.Integer: lambda number: 1_000 + number,
    sa.Numeric: lambda number: number + 0.5,
    sa.DateTime: lambda number: WHEN + timedelta(days=number),
    sa.LargeBinary: lambda number: b'{"number":%d}' % number,
    sa.JSON: lambda number: {"number": number},
    sa.String: lambda number: f"{number}",
}
DROPPED: dict[str, str] = {}
"""Tables (`table`) and columns (`table.column`) that a migration removed on purpose, and why that
loses nothing. A removal that is not here is a loss."""


def revisions() -> list[tuple[str, str]]:
    return [
        (service, script.revision)
        for service in SERVICES
        for script in reversed(list(_history(service).walk_revisions()))
    ]


def test_every_service_has_a_history():
    assert {service for service, _ in revisions()} == set(SERVICES)


@pytest.mark.parametrize(("service", "revision"), revisions())
async def test_rows_of_every_revision_reach_the_newest(
    database: Database, service: str, revision: str
):
    await migrate(database, service, revision)
    assert await find_revision(database, service) == revision
    before = await _on(database, lambda connection: _fill(connection, service))
    assert all(len(rows) == len(EARLIER) for rows in before.values())
    await migrate(database, service)
    after = await _on(database, lambda connection: _everything(connection, service))
    assert list(_losses(before, after)) == []
    await _use_models(database, service, before)


@pytest.mark.parametrize("harm", ["DELETE FROM {0}", "DROP TABLE {0}", "UPDATE {0} SET text = '?'"])
async def test_a_loss_would_be_seen(database: Database, harm: str):
    await migrate(database, "messaging")
    before = await _on(database, lambda connection: _fill(connection, "messaging"))
    harming = sa.text(harm.format("messaging_message"))
    await _on(database, lambda connection: connection.execute(harming))
    after = await _on(database, lambda connection: _everything(connection, "messaging"))
    assert list(_losses(before, after))


def test_a_type_that_nobody_can_make_up_is_asked_for():
    with pytest.raises(NotImplementedError, match=r"t\.place"):
        _value(sa.Table("t", sa.MetaData(), sa.Column("place", sa.Uuid)).c.place, 1)


async def _on(database: Database, work: Callable[[sa.Connection], T]) -> T:
    async with database.engine.begin() as connection:
        return await connection.run_sync(work)


def _tables(connection: sa.Connection, service: str) -> list[sa.Table]:
    """The service's tables as they are now, those first that others refer to."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: name.startswith(f"{service}_"))
    own = [table for table in metadata.sorted_tables if table.name != f"{service}_alembic_version"]
    for column in (column for table in own for column in table.columns):
        if isinstance(column.type, sa.DateTime):
            column.type = UtcDateTime()
    return own


def _fill(connection: sa.Connection, service: str) -> dict[str, list[Row]]:
    for table in _tables(connection, service):
        for number in EARLIER:
            connection.execute(table.insert().values(_row(table, number)))
    return _everything(connection, service)


def _everything(connection: sa.Connection, service: str) -> dict[str, list[Row]]:
    return {
        table.name: [
            dict(row)
            for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
        ]
        for table in _tables(connection, service)
    }


def _row(table: sa.Table, number: int) -> Row:
    """The first row has a value in every column, the second only where it must."""
    return {
        column.name: _value(column, number)
        for column in table.columns
        if not column.nullable or number != EARLIER[1]
    }


def _value(column: sa.Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, number)
    name = f"{column.table.name}.{column.name}"
    if name in MEANT:
        return MEANT[name]
    kind = column.type
    plain = kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind
    for known, make in MADE_UP.items():
        if isinstance(plain, known):
            made = make(number)
            # As long as it may be: what is too narrow after the upgrade is found out.
            return _fitting(f"{made} {name}", plain) if isinstance(made, str) else made
    raise NotImplementedError(f"{name} is of {plain!r}: say above what fits")


def _fitting(text: str, kind: Any) -> str:
    return text.ljust(kind.length, ".")[: kind.length] if kind.length else text


def _losses(before: dict[str, list[Row]], after: dict[str, list[Row]]) -> Iterator[str]:
    for table, rows in before.items():
        if table not in after:
            if table not in DROPPED:
                yield f"{table} is gone"
            continue
        kept = [{name: row.get(name, "gone") for name in rows[0]} for row in after[table]]
        for row in kept:
            row.update({name: ... for name in row if f"{table}.{name}" in DROPPED})
        for row in rows:
            wanted = {name: ... if f"{table}.{name}" in DROPPED else row[name] for name in row}
            if wanted not in kept:
                yield f"{table}: {row} is lost, or not what it was"


async def _use_models(database: Database, service: str, before: dict[str, list[Row]]) -> None:
    """The code of today reads what was there, and adds to it."""
    outbox_table(service)
    import_module(f"backend.{service}.models")
    models = {
        cast("sa.Table", mapper.local_table).name: mapper.class_
        for mapper in SQLModel._sa_registry.mappers
        if mapper.class_.__module__.startswith(f"backend.{service}.models")
    }
    assert models
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in models:
            continue
        model = models[table.name]
        async with database.transaction() as session:
            found = (await session.execute(select(model))).scalars().all()
            assert len(found) >= len(before.get(table.name, ()))
            session.add(model(**_row(table, NEW)))
        async with database.reading() as session:
            again = (await session.execute(select(model))).scalars().all()
            assert len(again) == len(found) + 1
