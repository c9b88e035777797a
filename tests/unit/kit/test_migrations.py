"""What the migrations make is what the models declare, on each engine."""

from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend.kit.database import Database
from backend.kit.events import outbox_table
from backend.kit.migrations import migrate, only_of, tables_of
from backend.kit.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_and_models_agree(database: Database, service: str):
    import_module(f"backend.{service}.models")
    outbox_table(service)
    await migrate(database, service)
    declared = tables_of(service)

    def differences(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": f"{service}_alembic_version",
                "include_name": only_of(service),
            },
        )
        return compare_metadata(context, declared)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert len(declared.tables) >= 2


async def test_services_share_a_database_with_a_history_each(database: Database):
    for service in SERVICES:
        await migrate(database, service)
        await migrate(database, service)
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    assert {f"{service}_alembic_version" for service in SERVICES} <= set(tables)
