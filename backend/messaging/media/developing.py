"""Look at what was brought, and make of a picture what may be shown.

Runs as a process of its own for each file (darkroom.py), with no secret in reach and with limits on
time and memory: decoders of pictures are where strangers' bytes meet old C. It imports nothing of
the house.

    python -m backend.messaging.media.developing <folder>

reads `raw` in the folder, writes `full`, `medium` and `small`, and says what it found.
"""

import base64
import io
import json
import resource
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError
from PIL.Image import Resampling

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
"""What browsers show and what people send. Each decoder more is one more to trust."""
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
MAX_PIXELS = 50_000_000
MAX_MOVING_PIXELS = 80_000_000
"""Of all frames together."""
MAX_FRAMES = 1_000
SIDES = {"medium": 960, "small": 320}
PLACEHOLDER_SIDE = 16
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 20
FILE_BYTES = 256 * 1024 * 1024

_PLAIN: Any = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped

_STILL: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "progressive": True},
    "PNG": {},
    "WEBP": {"quality": 90},
    "GIF": {},
}
_MOVING: dict[str, dict[str, Any]] = {
    "PNG": {"disposal": 1},
    "WEBP": {"quality": 80, "method": 2},
    "GIF": {"disposal": 2},
}
_THUMBNAIL: dict[str, Any] = {"quality": 80, "method": 4}


@dataclass(frozen=True, slots=True)
class Found:
    """What the bytes are. `broken` begins like a picture; `too_big` was not unpacked."""

    kind: Literal["picture", "file", "broken", "too_big"]
    media_type: str = "application/octet-stream"
    width: int | None = None
    height: int | None = None
    is_moving: bool = False
    placeholder: str = ""
    variants: tuple[str, ...] = ("full",)


class TooBigError(Exception):
    """More pixels than we unpack."""


def develop(folder: Path) -> Found:
    """Make the variants of what is in `raw`; of anything but a picture nothing is made."""
    # Our own limits are asked before anything is unpacked; Pillow's would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(folder / "raw", formats=FORMATS) as picture:
            return _develop(picture, folder)
    except UnidentifiedImageError:
        return Found("file")
    except (TooBigError, MemoryError):
        return Found("too_big")
    # Decoders raise whatever comes to them on bytes that were made to confuse them.
    except Exception:  # noqa: BLE001 - a picture that cannot be read is refused, for any reason
        return Found("broken")


def _develop(picture: Image.Image, folder: Path) -> Found:
    # A photo of two pictures in one (MPO) is the first of them.
    kind = picture.format if picture.format in FORMATS else "JPEG"
    is_moving = kind in _MOVING and _frames(picture) > 1
    _check_size(picture, is_moving=is_moving)
    still = _upright(picture, is_moving=is_moving)
    if is_moving:
        _save_moving(picture, folder / "full", kind)
    else:
        _fitting(still, kind).save(folder / "full", format=kind, **_STILL[kind])
    made = [
        name
        for name, side in SIDES.items()
        if _save_thumbnail(still, folder / name, side, is_wanted=is_moving)
    ]
    return Found(
        "picture",
        MEDIA_TYPES[kind],
        *still.size,
        is_moving=is_moving,
        placeholder=_placeholder(still),
        variants=("full", *made),
    )


def _frames(picture: Image.Image) -> int:
    return int(getattr(picture, "n_frames", 1))


def _check_size(picture: Image.Image, *, is_moving: bool) -> None:
    # The header says how large it is, before a byte of it is unpacked: a bomb stays packed.
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS:
        raise TooBigError
    if is_moving and (
        _frames(picture) > MAX_FRAMES or pixels * _frames(picture) > MAX_MOVING_PIXELS
    ):
        raise TooBigError


def _upright(picture: Image.Image, *, is_moving: bool) -> Image.Image:
    """The picture, or the first of it, as it is to be seen, and with nothing but what is seen."""
    picture.seek(0)
    turned = picture.copy() if is_moving else ImageOps.exif_transpose(picture)
    return _bare(_with_plain_colours(turned))


def _with_plain_colours(picture: Image.Image) -> Image.Image:
    """In the colours that browsers assume: a profile would name the screen that it was made on."""
    if picture.mode.startswith("I"):
        # 16 bits of grey, of which eight are seen.
        return _in_eight_bits(picture)
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, source, _PLAIN, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return turned or picture


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    wide = picture.convert("I")
    return wide.point([value / 257 for value in range(65_536)], "L")  # pyright: ignore[reportUnknownMemberType] - untyped


def _bare(picture: Image.Image) -> Image.Image:
    # Writers put into a file what they find here: comments, profiles, and what a reader kept.
    for name in set(picture.info) - {"transparency"}:
        del picture.info[name]
    return picture


def _fitting(picture: Image.Image, kind: str) -> Image.Image:
    if kind == "JPEG" and picture.mode not in {"L", "RGB"}:
        return picture.convert("RGB")
    if kind == "WEBP" and picture.mode not in {"RGB", "RGBA"}:
        return _in_colours(picture)
    return picture


def _in_colours(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _save_moving(picture: Image.Image, path: Path, kind: str) -> None:
    frames, durations = _all_frames(ImageSequence.Iterator(picture))
    options = dict(_MOVING[kind])
    # How often it plays; without a word, once.
    if (loop := picture.info.get("loop")) is not None:
        options["loop"] = int(loop)
    first, *others = frames
    first.save(
        path, format=kind, save_all=True, append_images=others, duration=durations, **options
    )


def _all_frames(frames: Iterable[Image.Image]) -> tuple[list[Image.Image], list[int]]:
    found: list[Image.Image] = []
    durations: list[int] = []
    for frame in frames:
        durations.append(int(frame.info.get("duration", 100)))
        bare = frame.convert("RGBA")
        bare.info = {}
        found.append(bare)
    return found, durations


def _save_thumbnail(picture: Image.Image, path: Path, side: int, *, is_wanted: bool) -> bool:
    if max(picture.size) <= side and not is_wanted:
        return False
    small = _in_colours(picture)
    small = small.copy() if small is picture else small
    small.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=2.0)
    _bare(small).save(path, format="WEBP", **_THUMBNAIL)
    return True


def _placeholder(picture: Image.Image) -> str:
    tiny = _in_colours(picture).copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), Resampling.BOX)
    written = io.BytesIO()
    tiny.save(written, format="WEBP", quality=30, method=4)
    return base64.b64encode(written.getvalue()).decode()


def limit() -> None:
    """Let this process take no more than its share, whatever the bytes make of it."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    limit()
    sys.stdout.write(json.dumps(asdict(develop(Path(sys.argv[1])))))
