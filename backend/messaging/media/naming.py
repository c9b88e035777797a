"""What a file is called, in a way that cannot do harm where it is shown or saved."""

import unicodedata
from urllib.parse import quote

from backend.messaging.contract.files import MAX_NAME

_ENDINGS = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
}
MAX_ENDING = 12


def tidy_name(name: str, fallback: str) -> str:
    """The name without folders and without what cannot be seen.

    Invisible characters go for more than tidiness: one that turns the direction of writing makes
    `photo\u202egpj.exe` look like a picture.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip(" .")
    if len(seen) <= MAX_NAME:
        return seen or fallback
    stem, dot, ending = seen.rpartition(".")
    if not dot or len(ending) > MAX_ENDING:
        return seen[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"


def with_ending(name: str, media_type: str) -> str:
    """The name with the ending of what the file became, where it had another."""
    endings = _ENDINGS[media_type]
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in endings:
        return name
    return tidy_name(
        f"{stem if dot and len(ending) <= MAX_ENDING else name}.{endings[0]}", "picture"
    )


def disposition(name: str, *, is_shown: bool) -> str:
    """The header that says so. RFC 6266 5, with the name as RFC 8187 3.2 writes it."""
    return f"{'inline' if is_shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"
