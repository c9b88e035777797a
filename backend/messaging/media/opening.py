"""Which store, as the setting `media_url` says."""

from importlib import import_module
from pathlib import Path

from backend.kit.settings import SettingError, Settings, variable_of
from backend.messaging.media.disk import DiskStore
from backend.messaging.media.store import MediaStore

FOLDER, S3 = "folder:", "s3://"


def open_store(settings: Settings) -> MediaStore:
    """The store. Nothing is asked or made before the first file. Raises SettingError."""
    url = settings.media_url
    if not url:
        return DiskStore(settings.data_dir / "media")
    if url.startswith(FOLDER) and len(url) > len(FOLDER):
        return DiskStore(Path(url.removeprefix(FOLDER)))
    if url.startswith(S3):
        # Imported for those who have a bucket.
        store: MediaStore = import_module("backend.messaging.media.s3").open_bucket(url)
        return store
    # The value may hold a key, so it is not repeated.
    raise SettingError(f"{variable_of('media_url')} must be folder:<path> or s3://<bucket>.")
