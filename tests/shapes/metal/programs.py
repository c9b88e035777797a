"""Programs that are run to their end, and what they need of the machine that tests."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

NEEDED = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "ssh": "openssh-client",
    "ip": "iproute2",
    "openssl": "openssl",
}
"""Programs, and the Debian packages that hold them."""


def do(
    *command: str, cwd: Path | None = None, more: Mapping[str, str] | None = None, said: str = ""
) -> str:
    """Run a program, `said` to it; returns what it answers. Raises RuntimeError with its complaint.

    `more` is added to the environment.
    """
    environment = {**os.environ, **(more or {})}  # noqa: TID251 - a child needs HOME and PATH
    done = subprocess.run(
        command, cwd=cwd, env=environment, input=said, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}{done.stdout[-4000:]}")
    return done.stdout


def insist_on_what_boots() -> None:
    """Raises RuntimeError, with a sentence, where no machine can be booted."""
    missing = {package for program, package in NEEDED.items() if not shutil.which(program)}
    if missing:
        raise RuntimeError(
            f"Bare metal cannot be tried here: apt-get install {' '.join(sorted(missing))}"
        )
    if os.geteuid() != 0:
        raise RuntimeError(
            "Bare metal cannot be tried here: only root may boot a system with systemd-nspawn."
        )
    try:
        do("unshare", "--net", "--pid", "--fork", "--mount-proc", "true")
    except RuntimeError as problem:
        raise RuntimeError(
            "Bare metal cannot be tried here: root may make no namespaces; a container has to be "
            f"privileged for that. {problem}"
        ) from None
    if not Path("/sys/fs/cgroup").is_mount() or not os.access("/sys/fs/cgroup", os.W_OK):
        raise RuntimeError(
            "Bare metal cannot be tried here: systemd needs a cgroup tree at /sys/fs/cgroup that "
            "it may write to."
        )
