"""A network of Linux namespaces: processes on the far end of a cable that a test may cut."""

import os
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SPACES = Path("/run/netns")
_PREFIX = "sosa-cut-"


class Cable:
    """A namespace, joined to this one by a pair of virtual interfaces. Made by `cable`."""

    def __init__(self) -> None:
        number = os.getpid()
        self._space = f"{_PREFIX}{number}"
        # An interface's name may have 15 characters.
        self._near, self._far = f"sosa{number}n", f"sosa{number}f"
        net = f"10.201.{number >> 6 & 255}.{(number & 63) << 2}"
        base, _, last = net.rpartition(".")
        self.near = f"{base}.{int(last) + 1}"
        """The address of this side."""
        self.far = f"{base}.{int(last) + 2}"
        """The address of what runs in the namespace."""

    def lay(self) -> None:
        """Make the namespace, and plug both ends in."""
        _ip("netns", "add", self._space)
        _ip(
            "link", "add", self._near, "type", "veth",
            "peer", "name", self._far, "netns", self._space,
        )  # fmt: skip
        _ip("address", "add", f"{self.near}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        _ip("-n", self._space, "address", "add", f"{self.far}/30", "dev", self._far)
        _ip("-n", self._space, "link", "set", "lo", "up")
        self.mend()

    def beyond(self, command: Sequence[str]) -> list[str]:
        """The command, run on the far end. It is the same process: `ip` becomes it."""
        return ["ip", "netns", "exec", self._space, *command]

    def cut(self) -> None:
        """Let nothing through, without a word to either side: what is sent is lost."""
        _ip("-n", self._space, "link", "set", self._far, "down")

    def mend(self) -> None:
        """Let everything through again."""
        _ip("-n", self._space, "link", "set", self._far, "up")


@contextmanager
def cable() -> Generator[Cable]:
    """A cable that is gone when the block ends. Raises RuntimeError where there can be none."""
    if not shutil.which("ip"):
        raise RuntimeError("iproute2 is missing: apt-get install iproute2")
    if os.geteuid() != 0:
        raise RuntimeError("A network is cut by root only: run this test as root.")
    _sweep()
    laid = Cable()
    try:
        laid.lay()
        yield laid
    finally:
        _remove(laid._space)


def _sweep() -> None:
    # A run that was killed could not tidy up; whoever comes next does.
    for space in _SPACES.glob(f"{_PREFIX}*"):
        if not Path(f"/proc/{space.name.removeprefix(_PREFIX)}").exists():
            _remove(space.name)


def _remove(space: str) -> None:
    # A namespace goes with its last process. Those are ours: nobody else has a reason to be there.
    inside = subprocess.run(["ip", "netns", "pids", space], capture_output=True, check=False)
    for process in inside.stdout.split():
        subprocess.run(["kill", "-9", process.decode()], check=False)
    # The interfaces would go with it, but later, when the kernel finds the time.
    near = f"sosa{space.removeprefix(_PREFIX)}n"
    subprocess.run(["ip", "link", "delete", near], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
