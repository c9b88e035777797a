"""One database as a service sees it, with the differences between engines mended.

SQLite is the embedded default (WAL, one writer, durable at commit), PostgreSQL the scaled one.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import DateTime, TypeDecorator

READERS = 8
"""Connections that read at once. Readers never wait for the writer in WAL."""
LOCK_TIMEOUT_MS = 5_000


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, also on engines that drop time zones. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no meaning here; use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A pool of readers and a way to write."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect = make_url(url).get_backend_name()
        if self.dialect == "sqlite":
            self._engine = _sqlite_engine(url, readonly=True)
            self._writer = _sqlite_engine(url, readonly=False)
        else:
            self._engine = self._writer = _postgres_engine(url)
        # SQLite has one writer; waiting here, in order, is fairer than its sleep and retry.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else None

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes. For migrations."""
        return self._writer

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A session whose changes are durable when the block ends, and gone if it raises."""
        if self._turn is None:
            async with (
                AsyncSession(self._writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
            return
        async with (
            self._turn,
            AsyncSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session that only reads, from one consistent snapshot."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            yield session

    def insert_ignore(self, table: Any) -> Any:
        """An INSERT that leaves an existing row as it is."""
        target: Table = getattr(table, "__table__", table)
        if self.dialect == "sqlite":
            return sqlite.insert(target).on_conflict_do_nothing()
        return postgresql.insert(target).on_conflict_do_nothing()

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()
        await self._writer.dispose()


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {"lock_timeout": str(LOCK_TIMEOUT_MS)},
        },
    )


def _sqlite_engine(url: str, *, readonly: bool) -> AsyncEngine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("an in-memory SQLite database cannot be shared between reader and writer")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=READERS if readonly else 1,
        max_overflow=0,
        connect_args={"timeout": LOCK_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transaction control is off, so that BEGIN is ours to choose:
        # IMMEDIATE for writers, or a reader that turns writer would fail with SQLITE_BUSY at once.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: the acknowledgement of a message means that a power cut does not lose it.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if readonly:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine
