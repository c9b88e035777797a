"""Pages are built again when, and only when, what they are made of has changed."""

from pathlib import Path

import pytest

from deploy.building import _same_layout, fingerprint


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "sosa_app/pages/chat.py",
        "backend/auth/contract/keys.py",
        "rxconfig.py",
        "README.md",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("before")
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["sosa_app/pages/chat.py", "backend/auth/contract/keys.py", "rxconfig.py"]
)
def test_a_change_of_what_pages_are_made_of_makes_new_ones(project: Path, changed: str):
    before = fingerprint(project)
    (project / changed).write_text("after")
    assert fingerprint(project) != before


def test_a_new_file_and_a_new_name_make_new_ones(project: Path):
    before = fingerprint(project)
    page = project / "sosa_app/pages/chat.py"
    page.rename(page.with_name("talk.py"))
    assert fingerprint(project) != before


@pytest.mark.parametrize(
    "unrelated",
    ["README.md", "backend/auth/service.py", "sosa_app/__pycache__/a.pyc", "assets/external/a.js"],
)
def test_other_changes_do_not(project: Path, unrelated: str):
    before = fingerprint(project)
    file = project / unrelated
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("after")
    assert fingerprint(project) == before


def test_another_layout_of_the_same_is_no_change(tmp_path: Path):
    file = tmp_path / "package.json"
    file.write_text('{"name": "reflex"}')
    with _same_layout(file):
        file.write_text('{\n  "name": "reflex"\n}')
    assert file.read_text() == '{"name": "reflex"}'


def test_another_content_is_a_change(tmp_path: Path):
    file = tmp_path / "package.json"
    file.write_text('{"name": "reflex"}')
    with _same_layout(file):
        file.write_text('{\n  "name": "sosa"\n}')
    assert file.read_text() == '{\n  "name": "sosa"\n}'
