"""Logs of a house inside of the tests' own process, as the product writes them."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

import structlog

from backend.kit import logs


@contextmanager
def logged_to(level: str, stream: TextIO) -> Generator[None]:
    """Have every log go to a stream until the block ends, and then where it went before."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, old_level = root.handlers[:], root.level
    logs.configure(level, stream)
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, old_level
        structlog.configure(**before)
