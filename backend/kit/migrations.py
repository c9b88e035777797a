"""Each service's own Alembic history and version table: it may have its own database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlmodel import SQLModel

from backend.kit.database import Database

_BACKEND = Path(__file__).resolve().parents[1]


async def migrate(database: Database, service: str, revision: str = "head") -> None:
    """Bring a service's tables to a revision. Done twice, the second time finds nothing to do."""
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(service, sync), revision))


async def check_migrated(database: Database, service: str) -> None:
    """Raise NotMigratedError unless the service's tables are at the newest revision."""
    current = await find_revision(database, service)
    if current != _history(service).get_current_head():
        raise NotMigratedError(
            f"The tables of {service} are at {current}: run the migrations first."
        )


async def find_revision(database: Database, service: str) -> str | None:
    """The revision of a service's tables; None before the first."""

    def revision(connection: Connection) -> str | None:
        options = {"version_table": f"{service}_alembic_version"}
        return MigrationContext.configure(connection, opts=options).get_current_revision()

    async with database.engine.connect() as connection:
        return await connection.run_sync(revision)


def is_known_revision(service: str, revision: str) -> bool:
    """Whether a revision is in the service's history, as far as this code knows it."""
    return any(item.revision == revision for item in _history(service).walk_revisions())


class NotMigratedError(RuntimeError):
    """The tables are not what the code expects."""


def tables_of(service: str) -> MetaData:
    """The service's tables as its models declare them. The models must have been imported."""
    metadata = MetaData()
    for table in SQLModel.metadata.tables.values():
        if table.name.startswith(f"{service}_"):
            table.to_metadata(metadata)
    return metadata


def only_of(service: str) -> Callable[[str | None, str, object], bool]:
    """A filter for Alembic that sees the service's own tables only."""

    def include(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or str(name).startswith(f"{service}_")

    return include


def run_environment(context: Any, service: str) -> None:
    """What a service's `env.py` does: run its history on the connection it was given."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=tables_of(service),
        version_table=f"{service}_alembic_version",
        include_name=only_of(service),
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _history(service: str) -> ScriptDirectory:
    return ScriptDirectory(str(_BACKEND / service / "migrations"))


def _config(service: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_BACKEND / service / "migrations"))
    config.attributes["connection"] = connection
    return config
