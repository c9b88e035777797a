"""The product, known by three addresses only.

`SOSA_HTTP`, `SOSA_WS` and `SOSA_UI` point the suite at any running shape. Without them it starts
each shape in turn.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Postgres
from tests.members import Arrive, arriving
from tests.shapes.every import SHAPES, shape_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages are not part of the functions: in that shape nothing serves them yet."""
    for item in items:
        needs_pages = item.get_closest_marker("browser") is not None or "reflex" in item.name
        if "[strict" in item.name and needs_pages:
            item.add_marker(pytest.mark.skip(reason="functions alone serve no pages"))


@dataclass(frozen=True, slots=True)
class Product:
    """Where a shape is reached. `http` is its public origin too."""

    http: str
    ws: str
    ui: str


@pytest.fixture(scope="session", params=SHAPES)
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[Product]:
    given = os.environ.get("SOSA_HTTP")  # noqa: TID251 - a setting of the suite, not of the product
    if given:
        ws = os.environ.get("SOSA_WS", given.replace("http", "ws", 1))  # noqa: TID251
        yield Product(given, ws, os.environ.get("SOSA_UI", given))  # noqa: TID251
        return
    if request.param == "metal":
        # It is booted once for all who ask, and they are several suites.
        yield _product_at(request.getfixturevalue("metal").url)
        return
    shape = shape_of(request.param, tmp_path_factory.mktemp(request.param), postgres)
    try:
        shape.start()
        yield _product_at(shape.url)
    finally:
        shape.stop()


def _product_at(url: str) -> Product:
    return Product(url, url.replace("http", "ws", 1), url)


@pytest.fixture
async def arrive(product: Product) -> AsyncIterator[Arrive]:
    """Registers somebody new whose name begins as given."""
    async with arriving(product.http) as register:
        yield register
