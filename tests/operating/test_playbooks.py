"""The playbooks: sound, by Ansible's own strictest profile, and done twice they change nothing.

Whether they set up a real host is for `test_on_a_host.py` to show.
"""

import pytest

from tests.operating.conftest import PLAYBOOKS, Run

EXAMPLE = PLAYBOOKS / "inventory.example.yml"
PLAYS = sorted(file.name for file in PLAYBOOKS.glob("*.yml") if not file.stem.startswith("inv"))


def test_the_strictest_profile_finds_nothing(ansible: Run):
    done = ansible("ansible-lint", "--nocolor", "--strict", ".")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Profile 'production' was required, and it passed" in done.stderr + done.stdout


@pytest.mark.parametrize("play", PLAYS)
def test_a_playbook_reads(ansible: Run, play: str):
    done = ansible("ansible-playbook", "--syntax-check", "-i", str(EXAMPLE), play)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_playbook_is_known():
    assert PLAYS == ["app.yml", "create.yml", "data.yml", "rollback.yml", "site.yml"]
