"""The units that services run under on a machine of one's own: sound, alike, and shut tight."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT

PYTHON = "/opt/sosa/current/venv/bin/python"
UI = ROOT / "deploy/proxmox/roles/sosa_ui/files/sosa-ui@.service"
UNITS = {
    name: ROOT / "backend" / name / "deploy" / "metal" / "files" / f"sosa-{name}@.service"
    for name in SERVICES
} | {"ui": UI}
OWN = ("Description=", "User=", "Environment", "ExecStart=", "StateDirectory=", "ReadWritePaths=")
MOST_EXPOSED = "20"
"""Of 100, as systemd counts; services without hardening have 96."""


@pytest.fixture
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The first instance of a unit, with an interpreter that is there."""
    if not shutil.which("systemd-analyze"):
        raise RuntimeError("systemd-analyze is missing: apt-get install systemd")
    name: str = request.param
    unit = tmp_path / f"sosa-{name}@1.service"
    source = UNITS[name].read_text()
    assert f"ExecStart={PYTHON} " in source
    unit.write_text(source.replace(PYTHON, sys.executable))
    shutil.copy(ROOT / "deploy/proxmox/roles/sosa_host/files/sosa.target", tmp_path)
    return unit


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("instance", UNITS, indirect=True)
def test_a_unit_is_sound(instance: Path):
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(instance))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("instance", ["auth"], indirect=True)
def test_an_unsound_unit_would_be_noticed(instance: Path):
    instance.write_text(instance.read_text().replace("UMask=0077", "UMaks=0077"))
    assert "UMaks" in analyze("verify", "--man=no", str(instance)).stderr


@pytest.mark.parametrize("instance", UNITS, indirect=True)
def test_a_unit_is_shut_tight(instance: Path):
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(instance))
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("instance", ["auth"], indirect=True)
def test_an_open_unit_would_be_noticed(instance: Path):
    text = instance.read_text()
    instance.write_text(text[: text.index("# What it may see")] + text[text.index("[Install]") :])
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(instance))
    assert done.returncode != 0


@pytest.mark.parametrize("name", UNITS)
def test_units_differ_in_nothing_but_their_names(name: str):
    def shared(unit: Path) -> list[str]:
        return [line for line in unit.read_text().splitlines() if not line.startswith(OWN)]

    assert shared(UNITS[name]) == shared(UNITS["auth"])


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_as_its_own_user_on_its_own_folder(name: str):
    lines = UNITS[name].read_text().splitlines()
    assert f"User=sosa-{name}" in lines
    assert f"StateDirectory=sosa/{name}" in lines
    assert f"EnvironmentFile=/etc/sosa/{name}.env" in lines
