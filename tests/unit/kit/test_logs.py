import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from backend.kit import logs
from tests.logged import logged_to


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logged_to("DEBUG", stream):
        yield stream


def written(lines: io.StringIO) -> dict[str, object]:
    return json.loads(lines.getvalue().splitlines()[-1])


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "device_secret",
        "access_token",
        "Cookie",
        "authorization",
        "sosa-proof",
        "ticket",
    ],
)
def test_a_field_that_sounds_secret_is_hidden(name: str, lines: io.StringIO):
    structlog.get_logger("t").info("seen", **{name: "hunter2", "fine": "visible"})
    line = written(lines)
    assert (line[name], line["fine"]) == (logs.HIDDEN, "visible")


def test_nested_fields_and_bytes_are_hidden_too(lines: io.StringIO):
    structlog.get_logger("t").info("seen", inner={"password": "hunter2", "n": 1}, raw=b"hunter2")
    line = written(lines)
    assert line["inner"] == {"password": logs.HIDDEN, "n": 1}
    assert line["raw"] == logs.HIDDEN


def test_a_token_is_hidden_wherever_it_stands(lines: io.StringIO):
    jwt = f"{'a' * 20}.{'b' * 40}.{'c' * 43}"
    logging.getLogger("library").warning("refused %s at /_event?token=%s&x=1", jwt, "f00-ba4")
    event = str(written(lines)["event"])
    assert jwt not in event
    assert "f00-ba4" not in event
    assert event.endswith("x=1")


def test_a_line_carries_the_id_of_its_request(lines: io.StringIO):
    with logs.request_id("abc-12345"):
        structlog.get_logger("t").info("seen")
    assert written(lines)["request_id"] == "abc-12345"


def test_a_traceback_is_one_line_of_json(lines: io.StringIO):
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        structlog.get_logger("t").exception("failed")
    assert "ZeroDivisionError" in str(written(lines)["exception"])


@pytest.mark.parametrize("library", ["authlib", "sqlalchemy", "aiosqlite", "alembic"])
def test_libraries_that_write_secrets_stay_quiet_at_every_level(library: str):
    assert logging.getLogger(library).level == logging.WARNING
