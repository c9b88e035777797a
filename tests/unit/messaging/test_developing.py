"""What is made of a picture: nothing hidden stays, and nothing large is unpacked."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from backend.messaging.media.darkroom import Darkroom
from backend.messaging.media.developing import Found, develop
from tests.pictures import encoded, jpeg

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F
SECRET = b"the way to my house"


def developed(folder: Path, content: bytes) -> Found:
    (folder / "raw").write_bytes(content)
    return develop(folder)


def made(folder: Path, variant: str = "full") -> Image.Image:
    return Image.open(io.BytesIO((folder / variant).read_bytes()))


def with_exif(**values: object) -> bytes:
    exif = Image.Exif()
    exif[MAKER] = SECRET.decode()
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (48.0, 8.0, 15.0)
    if "orientation" in values:
        exif[ORIENTATION] = values["orientation"]
    return jpeg(60, 40, exif=exif, comment=SECRET)


def test_place_and_camera_and_comment_are_gone(tmp_path: Path) -> None:
    content = with_exif()
    assert SECRET in content
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(GPS)
    assert developed(tmp_path, content).kind == "picture"
    assert SECRET not in (tmp_path / "full").read_bytes()
    assert dict(made(tmp_path).getexif()) == {}


def test_words_in_a_png_are_gone(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    content = encoded(Image.new("RGBA", (30, 20)), "PNG", pnginfo=info)
    assert SECRET in content
    assert developed(tmp_path, content).media_type == "image/png"
    assert SECRET not in (tmp_path / "full").read_bytes()


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    found = developed(tmp_path, with_exif(orientation=6))
    assert (found.width, found.height) == (40, 60)
    assert made(tmp_path).size == (40, 60)


def test_what_follows_the_picture_is_gone(tmp_path: Path) -> None:
    script = b"<script>alert(document.cookie)</script>"
    archive = b"PK\x03\x04" + script
    for content in (jpeg(30, 20) + script, encoded(Image.new("P", (9, 9)), "GIF") + archive):
        assert developed(tmp_path, content).kind == "picture"
        assert script not in (tmp_path / "full").read_bytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving_without_its_comment(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), (80 * step, 0, 0)) for step in range(3)]
    first, *others = frames
    extra = {"comment": SECRET} if kind == "GIF" else {"xmp": SECRET} if kind == "WEBP" else {}
    content = encoded(
        first, kind, save_all=True, append_images=others, duration=[100, 200, 300], loop=0, **extra
    )
    found = developed(tmp_path, content)
    assert (found.kind, found.is_moving) == ("picture", True)
    assert set(found.variants) == {"full", "medium", "small"}
    assert getattr(made(tmp_path), "n_frames", 1) == 3
    assert getattr(made(tmp_path, "small"), "n_frames", 1) == 1
    assert SECRET not in (tmp_path / "full").read_bytes()


def test_smaller_ones_are_made_where_there_is_something_to_make_smaller(tmp_path: Path) -> None:
    assert developed(tmp_path, jpeg(1200, 600)).variants == ("full", "medium", "small")
    assert made(tmp_path, "medium").size == (960, 480)
    assert made(tmp_path, "small").size == (320, 160)
    assert developed(tmp_path, jpeg(600, 300)).variants == ("full", "small")
    assert developed(tmp_path, jpeg(320, 300)).variants == ("full",)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is large, and is a few bytes of zeros."""

    def chunk(name: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b""))
    )


def test_a_bomb_stays_packed(tmp_path: Path) -> None:
    assert developed(tmp_path, png_header(300, 300)).kind == "picture"
    assert developed(tmp_path, png_header(100_000, 100_000)).kind == "too_big"
    assert not (tmp_path / "full").stat().st_size > 10_000


def test_too_many_frames_are_not_unpacked(tmp_path: Path) -> None:
    frames = [Image.new("1", (3000, 3000), step % 2) for step in range(10)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
    assert developed(tmp_path, content).kind == "too_big"


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"%PDF-1.7 JavaScript",
        b"\x00" * 64,
        b"x",
    ],
)
def test_what_is_no_picture_is_a_file(tmp_path: Path, content: bytes) -> None:
    assert developed(tmp_path, content) == Found("file")


def test_a_damaged_picture_is_none(tmp_path: Path) -> None:
    assert developed(tmp_path, jpeg(600, 400)[:-200]).kind == "broken"
    assert developed(tmp_path, encoded(Image.new("L", (99, 99)), "PNG")[:-40]).kind == "broken"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_colour_is_shown(tmp_path: Path, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = developed(tmp_path, encoded(Image.new(mode, (700, 50)), kind))
    assert (found.kind, found.variants) == ("picture", ("full", "small"))
    assert found.placeholder


def test_colours_are_those_of_the_web_and_the_profile_is_gone(tmp_path: Path) -> None:
    plain: Any = ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped
    profile = ImageCms.ImageCmsProfile(plain).tobytes()
    content = jpeg(30, 20, icc_profile=profile)
    assert Image.open(io.BytesIO(content)).info["icc_profile"]
    assert developed(tmp_path, content).kind == "picture"
    assert "icc_profile" not in made(tmp_path).info


async def test_in_the_darkroom_it_is_a_process_without_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSA_KEYS", SECRET.decode())
    (tmp_path / "raw").write_bytes(jpeg(400, 300))
    found = await Darkroom().develop(tmp_path)
    assert (found.kind, found.width, found.height) == ("picture", 400, 300)
    (tmp_path / "raw").write_bytes(png_header(100_000, 100_000))
    assert (await Darkroom().develop(tmp_path)).kind == "too_big"
