"""The product, known by three addresses only.

`SOSA_HTTP`, `SOSA_WS` and `SOSA_UI` point the suite at any running shape. Without them it starts
the monolith, as `make run` does.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.members import Arrive, arriving
from tests.monolith import Monolith


@dataclass(frozen=True, slots=True)
class Product:
    """Where a shape is reached. `http` is its public origin too."""

    http: str
    ws: str
    ui: str


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    given = os.environ.get("SOSA_HTTP")  # noqa: TID251 - a setting of the suite, not of the product
    if given:
        ws = os.environ.get("SOSA_WS", given.replace("http", "ws", 1))  # noqa: TID251
        yield Product(given, ws, os.environ.get("SOSA_UI", given))  # noqa: TID251
        return
    monolith = Monolith(tmp_path_factory.mktemp("monolith"))
    monolith.start()
    try:
        yield Product(monolith.url, monolith.url.replace("http", "ws", 1), monolith.url)
    finally:
        monolith.stop()


@pytest.fixture
async def arrive(product: Product) -> AsyncIterator[Arrive]:
    """Registers somebody new whose name begins as given."""
    async with arriving(product.http) as register:
        yield register
