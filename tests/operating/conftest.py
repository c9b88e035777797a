"""Ansible as the repository pins it, in its own environment."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import ROOT

TOOLS = ROOT / ".venv-ansible" / "bin"
PLAYBOOKS = ROOT / "deploy" / "proxmox"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ansible(tmp_path: Path) -> Run:
    """Runs one of Ansible's programs where the playbooks are."""
    if not TOOLS.exists():
        raise RuntimeError("Ansible is missing: make test installs it into .venv-ansible")

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = dict(os.environ)  # noqa: TID251 - a child needs HOME and PATH
        environment = given | {
            # It calls its siblings by name.
            "PATH": f"{TOOLS}:{given['PATH']}",
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
        }
        return subprocess.run(
            [str(TOOLS / program), *arguments],
            cwd=PLAYBOOKS, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run
