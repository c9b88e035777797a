"""The product, known by three addresses only.

`SOSA_HTTP`, `SOSA_WS` and `SOSA_UI` point the suite at any running shape. Without them it starts
each shape in turn.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import aiohttp
import pytest

from tests.catcher import Catcher, catching
from tests.conftest import Postgres
from tests.members import Arrive, arriving
from tests.shapes.every import SHAPES, shape_of
from tests.shapes.metal.house import Metal
from tests.trust import TRUSTED

PAGES = {"strict": set[str](), "ministack": {"test_browser.py", "test_theft.py"}}
"""Which files ask for pages on functions. Our strict AWS serves none. MiniStack's are served as
those of the split are; what differs behind them is asked by all the tests without pages."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what a shape does not have, and let functions start slowly."""
    files = PAGES | {"ministack": None} if config.getoption("--all-pages") else PAGES
    out = [item for item in items if _is_elsewhere(item, files)]
    items[:] = [item for item in items if item not in out]
    config.hook.pytest_deselected(items=out)
    for item in items:
        if _shape_of(item) in PAGES:
            # Whoever comes first waits for the shape, and each function for its first call.
            item.add_marker(pytest.mark.timeout(180))
        is_given = "SOSA_HTTP" in os.environ  # noqa: TID251
        if is_given and "post" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason="mail from there does not reach us"))


def _is_elsewhere(item: pytest.Item, pages: Mapping[str, set[str] | None]) -> bool:
    needs_pages = item.get_closest_marker("browser") is not None or "reflex" in item.name
    files = pages.get(_shape_of(item))
    return needs_pages and files is not None and item.path.name not in files


def _shape_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("product", "") if callspec else ""


SOON = {"strict": 5_000, "ministack": 15_000}
"""Where a function may have to start first, on two busy cores."""


@dataclass(frozen=True, slots=True)
class Product:
    """Where a shape is reached. `http` is its public origin too."""

    http: str
    ws: str
    ui: str
    soon: int = 1_000
    """Milliseconds in which a message is on the other's screen."""
    post: Catcher | None = None
    """Where its mail arrives."""
    admin: Callable[..., str] | None = None
    """What `sosa admin` answers to words, where that is at hand."""


class Houses:
    """Shapes that were started, each once: browsers come last, and ask for all of them again."""

    def __init__(self, folders: pytest.TempPathFactory, postgres: Postgres) -> None:
        self._folders = folders
        self._postgres = postgres
        self._open: dict[str, Product] = {}
        self._closing = ExitStack()

    def find(self, name: str) -> Product:
        """The shape of that name, as it runs."""
        if name not in self._open:
            self._open[name] = self._start(name)
        return self._open[name]

    def close(self) -> None:
        """Stop all."""
        self._closing.close()

    def _start(self, name: str) -> Product:
        post = self._closing.enter_context(catching())
        shape = shape_of(name, self._folders.mktemp(name), self._postgres, post.url)
        self._closing.callback(shape.stop)
        shape.start()
        product = replace(_product_at(shape.url), post=post, admin=getattr(shape, "admin", None))
        return replace(product, soon=SOON.get(name, product.soon))


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Houses]:
    opened = Houses(tmp_path_factory, postgres)
    yield opened
    opened.close()


@pytest.fixture(scope="session", params=SHAPES)
def product(request: pytest.FixtureRequest, houses: Houses) -> Iterator[Product]:
    given = os.environ.get("SOSA_HTTP")  # noqa: TID251 - a setting of the suite, not of the product
    if given:
        ws = os.environ.get("SOSA_WS", given.replace("http", "ws", 1))  # noqa: TID251
        yield Product(given, ws, os.environ.get("SOSA_UI", given))  # noqa: TID251
    elif request.param == "metal":
        # It is booted once for all who ask, and they are several suites.
        house: Metal = request.getfixturevalue("metal")
        with catching(house.mail_port, house.mail_host) as post:
            yield replace(_product_at(house.url), post=post)
    else:
        yield houses.find(request.param)


@pytest.fixture
def post(product: Product) -> Catcher:
    """Where the mail of the product arrives."""
    assert product.post, "its mail arrives nowhere that we know"
    return product.post


@pytest.fixture
def admin(product: Product) -> Callable[..., str]:
    """`sosa admin`, as whoever holds the machine of the product."""
    if product.admin is None:
        pytest.skip("its operator's tools are not in our hands")
    return product.admin


def _product_at(url: str) -> Product:
    return Product(url, url.replace("http", "ws", 1), url)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """For devices of one's own. Nobody's cookie is another's."""
    connector = aiohttp.TCPConnector(ssl=TRUSTED)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as session:
        yield session


@pytest.fixture
async def arrive(product: Product) -> AsyncIterator[Arrive]:
    """Registers somebody new whose name begins as given."""
    async with arriving(product.http) as register:
        yield register
