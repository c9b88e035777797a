"""What is installed is pinned by its content, and by no address."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata

import pytest

from deploy import ROOT

LOCKS = [
    "requirements/run.txt",
    "requirements/dev.txt",
    "requirements/tools.txt",
    "requirements/ansible.txt",
    "requirements/aws.txt",
    "deploy/javascript/package-lock.json",
    "reflex.lock/bun.lock",
    "reflex.lock/package.json",
]
REQUIREMENTS = LOCKS[:4]
OURS = ("backend", "sosa_app", "sosa_client", "deploy")
PIN = re.compile(r"^([a-z0-9][\w.-]*)==(\S+)", re.MULTILINE)


def read(path: str) -> str:
    return (ROOT / path).read_text()


def pins(path: str) -> dict[str, str]:
    return dict(PIN.findall(read(path)))


@pytest.mark.parametrize("path", [*LOCKS, ".npmrc", "bunfig.toml", "pyproject.toml"])
def test_no_lock_file_records_an_address(path: str):
    assert "://" not in read(path)


@pytest.mark.parametrize("path", REQUIREMENTS)
def test_every_package_is_pinned_and_hashed(path: str):
    entries = [entry for entry in re.split(r"\n(?=\S)", read(path)) if not entry.startswith("#")]
    assert entries
    assert [entry for entry in entries if not PIN.match(entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_is_tested_is_what_runs():
    run, dev = pins("requirements/run.txt"), pins("requirements/dev.txt")
    assert run
    assert {name: dev.get(name) for name in run} == run


def test_what_the_product_imports_is_among_what_runs():
    """Some come along with the tools of development, and would be missed by members only."""
    owners = metadata.packages_distributions()
    imported = {
        name
        for folder in OURS
        for file in (ROOT / folder).rglob("*.py")
        for name in imports(file.read_text())
        if name not in sys.stdlib_module_names | set(OURS)
    }
    assert {"starlette", "sqlmodel"} <= imported
    # SQLAlchemy's async side imports greenlet when it is first used.
    needed = {
        min(owners[name]).lower().replace("_", "-") for name in imported | {"greenlet", "asyncpg"}
    }
    assert needed - set(pins("requirements/run.txt")) == set()


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_every_javascript_tool_carries_a_checksum():
    packages = json.loads(read("deploy/javascript/package-lock.json"))["packages"]
    tools = {path: package for path, package in packages.items() if path}
    assert "node_modules/bun" in tools
    assert [
        path for path, tool in tools.items() if not tool["integrity"].startswith("sha512-")
    ] == []


def test_every_package_of_the_pages_carries_a_checksum():
    lines = re.findall(r"^    \"[^\"]+\": \[.*$", read("reflex.lock/bun.lock"), re.MULTILINE)
    assert lines
    assert [line for line in lines if "sha512-" not in line] == []


def test_bun_is_the_one_that_this_reflex_wants():
    from reflex_base.constants import Bun  # noqa: PLC0415 - Reflex is slow to import

    bun = json.loads(read("deploy/javascript/package.json"))["dependencies"]["bun"]
    assert bun == Bun.VERSION
