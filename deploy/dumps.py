"""Copies of databases: SQLite by its online backup, PostgreSQL by its own tools.

Both copy while members go on talking: each copy is one consistent moment of its database.
"""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url

from deploy import CannotStartError


class CopyError(CannotStartError):
    """A copy could not be made or put back; the text says which and why."""


def dialect_of(url: str) -> str:
    """What kind of database a URL names: sqlite or postgresql."""
    return make_url(url).get_backend_name()


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None for another kind."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def dump(url: str, file: Path) -> None:
    """Copy a database into a new file. Raises CopyError."""
    if source := sqlite_path(url):
        if not source.exists():
            raise CopyError(f"There is no database {source} to copy.")
        _copy_sqlite(source, file)
    else:
        _run_tool("pg_dump", make_url(url), "--format=custom", f"--file={file}")


def load(file: Path, url: str) -> None:
    """Put a copy into an empty database. Raises CopyError."""
    if target := sqlite_path(url):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy_sqlite(file, target)
    else:
        _run_tool("pg_restore", make_url(url), "--exit-on-error", "--single-transaction", str(file))


def _copy_sqlite(source: Path, target: Path) -> None:
    # Read-only by URI, or a wrong path would quietly become an empty database.
    uri = f"file:{quote(str(source.resolve()))}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True)) as reader,
            closing(sqlite3.connect(target)) as writer,
        ):
            reader.backup(writer)
    except sqlite3.Error as error:
        raise CopyError(f"{source.name} could not be copied ({error}).") from error


def _run_tool(tool: str, url: URL, *arguments: str) -> None:
    if not shutil.which(tool):
        raise CopyError(f"{tool} is missing: apt-get install postgresql-client-15")
    # Owners and grants belong to the host, not to the data: roles differ from host to host.
    plain = ("--no-owner", "--no-privileges", "--no-password")
    with _connection(url) as target:
        command: Sequence[str] = (tool, *plain, f"--dbname={target}", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise CopyError(f"{tool} failed on the database {url.database}: {said[-1]}")


@contextmanager
def _connection(url: URL) -> Generator[str]:
    """What the tools are told: everything but the password, which every user of `ps` would see."""
    with tempfile.NamedTemporaryFile("w", prefix="sosa-", suffix=".pgpass") as secrets:
        words = {
            "host": url.host or url.query.get("host"),
            "port": url.port,
            "user": url.username,
            "dbname": url.database,
        }
        if url.password:
            secrets.write(f"*:*:*:*:{_escaped(url.password)}\n")
            secrets.flush()
            words["passfile"] = secrets.name
        yield " ".join(f"{word}={_quoted(str(value))}" for word, value in words.items() if value)


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
