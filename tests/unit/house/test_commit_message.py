import subprocess
import sys
from pathlib import Path

import pytest

from deploy.check_commit_message import is_good

GOOD = ["rooms: Close the door behind the last one.", "kit: Add settings", 'Revert "kit: Add"']
BAD = [
    "",
    "wip",
    "Rooms: Close the door.",
    "rooms: close the door.",
    "rooms:Close the door.",
    "rooms: Close the door. ",
    "rooms: " + "A" * 80,
]


@pytest.mark.parametrize("subject", GOOD)
def test_a_good_subject_passes(subject: str):
    assert is_good(subject)


@pytest.mark.parametrize("subject", BAD)
def test_a_bad_subject_does_not(subject: str):
    assert not is_good(subject)


@pytest.mark.parametrize(("subject", "code"), [(GOOD[0], 0), (BAD[1], 1)])
def test_the_hook_reads_the_file_that_git_names(tmp_path: Path, subject: str, code: int):
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text(f"{subject}\n\nwhy\n")
    command = [sys.executable, "deploy/check_commit_message.py", str(message)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == code
