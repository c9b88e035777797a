"""Copy what must not be lost into a new folder: `sosa backup <folder>`.

Databases, keys and media, while SoSa runs. The copy opens everything that the house keeps sealed:
store it as you would the keys themselves.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from backend.kit.database import Database
from backend.kit.migrations import find_revision
from backend.kit.settings import SettingError, Settings
from deploy import CannotStartError, archive
from deploy.archive import ArchiveError, DatabaseCopy, Manifest
from deploy.dumps import dialect_of, dump


async def back_up(settings: Settings, folder: Path) -> Manifest:
    """Write a backup into a folder that is not there yet. Raises CannotStartError."""
    _check(settings, folder)
    # Under another name until it is whole, so that nobody relies on half of one.
    draft = folder.with_name(f"{folder.name}.unfinished")
    _make_private(draft)
    manifest = await _fill(settings, draft)
    draft.rename(folder)
    return manifest


def _check(settings: Settings, folder: Path) -> None:
    if folder.exists():
        raise ArchiveError(f"{folder} exists already; a backup overwrites nothing.")
    # A house of several processes has a file for each, in a folder of its own.
    if not any(file.name == "keys.json" for file in archive.kept_files(settings)):
        raise ArchiveError(
            f"There are no keys in {settings.data_dir}, and without them a backup opens nothing. "
            "Name the data folder with SOSA_DATA_DIR."
        )


async def _fill(settings: Settings, draft: Path) -> Manifest:
    try:
        databases = [
            await _copy_database(draft, number, url, services)
            for number, (url, services) in enumerate(
                archive.services_by_database(settings).items(), 1
            )
        ]
        _copy_files(settings, draft / archive.FILES)
    except BaseException:
        shutil.rmtree(draft)
        raise
    manifest = Manifest(
        format=archive.FORMAT,
        version=archive.product_version(),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        databases=tuple(databases),
        checksums=archive.checksums(draft),
    )
    archive.write_manifest(draft, manifest)
    return manifest


async def _copy_database(draft: Path, number: int, url: str, services: list[str]) -> DatabaseCopy:
    file = Path(archive.DATABASES) / f"{number}-{'-'.join(services)}"
    (draft / archive.DATABASES).mkdir(mode=0o700, exist_ok=True)
    dump(url, draft / file)
    database = Database(url)
    try:
        revisions = {name: await find_revision(database, name) or "" for name in services}
    finally:
        await database.close()
    return DatabaseCopy(file=str(file), dialect=dialect_of(url), revisions=revisions)


def _copy_files(settings: Settings, target: Path) -> None:
    target.mkdir(mode=0o700)
    for file in archive.kept_files(settings):
        copy = target / file.relative_to(settings.data_dir)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The house goes on meanwhile, and what is deleted there is not copied here.
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(file, copy)


def _make_private(draft: Path) -> None:
    try:
        draft.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise ArchiveError(
            f"{draft} is in the way: another backup is running, or one was cut short. "
            "If none is running, remove it."
        ) from None
    except OSError as error:
        raise ArchiveError(f"{draft} cannot be made ({error.strerror}).") from error


def main(words: Sequence[str]) -> int:
    """Make a backup, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the backup")
    folder: Path = parser.parse_args(words).folder
    # Copies are for whoever made them, whatever the tools that write them think.
    os.umask(0o077)
    try:
        manifest = asyncio.run(back_up(Settings.from_environment(), folder))
    except (SettingError, CannotStartError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"· {len(manifest.checksums)} files in {folder}, keys among them: keep it safe")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
