"""What the documents claim is so."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from backend.kit.settings import Settings, variable_of
from deploy import ROOT

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "sosa_client/*.md")
    for page in ROOT.glob(pattern)
    if page.is_file()
)
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_links_lead_somewhere(document: Path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_commands_exist(document: Path):
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    claimed = set(re.findall(r"(?:`|^)make ([a-z]+)", document.read_text(), re.MULTILINE))
    assert claimed - targets == set()


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_pages_speak_of_the_project_alone(document: Path):
    assert not re.search(r"/(work|tmp|root|home)/", document.read_text())


def test_every_command_explains_itself():
    public = set(re.findall(r"^([a-z]+):.*?## ", MAKEFILE, re.MULTILINE))
    wanted = "help run demo test check metal mutants bench parity fix lock clean"
    assert public == set(wanted.split())


def test_the_settings_table_is_the_settings():
    table = re.findall(r"^\| `(SOSA_\w+)` \| (.+?) \|", README, re.MULTILINE)
    assert [name for name, _ in table] == [variable_of(item.name) for item in fields(Settings)]
    defaults = dict(table)
    assert defaults["SOSA_HOST"] == f"`{Settings().host}`"
    assert defaults["SOSA_PORT"] == f"`{Settings().port}`"
    assert defaults["SOSA_DATA_DIR"] == f"`{Settings().data_dir}`"
    assert Settings(port=4000).origin == "http://localhost:4000"


def test_the_map_shows_rooms_that_are_there():
    plan = README.partition("## The map of the house")[2].split("```")[1]
    rooms = re.findall(r"^(\S+)", plan, re.MULTILINE)
    assert len(rooms) == 11
    assert [room for room in rooms if not (ROOT / room).exists()] == []


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    table = README.partition("## What it stands on")[2].partition("\n## ")[0]
    explained = {
        re.sub(r"\[(\w+)\]\(.*\)", r"\1", name)
        for names in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
        for name in names.strip().split(", ")
    }
    assert explained - {"dependency", "---"} == needed


def test_every_decision_is_in_the_index():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    pages = {page.name for page in folder.glob("0*.md")}
    assert len(pages) >= 8
    assert set(re.findall(r"\((0\d{3}[\w-]*\.md)\)", index)) == pages


def test_every_decision_that_is_named_is_written():
    files = [
        file
        for folder in ("backend", "deploy", "sosa_app", "docs")
        for file in (ROOT / folder).rglob("*.*")
        if file.suffix in {".py", ".md", ".js", ".jsx"}
    ]
    named = {number for file in files for number in re.findall(r"ADR-(\d{4})", file.read_text())}
    written = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("0*.md")}
    assert "0001" in named
    assert named <= written
