"""What a backup is: a folder with copies of databases, the files of the data folder, a manifest."""

import hashlib
from pathlib import Path

import msgspec

from backend.kit.settings import SERVICES, Settings
from deploy import ROOT, CannotStartError
from deploy.dumps import sqlite_path

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = "databases"
FILES = "files"
_NOT_KEPT = {"lock"}
"""Says that somebody runs here now. It would say so of another house, too."""
_PASSING = {"incoming", "work"}
"""Folders of media with what is on its way in. Nobody who is told of a restore waits for it."""


class ArchiveError(CannotStartError):
    """A backup cannot be made or used; the text says why, in a sentence."""


class DatabaseCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One database: the services in it, each with the revision of its tables."""

    file: str
    dialect: str
    revisions: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds. It is written last: a folder with a manifest is a whole backup."""

    format: int
    version: str
    made_at: str
    databases: tuple[DatabaseCopy, ...]
    checksums: dict[str, str]
    """SHA-256 of every file, by its path in the backup."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a backup."""
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup that is whole and unaltered. Raises ArchiveError."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except OSError:
        raise ArchiveError(f"{folder} holds no backup: it has no {MANIFEST}.") from None
    except msgspec.MsgspecError:
        raise ArchiveError(f"{folder / MANIFEST} is not a manifest of SoSa.") from None
    if manifest.format != FORMAT:
        raise ArchiveError(
            f"This backup has format {manifest.format}; this SoSa reads format {FORMAT}."
        )
    found = checksums(folder)
    for path, expected in manifest.checksums.items():
        if found.get(path) != expected:
            what = "differs from" if path in found else "is missing, which is in"
            raise ArchiveError(f"{path} {what} the manifest: this backup is damaged.")
    return manifest


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of the files of a backup, by path; of the manifest there can be none."""
    return {
        str(file.relative_to(folder)): checksum(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file != folder / MANIFEST
    }


def checksum(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def services_by_database(settings: Settings) -> dict[str, list[str]]:
    """The services of each database, by URL, in the order in which they are copied.

    Auth comes first: who registers while the others are copied is then missing from all, rather
    than a member without a face.
    """
    found: dict[str, list[str]] = {}
    for service in SERVICES:
        found.setdefault(settings.database_of(service), []).append(service)
    return found


def kept_files(settings: Settings) -> list[Path]:
    """The files of the data folder that are neither a database nor of the moment."""
    databases = {
        f"{path.resolve()}{suffix}"
        for url in services_by_database(settings)
        if (path := sqlite_path(url))
        for suffix in ("", "-wal", "-shm", "-journal")
    }
    return [
        file
        for file in sorted(settings.data_dir.rglob("*"))
        if file.is_file()
        and not file.is_symlink()
        and not _PASSING & set(file.relative_to(settings.data_dir).parts[:-1])
        and file.name not in _NOT_KEPT
        and file.suffix != ".log"
        and str(file.resolve()) not in databases
    ]


def product_version() -> str:
    """The version of this SoSa, for the person who reads a manifest."""
    release = ROOT / "RELEASE"
    return release.read_text().strip() if release.exists() else "unreleased"
