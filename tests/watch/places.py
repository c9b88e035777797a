"""Where a house writes: logs, rows, and what Redis holds."""

import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from tests.watch.known import KNOWN, Known

LOGS = ("*.log", "log")
PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump"


@dataclass
class Watch:
    """Looks for what is known, and remembers where it was."""

    known: Known
    found: set[str] = field(default_factory=set[str])
    """Each a sentence that names the place, and never the secret."""
    looked_at: dict[str, int] = field(default_factory=dict[str, int])
    """Bytes, by kind of place."""
    looked_for: int = 0
    """Beginnings of secrets that other processes of the same run knew."""

    def house(self, sockets: Path, databases: Iterable[str]) -> None:
        """Look at what a house shares, while it is there: its databases, and what is beside its
        sockets, Redis and the logs of nginx among it."""
        for url in databases:
            self.postgres(url)
        if _answers(sockets / "redis.sock"):
            self.redis(sockets / "redis.sock")
        self.files(sockets)

    def files(self, folder: Path) -> None:
        """Look at all logs and SQLite databases below a folder."""
        for pattern in LOGS:
            for path in folder.rglob(pattern):
                if path.is_file():
                    self.log(path)
        for path in folder.rglob("*.db"):
            try:
                self.sqlite(path)
            except sqlite3.Error:
                # Some tests leave ruins, or a folder of that name. What is in them is read all the
                # same.
                if path.is_file():
                    self.log(path)

    def text(self, text: str, place: str) -> None:
        """Look at what was written to a screen."""
        self._count("screens", text.encode())
        self._tell(text.encode(), place)

    def summary(self) -> str:
        """How much was looked at, and for how many secrets."""
        sizes = sorted(self.looked_at.items())
        amounts = ", ".join(f"{size / 2**20:.1f} MiB of {kind}" for kind, size in sizes)
        known = self.looked_for + len(self.known)
        return f"looked for {known} beginnings of secrets in {amounts or 'nothing'}"

    def log(self, path: Path) -> None:
        """Look at a file of lines."""
        data = path.read_bytes()
        self._count("logs", data)
        missing = set(self.known.find(data))
        lines = enumerate(data.split(b"\n"), start=1) if missing else ()
        for number, line in lines:
            self._tell(line, f"line {number} of {path}")
            missing -= set(self.known.find(line))
        self.found.update(f"{kind}: {path}" for kind in missing)

    def sqlite(self, path: Path) -> None:
        """Look at every row of a database."""
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.text_factory = bytes
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                table = name.decode()
                rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own name
                columns = [item[0] for item in rows.description]
                self._rows(rows, columns, f"{table} in {path}")

    def postgres(self, url: str) -> None:
        """Look at every row of a database."""
        parts = urlsplit(url)
        host = parts.query.removeprefix("host=")
        dump = subprocess.run(
            [PG_DUMP, "--data-only", "-h", host, "-U", "sosa", parts.path.strip("/")],
            capture_output=True, check=True,
        ).stdout  # fmt: skip
        table, columns = "", list[str]()
        for line in dump.splitlines():
            if line.startswith(b"COPY "):
                table, _, rest = line.decode().removeprefix("COPY public.").partition(" (")
                columns = rest.partition(")")[0].split(", ")
            elif columns and line == b"\\.":
                columns = []
            elif columns:
                self._rows([line.split(b"\t")], columns, f"{table} in PostgreSQL")

    def redis(self, path: Path) -> None:
        """Look at every key and what it holds."""
        opened: Any = Redis(unix_socket_path=str(path))
        with closing(opened) as client:
            for key in client.scan_iter():
                # A key is called by its beginning: the rest may be what must not be shown.
                name = key.partition(b":")[0].decode(errors="replace") if b":" in key else ""
                for data in (key, *_held(client, key)):
                    self._count("Redis", data)
                    self._tell(data, f"a key {name}:... of Redis")

    def _rows(self, rows: Iterable[Iterable[object]], columns: list[str], place: str) -> None:
        for row in rows:
            for column, value in zip(columns, row, strict=False):
                if value is None or isinstance(value, int | float):
                    continue
                data = value if isinstance(value, bytes) else str(value).encode()
                self._count("rows", data)
                self._tell(data, f"column {column} of table {place}")

    def _tell(self, data: bytes, place: str) -> None:
        self.found.update(f"{kind}: {place}" for kind in self.known.find(data))

    def _count(self, kind: str, data: bytes) -> None:
        self.looked_at[kind] = self.looked_at.get(kind, 0) + len(data)


def _answers(path: Path) -> bool:
    # A test may have killed it.
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _held(client: Any, key: bytes) -> Iterator[bytes]:
    """Everything under a key, of whatever type it is."""
    ways: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"hash": lambda: client.hgetall(key),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"list": lambda: client.lrange(key, 0, -1),
        b"stream": lambda: client.xrange(key),
    }
    kind: Any = client.type(key)
    if kind in ways:
        yield from _leaves(ways[kind]())


def _leaves(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from _leaves(list(value.items()))  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple | set):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _leaves(item)


WATCH = Watch(KNOWN)
"""What is looked at in this run of the tests."""
