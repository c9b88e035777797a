"""Where machines cannot be booted, whoever asks for them is told why in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shapes.metal.programs import do, insist_on_what_boots
from tests.shapes.processes import ROOT

ASK = "from tests.shapes.metal.programs import insist_on_what_boots as ask; ask()"


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(RuntimeError, match="cannot be tried here: only root"):
        insist_on_what_boots()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"apt-get install debootstrap .*systemd-container"):
        insist_on_what_boots()


def test_a_root_without_privileges_is_told():
    """As in a container that is not privileged."""
    if os.geteuid() != 0:
        raise RuntimeError("Privileges are dropped by root only: run this test as root.")
    do(sys.executable, "-c", ASK, cwd=ROOT)
    command = ["setpriv", "--bounding-set=-sys_admin", sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "RuntimeError: Bare metal cannot be tried here: root may make no" in done.stderr
