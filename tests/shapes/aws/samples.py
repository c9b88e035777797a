"""Functions to try our AWS on."""

import time
from typing import Any


def sleep(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Takes as many seconds as it is told to, and answers."""
    time.sleep(event.get("seconds", 0))
    return {"statusCode": 200, "body": "awake"}


def fill(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers with as many bytes as it is told to."""
    return {"statusCode": 200, "body": "x" * event.get("bytes", 0)}
