"""The product, known by three addresses only.

`SOSA_HTTP`, `SOSA_WS` and `SOSA_UI` point the suite at any running shape. Without them it starts
each shape in turn.
"""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.catcher import Catcher, catching
from tests.conftest import Postgres
from tests.members import Arrive, arriving
from tests.shapes.every import SHAPES, shape_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages are not part of the functions: in that shape nothing serves them yet."""
    for item in items:
        needs_pages = item.get_closest_marker("browser") is not None or "reflex" in item.name
        if "post" in getattr(item, "fixturenames", ()) and "SOSA_HTTP" in os.environ:  # noqa: TID251
            item.add_marker(pytest.mark.skip(reason="that product's mail goes elsewhere"))
        if "[strict" in item.name and needs_pages:
            item.add_marker(pytest.mark.skip(reason="functions alone serve no pages"))


@dataclass(frozen=True, slots=True)
class Product:
    """Where a shape is reached. `http` is its public origin too."""

    http: str
    ws: str
    ui: str
    post: Catcher | None = None
    """Where its mail arrives."""


@pytest.fixture(scope="session", params=SHAPES)
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[Product]:
    given = os.environ.get("SOSA_HTTP")  # noqa: TID251 - a setting of the suite, not of the product
    if given:
        ws = os.environ.get("SOSA_WS", given.replace("http", "ws", 1))  # noqa: TID251
        yield Product(given, ws, os.environ.get("SOSA_UI", given))  # noqa: TID251
        return
    folder = tmp_path_factory.mktemp(request.param)
    with catching() as post:
        shape = shape_of(request.param, folder, postgres, post.url)
        try:
            shape.start()
            yield Product(shape.url, shape.url.replace("http", "ws", 1), shape.url, post)
        finally:
            shape.stop()


@pytest.fixture
def post(product: Product) -> Catcher:
    """Where the mail of the product arrives."""
    assert product.post, "its mail arrives nowhere that we know"
    return product.post


@pytest.fixture
async def arrive(product: Product) -> AsyncIterator[Arrive]:
    """Registers somebody new whose name begins as given."""
    async with arriving(product.http) as register:
        yield register
