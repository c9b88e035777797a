"""Structured logs: one JSON object a line, with the request's id, without secrets."""

import contextlib
import logging
import re
import sys
from collections.abc import Generator, MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO

import structlog

SECRET_NAMES = re.compile(
    r"secret|password|token|ticket|proof|cookie|authorization|verifier|sealed|key|code|nonce|pin",
    re.IGNORECASE,
)
"""A field whose name looks like one of these is not written, whatever it holds."""
_HARMLESS = {"client_id", "code", "error_code", "keyword", "status_code", "event"}
_TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{0,}")
_QUERY_TOKEN = re.compile(r"(token=)[^&\s\"']+")
HIDDEN = "[hidden]"
_concerned: ContextVar[str] = ContextVar("concerned", default="")


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log of the process, ours and the libraries', to a stream as JSON lines.

    Standard error unless told.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Authlib writes PKCE verifiers at DEBUG; SQLAlchemy writes statements with their values at
    # INFO already, and the values are people's.
    # Websockets writes two lines for every probe of a gateway's health.
    quiet = (
        "authlib", "aiosqlite", "sqlalchemy", "httpx", "httpx2", "httpcore2", "asyncio", "alembic",
        "websockets",
    )  # fmt: skip
    for name in quiet:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


@contextlib.contextmanager
def request_id(value: str) -> Generator[None]:
    """Put the id on every line that is written inside."""
    with structlog.contextvars.bound_contextvars(request_id=value):
        yield


@contextlib.contextmanager
def concerning_nobody() -> Generator[None]:
    """Forget at the end whom a request concerned: the next one may concern somebody else."""
    token = _concerned.set("")
    try:
        yield
    finally:
        _concerned.reset(token)


def concern(user_id: str) -> None:
    """Say whose account the present request is about, whether or not they sent it."""
    _concerned.set(user_id)


def concerned() -> str:
    """Whose account the present request is about, or "" while that is not known."""
    return _concerned.get()


def scrub(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Hide what must not be in a log: by the field's name, and by its shape."""
    for name in entry:
        entry[name] = _clean(name, entry[name])
    return entry


def _clean(name: str, value: Any) -> Any:
    if name not in _HARMLESS and not name.startswith("_") and SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, str):
        return _QUERY_TOKEN.sub(rf"\1{HIDDEN}", _TOKEN_SHAPE.sub(HIDDEN, value))
    if isinstance(value, bytes):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _clean(str(key), item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value
