"""`make mutants` is about all that verifies, and one mutant that lives is one too many."""

import re
import tomllib
from fnmatch import fnmatch
from typing import Any

import pytest

from tests.mutants import find_living, read_outcomes
from tests.shapes.processes import ROOT

COMPARES = re.compile(
    r"hmac\.compare_digest\(|\.is_mac\(|jwt\.PyJWS\(|jwe\.decrypt|webauthn\.verify_"
)
"""How a module looks that decides whether something is genuine."""


@pytest.fixture
def told() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]


@pytest.fixture
def changed(told: dict[str, Any]) -> set[str]:
    """The modules that are changed."""
    backend = {str(path.relative_to(ROOT)) for path in (ROOT / "backend").rglob("*.py")}
    return {path for path in backend if any(fnmatch(path, to) for to in told["only_mutate"])}


def test_every_verifier_is_changed(changed: set[str]):
    tokens = {str(path.relative_to(ROOT)) for path in (ROOT / "backend/kit/tokens").glob("*.py")}
    assert "backend/kit/tokens/proofs.py" in tokens
    assert tokens <= changed
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "backend").rglob("*.py")
        if COMPARES.search(path.read_text())
    }
    assert "backend/auth/service/totp.py" in found
    assert found <= changed


def test_what_is_named_is_there(told: dict[str, Any], changed: set[str]):
    for pattern in told["only_mutate"]:
        assert any(fnmatch(path, pattern) for path in changed), pattern
    for path in (*told["pytest_add_cli_args_test_selection"], *told["also_copy"]):
        assert (ROOT / path).exists(), path


def test_whatever_no_test_has_failed_for_lives():
    said = "    a.x_f__mutmut_1: killed\n" + "".join(
        f"    a.x_f__mutmut_{number}: {outcome}\n"
        for number, outcome in enumerate(("survived", "no tests", "timeout", "suspicious"), start=2)
    )
    outcomes = read_outcomes(said)
    assert len(outcomes) == 5
    assert find_living(outcomes) == [f"a.x_f__mutmut_{number}" for number in (2, 3, 4, 5)]
