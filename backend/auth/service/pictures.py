"""Texts as pictures, for a phone to read."""

from importlib import import_module


def picture_of(text: str) -> str:
    """A QR code, as a `data:` URI."""
    # Only those who set an app up pay for it.
    drawn: str = import_module("segno").make(text, error="m").svg_data_uri(scale=6, light="#fff")
    return drawn
