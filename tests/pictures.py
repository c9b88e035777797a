"""Pictures made for tests."""

import io
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture."""
    written = io.BytesIO()
    picture.save(written, format=kind, **options)
    return written.getvalue()


def jpeg(width: int, height: int, **options: Any) -> bytes:
    """A photo of a sunset, more or less."""
    whole = (0, 0, 256, 256)
    sunset = Image.radial_gradient("L").transform((width, height), Image.Transform.EXTENT, whole)
    return encoded(sunset.convert("RGB"), "JPEG", **options)
