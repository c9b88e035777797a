"""House rules that no tool knows."""

import ast
from pathlib import Path

import pytest

from deploy import ROOT

SETTINGS = Path("backend/kit/settings.py")
BOOTSTRAP = Path("deploy/bootstrap.py")
READERS = {"environ", "environb", "getenv", "getenvb"}


SOURCES = [
    file.relative_to(ROOT)
    for folder in ("backend", "sosa_app", "sosa_client", "deploy")
    for file in sorted((ROOT / folder).rglob("*.py"))
]


def reads_environment(source: str) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in READERS)
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
        for node in ast.walk(ast.parse(source))
    )  # fmt: skip


def test_reading_the_environment_is_noticed():
    assert reads_environment("import os\nport = os.environ['SOSA_PORT']")
    assert reads_environment("from os import getenv")
    assert not reads_environment("import os\nos.getpid()")


def test_settings_are_the_one_place_that_reads_the_environment():
    # The bootstrap runs before there are any settings.
    readers = {path for path in SOURCES if reads_environment((ROOT / path).read_text())}
    assert readers == {SETTINGS, BOOTSTRAP}


def test_an_old_python_reads_the_bootstrap_far_enough_to_be_told():
    # Debian 10 came with 3.7; older ones do not even know the first import.
    ast.parse((ROOT / BOOTSTRAP).read_text(), feature_version=(3, 7))


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_files_fit_on_a_few_screens(path: Path):
    assert len((ROOT / path).read_text().splitlines()) <= 300
