"""Messaging on real databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.migrations import migrate
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import Neighbours, make_service


@pytest.fixture
def peers(clock: ManualClock) -> Neighbours:
    return Neighbours(clock)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite with messaging's tables."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'messaging.db'}")
    await migrate(database, "messaging")
    yield database
    await database.close()


@pytest.fixture
async def each_database(database_url: str) -> AsyncIterator[Database]:
    """The same on each engine."""
    database = Database(database_url)
    await migrate(database, "messaging")
    yield database
    await database.close()


@pytest.fixture
async def messaging(
    database: Database, clock: ManualClock, peers: Neighbours
) -> AsyncIterator[MessagingService]:
    messaging = make_service(database, clock, peers)
    yield messaging
    await messaging.presence.close()
