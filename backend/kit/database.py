"""One database as a service sees it, with the differences between engines mended.

SQLite is the embedded default (WAL, one writer, durable at commit), PostgreSQL the scaled one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import DateTime, TypeDecorator

from backend.kit.errors import InvalidRequestError, UnavailableError

T = TypeVar("T")

READERS = 8
"""Connections that read at once. Readers never wait for the writer in WAL."""
DIRECT_READERS = 2
LOCK_TIMEOUT_MS = 5_000
AWAY_STATES = ("08", "53300", "57P")
"""SQLSTATEs (PostgreSQL, Appendix A) of a server that is not there: connection exceptions, too many
connections, starting up or shutting down."""
NO_TEXT = "22021"
"""That of a text which PostgreSQL cannot hold: one with a zero in it."""

_log = structlog.get_logger("sosa.database")


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

    def __init__(self, url: str, connections: int = READERS) -> None:
        self.url = url
        self.dialect = make_url(url).get_backend_name()
        if self.dialect == "sqlite":
            self._engine = _sqlite_engine(url, readonly=True)
            self._writer = _sqlite_engine(url, readonly=False)
            self._direct = _Direct(url, readonly=False)
            self._direct_reader = _Direct(url, readonly=True)
        else:
            self._engine = self._writer = _postgres_engine(url, connections)
            self._direct = self._direct_reader = None
        # SQLite has one writer; waiting here, in order, is fairer than its sleep and retry.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else None

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes. For migrations."""
        return self._writer

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Everything that talks to the database, for whoever counts statements."""
        direct = [item.engine for item in (self._direct, self._direct_reader) if item is not None]
        return tuple({self._engine.sync_engine, self._writer.sync_engine, *direct})

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A session whose changes are durable when the block ends, and gone if it raises."""
        if self._turn is None:
            with _reaching():
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

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; its changes are durable when this returns.

        For what is written often. On SQLite the async driver crosses between threads several times
        for every statement, which costs more than the statement; here `work` crosses once. It runs
        in another thread, so it touches nothing but its connection and its own values.
        """
        if self._direct is None or self._turn is None:
            with _reaching():
                async with self._writer.begin() as connection:
                    return await connection.run_sync(work)
        async with self._turn:
            return await self._direct.run(work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads, on one consistent snapshot; as `transact` does."""
        if self._direct_reader is not None:
            return await self._direct_reader.run(work)
        with _reaching():
            async with self._engine.connect() as connection:
                return await connection.run_sync(work)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session that only reads, from one consistent snapshot."""
        with _reaching():
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
        for direct in (self._direct, self._direct_reader):
            if direct is not None:
                direct.close()


@contextmanager
def _reaching() -> Generator[None]:
    """Say of a server that is away what is said of any part of the house: try again.

    Whether a transaction that was being committed is in the rows is not known then. That is what
    ids chosen by clients are for. Whoever asks for what cannot be in any row is told so: it may be
    an id that never was one.
    """
    try:
        yield
    except Exception as error:
        if _state(error) == NO_TEXT:
            raise InvalidRequestError("There is something in it that does not fit.") from error
        if not _is_away(error):
            raise
        _log.warning("database_away", error=type(error).__name__)
        raise UnavailableError("We cannot get at our notes just now. Please try again.") from error


def _is_away(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # Connecting fails with what the system says, or the driver: SQLAlchemy wraps only the latter.
    if isinstance(error, ConnectionError | FileNotFoundError | PoolTimeoutError):
        return True
    return _state(error).startswith(AWAY_STATES)


def _state(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(said, "sqlstate", ""))


class _Direct:
    """SQLite without the async driver, in threads of its own.

    Their own, because a message must not queue behind the hashing of passwords.
    """

    def __init__(self, url: str, *, readonly: bool) -> None:
        count = DIRECT_READERS if readonly else 1
        self.engine = create_engine(
            make_url(url).set(drivername="sqlite"),
            pool_size=count,
            max_overflow=0,
            # Each use may be in another thread, but never two at a time.
            connect_args={"timeout": LOCK_TIMEOUT_MS / 1000, "check_same_thread": False},
        )
        _prepare_sqlite(self.engine, readonly=readonly)
        self._threads = ThreadPoolExecutor(count, "sosa-reader" if readonly else "sosa-writer")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    def close(self) -> None:
        """Give threads and connections back."""
        self._threads.shutdown()
        self.engine.dispose()

    def _run(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)


def _postgres_engine(url: str, connections: int) -> AsyncEngine:
    options: dict[str, Any] = {"server_settings": {"lock_timeout": str(LOCK_TIMEOUT_MS)}}
    if connections == 1:
        # Whoever has so few is one of many, behind a pooler that may give each transaction another
        # connection: a statement that was prepared on one is unknown on the next.
        options |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=options,
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
    _prepare_sqlite(engine.sync_engine, readonly=readonly)
    return engine


def _prepare_sqlite(engine: Engine, *, readonly: bool) -> None:
    @event.listens_for(engine, "connect")
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

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
