"""What a function imports before it can answer: bounded in time, and free of strangers."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT

WITH_DATABASE = 2.4
"""Times what the libraries alone cost that any such function needs: 300 ms on a quiet machine."""
WITHOUT_DATABASE = 1.6
FORBIDDEN = {
    "aiohttp", "alembic", "boto3", "botocore", "fastapi", "prometheus_client", "reflex",
    "uvicorn", "websockets",
}  # fmt: skip

MEASURE = """
import json, sys, time
started = time.process_time()
for name in sys.argv[1:]:
    __import__(name)
spent = (time.process_time() - started) * 1000
modules = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"ms": spent, "modules": modules}))
"""


def imported(*names: str) -> tuple[float, set[str]]:
    """CPU of a fresh process in milliseconds, and what it holds then."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *names],
        cwd=ROOT,
        # Without what measures coverage: it would be measured as well.
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return found["ms"], set(found["modules"])


def compared(names: list[str], floor: list[str]) -> tuple[float, set[str]]:
    """How many times the floor the names cost, and what is imported then.

    Others use the machine too: the two take turns, and the best of each counts.
    """
    spent, least, modules = float("inf"), float("inf"), set[str]()
    for _ in range(2):
        least = min(least, imported(*floor)[0])
        found, modules = imported(*names)
        spent = min(spent, found)
    return spent / least, modules


def rooms_of(service: str) -> list[str]:
    """What serving a service imports, as its `main` and the wiring do."""
    names = [f"backend.{service}.{room}" for room in ("main", "service", "api")]
    return [name for name in names if find_spec(name)]


@pytest.mark.parametrize("service", SERVICES)
def test_a_function_imports_within_its_budget_and_no_strangers(service: str):
    """With what the first call opens: Redis, the database driver, the way to AWS."""
    opened = ["asyncpg", "backend.kit.redis.ephemera", "backend.kit.lambdas.opening"]
    floor = ["sqlmodel", "sqlalchemy.ext.asyncio", "asyncpg", "starlette.responses"]
    times, modules = compared([*rooms_of(service), *opened], floor)
    assert "sqlmodel" in modules
    assert modules & FORBIDDEN == set()
    assert times < WITH_DATABASE


def test_without_a_database_answering_is_cheap():
    """What a function needs that keeps nothing: the kit's way from an event to an answer."""
    names = ["backend.kit.lambdas.http", "backend.kit.lambdas.push"]
    times, modules = compared(names, ["msgspec", "starlette.responses", "structlog"])
    assert not {"sqlalchemy", "sqlmodel"} & modules
    assert times < WITHOUT_DATABASE
