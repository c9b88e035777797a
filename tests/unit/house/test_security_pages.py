"""What docs/security.md and docs/asvs.md name is there, so that they cannot rot."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from backend.auth.service import limits
from backend.kit.ephemera import Limit
from deploy import ROOT


def name_of(document: Path) -> str:
    return document.name


SECURITY = ROOT / "docs" / "security.md"
ASVS = ROOT / "docs" / "asvs.md"
PAGES = pytest.mark.parametrize("document", [SECURITY, ASVS], ids=name_of)
ROW = re.compile(
    r"^\| (V\d+\.\d+\.\d+) \| ([12]) \|.*\| (yes|in part|no|n/a) \| ?(.*) \|$", re.MULTILINE
)


def named_tests(text: str) -> set[tuple[str, str]]:
    return set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text))


@cache
def list_tests(file: str) -> set[str]:
    path = ROOT / file
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def missing_of(text: str) -> list[str]:
    return sorted(
        f"{file}::{name}" for file, name in named_tests(text) if name not in list_tests(file)
    )


@PAGES
def test_every_test_that_is_named_exists(document: Path):
    assert len(named_tests(document.read_text())) > 50
    assert missing_of(document.read_text()) == []


def test_a_test_that_is_not_there_is_noticed():
    here = "tests/unit/house/test_security_pages.py"
    assert missing_of(f"`{here}::test_a_test_that_is_not_there_is_noticed`") == []
    assert missing_of(f"`{here}::test_nobody` `tests/none.py::test_x`") == [
        "tests/none.py::test_x",
        f"{here}::test_nobody",
    ]


@PAGES
def test_every_file_that_is_named_exists(document: Path):
    named = re.findall(r"`((?:backend|deploy|sosa_app|tests|docs)/[\w/.-]+)`", document.read_text())
    assert named
    assert sorted(name for name in set(named) if not (ROOT / name).exists()) == []


def test_the_map_holds_every_requirement_of_both_levels_once():
    rows = ROW.findall(ASVS.read_text())
    numbers = [number for number, *_ in rows]
    assert len(set(numbers)) == len(numbers)
    # As many as ASVS 5.0.0 has of each level.
    assert [level for _, level, *_ in rows].count("1") == 70
    assert [level for _, level, *_ in rows].count("2") == 183


def test_who_keeps_a_requirement_in_part_says_what_is_missing():
    for number, _, verdict, shown in ROW.findall(ASVS.read_text()):
        assert verdict in {"yes", "n/a"} or shown.strip(), number


def test_every_limit_is_on_the_page():
    shown = set(re.findall(r"^\| `(\w+)` \|", SECURITY.read_text(), re.MULTILINE))
    kept = {value.name for value in vars(limits).values() if isinstance(value, Limit)}
    assert kept
    assert kept <= shown
