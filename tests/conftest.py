"""What every suite may ask for: a clock that stands still, real databases."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.ids import new_id
from tests.logged import logged_to
from tests.shapes.metal.house import Metal
from tests.watch.places import WATCH

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
START_SECONDS = 60


METAL_SECONDS = 540
"""A test may be the first that needs machines: they are made from nothing, and set up."""


HOUSES = {"acceptance", "attacks", "examples", "faults"}
"""Folders of the half that asks whole houses. The other has all parts, and the two machines."""


class Halves(LoadScopeScheduling):
    """With `-n 2`, two processes: each has its half of the tests, in the order they have in one.

    What is made once for a session is made once for a half: no shape is in both.
    """

    def _split_scope(self, nodeid: str) -> str:
        folder = Path(nodeid.partition("::")[0]).parts[1]
        return "houses" if folder in HOUSES and "[metal" not in nodeid else "parts"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-pages", action="store_true", help="ask every shape for every page")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Halves:
    """Not by xdist's own groups: those write to what pytest 9 no longer reads."""
    return Halves(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs machines, before anything is chosen by its marks."""
    if type(item).__name__ == "SchemathesisFunction" and item.parent is not None:
        # schemathesis names each of its tests, and pytest 9 does not take that over into what xdist
        # knows them by: of all that have one name, it would run one.
        item._id = item.parent.id.child(item.name)
    if _on_metal(item):
        item.add_marker(pytest.mark.timeout(METAL_SECONDS))
        item.add_marker(pytest.mark.metal)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers last: Playwright keeps a loop of its own, and no other may start beside it.

    Between the two whoever needs bare metal, so that it is not there while others measure.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    is_browser = item.get_closest_marker("browser") is not None
    is_metal = _on_metal(item)
    return 2 * is_browser + (is_metal != is_browser)


def _on_metal(item: pytest.Item) -> bool:
    asked: list[str] = getattr(item, "fixturenames", [])
    callspec = getattr(item, "callspec", None)
    return "metal" in asked or (callspec is not None and "metal" in callspec.params.values())


@pytest.fixture(scope="session", autouse=True)
def _log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What houses inside of the tests' own process write goes where other processes' logs are."""
    path = tmp_path_factory.getbasetemp() / "inside.log"
    with path.open("w") as stream, logged_to("INFO", stream):
        yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look at what a test had its house say. One that failed says what it likes."""
    if report.passed:
        WATCH.text(report.capstdout + report.capstderr + report.caplog, report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A secret in a log or a row, of whichever house and test, fails the run."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None or not session.config.getoption("numprocesses", None):
        # Each half knows its own secrets, and looks where it wrote.
        folders: Any = vars(session.config)["_tmp_path_factory"]
        WATCH.files(folders.getbasetemp())
    if told is not None:
        told["found"], told["looked_at"] = sorted(WATCH.found), WATCH.looked_at
        told["looked_for"] = len(WATCH.known)
    if WATCH.found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what one half has found. One that crashed has failed the run already."""
    told: dict[str, Any] = getattr(node, "workeroutput", {})
    WATCH.found.update(told.get("found", ()))
    WATCH.looked_for += told.get("looked_for", 0)
    for kind, size in told.get("looked_at", {}).items():
        WATCH.looked_at[kind] = WATCH.looked_at.get(kind, 0) + size


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where, and never what."""
    terminalreporter.write_line(WATCH.summary())
    for place in sorted(WATCH.found):
        terminalreporter.write_line(f"SECRET FOUND {place}", red=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Postgres:
    """A PostgreSQL server of the tests' own, on a Unix socket only: no port to clash with.

    `is_durable`: it loses nothing when it is killed. Others are faster.
    """

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        if not (POSTGRES_BIN / "initdb").exists():
            raise RuntimeError("PostgreSQL 15 is missing: apt-get install postgresql-15")
        self.folder = folder
        self._fsync = "on" if is_durable else "off"
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "sosa", "--no-sync")
        self.start()

    def create(self) -> str:
        """Create an empty database; returns its URL."""
        name = f"t{new_id().replace('-', '')}"
        self._run("createdb", "-h", str(self.folder), "-U", "sosa", name)
        return f"postgresql+asyncpg://sosa@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers; after a kill, it first recovers from its log."""
        # Not with pg_ctl: a server whose end nobody asks for would, to its successor, still run.
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    POSTGRES_BIN / "postgres", "-D", self.folder / "data", "-k", self.folder,
                    "-c", "listen_addresses=", "-c", f"fsync={self._fsync}",
                ],
                stdout=log, stderr=log, start_new_session=True, **_as_nobody_special(),
            )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > end:
                words = (self.folder / "log").read_text()[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{words}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End every process of it without a word, as a power cut would."""
        server = self._server.pid
        os.kill(server, signal.SIGSTOP)  # Or it would start others meanwhile.
        children = Path(f"/proc/{server}/task/{server}/children").read_text()
        for process in (*map(int, children.split()), server):
            os.kill(process, signal.SIGKILL)
        self._server.wait()

    def stop(self) -> None:
        # At once: whatever it held goes with its folder.
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)

    def _answers(self) -> bool:
        asking = [POSTGRES_BIN / "pg_isready", "-q", "-h", self.folder]
        return subprocess.run(asking, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(POSTGRES_BIN / program), *arguments],
            check=True,
            capture_output=True,
            **_as_nobody_special(),
        )


def _as_nobody_special() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return {}
    return {"user": pwd.getpwnam("postgres").pw_uid, "cwd": "/"}


@contextmanager
def postgres_server(*, is_durable: bool = False) -> Generator[Postgres]:
    """A server that ends with the block."""
    # A short path of its own: a socket's path may not be longer than 107 bytes.
    folder = Path(f"/tmp/sosa-pg-{new_id()[-12:]}")  # noqa: S108
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(folder, is_durable=is_durable)
    try:
        yield server
    finally:
        server.stop()
        WATCH.log(folder / "log")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, once on each engine."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def metal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metal]:
    """The house on two booted machines, set up by one play."""
    house = Metal(tmp_path_factory.mktemp("metal"))
    try:
        house.start()
        yield house
    finally:
        house.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, quiet towards the network."""
    if not CHROMIUM.exists():
        raise RuntimeError("Chromium is missing: apt-get install chromium")
    launch = {"executable_path": str(CHROMIUM), "args": CHROMIUM_FLAGS}
    return {**browser_type_launch_args, **launch}
