"""Runs the tests of the chat's scripts, which are JavaScript, as part of the suite."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
SCRIPT_TESTS = sorted(HERE.glob("*.test.js"))


@pytest.fixture(scope="session")
def bun() -> str:
    own = ROOT / ".tools" / "node_modules" / ".bin" / "bun"
    found = str(own) if own.exists() else shutil.which("bun")
    if found is None:
        pytest.fail(
            "bun is missing, and the chat's scripts are tested with it: run `make test` once."
        )
    return found


def test_there_are_script_tests_to_run() -> None:
    assert SCRIPT_TESTS


@pytest.mark.parametrize("script", SCRIPT_TESTS, ids=lambda script: script.name)
def test_the_script_keeps_its_promises(bun: str, script: Path) -> None:
    run = subprocess.run(
        [bun, "test", f"./{script.name}"],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
