"""Bring a backup back into a house that is empty: `sosa restore <folder>`.

Into the data folder and the databases that the settings name; nothing there is overwritten. Every
room begins a new epoch and every session ends: clients start again from what is there now.
"""

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from backend.kit.database import Database
from backend.kit.migrations import is_known_revision, migrate
from backend.kit.settings import SERVICES, SettingError, Settings
from backend.restoring import settle_restored
from deploy import CannotStartError, archive
from deploy.archive import ArchiveError, DatabaseCopy
from deploy.dumps import dialect_of, load, sqlite_path


async def restore(settings: Settings, folder: Path) -> None:
    """Restore a backup. Everything is looked at before anything is written."""
    manifest = archive.read_manifest(folder)
    targets = {copy.file: _target(settings, copy) for copy in manifest.databases}
    _check_revisions(manifest.databases)
    for url in targets.values():
        await _check_empty(url)
    files = _new_files(settings, folder / archive.FILES)
    for file, url in targets.items():
        load(folder / file, url)
    for source, target in files.items():
        _put(source, target)
    for service in SERVICES:
        await _migrate(settings, service)
    await settle_restored(settings)


def _target(settings: Settings, copy: DatabaseCopy) -> str:
    urls = {settings.database_of(service) for service in copy.revisions}
    names = " and ".join(copy.revisions)
    if len(urls) > 1:
        raise ArchiveError(
            f"This backup holds {names} in one database, and the settings name several."
        )
    (url,) = urls
    shared = archive.services_by_database(settings)[url]
    if set(shared) != set(copy.revisions) or dialect_of(url) != copy.dialect:
        raise ArchiveError(
            f"This backup holds {names} in a {copy.dialect} database of their own; "
            "the settings name another arrangement. Restore with the one it was made with."
        )
    return url


def _check_revisions(copies: tuple[DatabaseCopy, ...]) -> None:
    for copy in copies:
        for service, revision in copy.revisions.items():
            if revision and not is_known_revision(service, revision):
                raise ArchiveError(
                    f"This backup is of a newer SoSa: its {service} is at {revision}. "
                    "Restore with the version that made it, or a newer one."
                )


async def _check_empty(url: str) -> None:
    if (path := sqlite_path(url)) and not path.exists():
        return
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    except (OSError, SQLAlchemyError) as error:
        name = sa.make_url(url).database
        raise ArchiveError(f"The database {name} cannot be reached ({error}).") from None
    finally:
        await database.close()
    if tables:
        name = sa.make_url(url).database
        raise ArchiveError(f"The database {name} is not empty; a restore overwrites nothing.")


def _new_files(settings: Settings, source: Path) -> dict[Path, Path]:
    """The files to copy and where to. What is there already, and the same, may stay."""
    found: dict[Path, Path] = {}
    for file in sorted(source.rglob("*")):
        target = settings.data_dir / file.relative_to(source)
        if not file.is_file():
            continue
        if not target.exists():
            found[file] = target
        elif archive.checksum(target) != archive.checksum(file):
            raise ArchiveError(f"{target} exists already; a restore overwrites nothing.")
    return found


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(source, target)
    if os.geteuid() == 0:
        # An operator restores as root what a service will want to read as itself.
        owner = target.parent.stat()
        os.chown(target, owner.st_uid, owner.st_gid)


async def _migrate(settings: Settings, service: str) -> None:
    database = Database(settings.database_of(service))
    try:
        await migrate(database, service)
    finally:
        await database.close()


def main(words: Sequence[str]) -> int:
    """Restore a backup, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa restore", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the backup")
    folder: Path = parser.parse_args(words).folder
    os.umask(0o077)
    try:
        asyncio.run(restore(Settings.from_environment(), folder))
    except (SettingError, CannotStartError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print("· Everything is back. Rooms begin a new epoch, and members sign in again.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
