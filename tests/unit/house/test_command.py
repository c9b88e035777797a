"""The one command, `sosa`: every door opens, and no other does."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from deploy import ROOT, command

SOSA = ROOT / ".venv" / "bin" / "sosa"
PAGES = ("README.md", "docs/operating.md", "CONTRIBUTING.md")


def sosa(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it as an operator would, from a folder that is not the repository."""
    environment = {**os.environ, **settings}  # noqa: TID251 - a child needs PATH
    return subprocess.run(
        [SOSA, *words], cwd="/", env=environment, capture_output=True, text=True, check=False
    )


def test_bootstrap_puts_it_beside_python():
    assert SOSA.exists(), "run `python3 deploy/bootstrap.py test`"
    listed = sosa("--help")
    assert listed.returncode == 0
    for name, door in command.COMMANDS.items():
        assert re.search(rf"^  {name} +{door.summary}$", listed.stdout, re.MULTILINE)


def test_pip_would_make_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"sosa": "deploy.command:main"}
    assert "from deploy.command import main" in SOSA.read_text()


@pytest.mark.parametrize("name", command.COMMANDS)
def test_every_door_explains_itself(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: sosa {name}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["dance"], ["serve", "kitchen"], ["serve", "auth,gateway"]])
def test_what_is_not_there_is_said(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code == 2
    assert "usage: sosa" in capsys.readouterr().err


def test_pages_name_doors_that_are_there():
    named = {
        name
        for page in PAGES
        for name in re.findall(r"(?:\.venv/bin/|`|^)sosa ([a-z]+)", (ROOT / page).read_text())
    }
    assert named
    assert named <= set(command.COMMANDS)


def test_migrate_then_back_up_and_restore(tmp_path: Path):
    here = {"SOSA_DATA_DIR": str(tmp_path / "house"), "SOSA_DATABASE_URL": ""}
    there = {"SOSA_DATA_DIR": str(tmp_path / "copy"), "SOSA_DATABASE_URL": ""}
    parts = tmp_path / "parts"
    for words, settings, said in (
        (["migrate"], here, "community is up to date"),
        (["keys", "split", str(parts)], here, "messaging has its keys"),
        (["backup", str(tmp_path / "kept")], here, "keep it safe"),
        (["restore", str(tmp_path / "kept")], there, "Everything is back"),
    ):
        done = sosa(*words, **settings)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    assert (tmp_path / "copy" / "sosa.db").exists()
    assert sosa("restore", str(tmp_path / "kept"), **there).returncode == 1
