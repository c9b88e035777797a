"""What a function imports before it can answer: bounded in time, and free of strangers."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT

WITH_DATABASE_MS = 800
WITHOUT_DATABASE_MS = 300
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
    """CPU of a fresh process in milliseconds, and what it holds then. The best of three: others
    use the machine too."""
    best, modules = float("inf"), set[str]()
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *names],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout)
        best, modules = min(best, found["ms"]), set(found["modules"])
    return best, modules


def rooms_of(service: str) -> list[str]:
    """What serving a service imports, as its `main` and the wiring do."""
    names = [f"backend.{service}.{room}" for room in ("main", "service", "api")]
    return [name for name in names if find_spec(name)]


@pytest.mark.parametrize("service", SERVICES)
def test_a_function_imports_within_its_budget_and_no_strangers(service: str):
    """With what the first call opens: Redis, the database driver, the way to AWS."""
    spent, modules = imported(
        *rooms_of(service),
        "asyncpg",
        "backend.kit.redis.ephemera",
        "backend.kit.lambdas.opening",
    )
    assert "sqlmodel" in modules
    assert modules & FORBIDDEN == set()
    assert spent < WITH_DATABASE_MS


def test_without_a_database_answering_is_cheap():
    """What a function needs that keeps nothing: the kit's way from an event to an answer."""
    spent, modules = imported("backend.kit.lambdas.http", "backend.kit.lambdas.push")
    assert not {"sqlalchemy", "sqlmodel"} & modules
    assert spent < WITHOUT_DATABASE_MS
