"""A machine: a Debian that boots in a container, with a network of its own and an SSH server.

Whatever ends the program that booted it, even a kill that it cannot answer, ends the machine too;
the network goes with the last process in it, and the disk is memory. What is left then is an empty
folder of systemd's, which the next machine takes away.
"""

import ipaddress
import itertools
import json
import os
import shutil
import time
from pathlib import Path

from tests.shapes.metal.programs import do
from tests.shapes.processes import Process

BOUND = ("setpriv", "--pdeathsig", "KILL")
"""Ends a program when the one that started it is gone."""
FIRST = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL")
"""What is first among processes takes all of them along when it ends. A killed nspawn alone would
leave its system running."""
QUICK = (
    "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes",
)  # fmt: skip
RELAY = "/lib/systemd/systemd-socket-proxyd"
BOOT_SECONDS = 90
PROPAGATED = Path("/run/systemd/nspawn/propagate")
_numbers = itertools.count()


class Machine:
    """One machine, switched off at first."""

    def __init__(self, name: str, folder: Path, key: Path) -> None:
        self.name = name
        self.address = ""
        """Where the tests find it."""
        self.neighbour = ""
        """Where it finds the tests."""
        self._folder = folder
        self._key = key
        # Machines of several runs know nothing of each other, and share a table of names.
        self._id = f"{os.getpid()}x{next(_numbers)}"
        holder = [*BOUND, "unshare", "--net", "sleep", "infinity"]
        self._network = Process(f"the network of {name}", holder, folder / f"{name}.network")
        self._system: Process | None = None

    def boot(self, system: Path) -> None:
        """Switch it on, and return while it boots. `system` stays as it is."""
        sweep()
        self._network.start()
        self._network.wait_until(self._has_own_network, 10)
        self.inside("ip", "link", "set", "lo", "up")
        self.neighbour, self.address = free_pair()
        lay_cable(f"sosa{self._id}", self.neighbour, None, "eth0", self.address, self)
        command = [
            *BOUND, "nsenter", f"--net=/proc/{self._network.pid}/ns/net", *FIRST,
            "systemd-nspawn", "--quiet", "--keep-unit", "--register=no", "--boot",
            "--resolv-conf=off", "--timezone=off", "--volatile=overlay",
            f"--machine=sosa-{self._id}", f"--hostname={self.name}", f"--directory={system}",
            "--network-namespace-path=/proc/self/ns/net",
            f"--bind-ro={self._key}.pub:/root/.ssh/authorized_keys",
        ]  # fmt: skip
        self._system = Process(self.name, command, self._folder / f"{self.name}.console")
        self._system.start()

    def wait(self) -> None:
        """Wait until it has booted. Raises RuntimeError with what it said last."""
        assert self._system
        try:
            self._system.wait_until(self._has_booted, BOOT_SECONDS)
        except RuntimeError as error:
            raise RuntimeError(
                f"Bare metal cannot be tried here: systemd-nspawn boots no system. {error}"
            ) from None

    def off(self) -> None:
        """Switch it off, and leave nothing behind."""
        if self._system:
            self._system.stop()
        self._network.stop()
        shutil.rmtree(PROPAGATED / f"sosa-{self._id}", ignore_errors=True)

    def run(self, command: str, said: str = "") -> str:
        """Run a command over SSH, `said` to it; returns what it answers. Raises RuntimeError."""
        whom = f"root@{self.address}"
        return do("ssh", "-q", *QUICK, "-i", str(self._key), whom, command, said=said)

    def be_found(self, port: int, own_port: int) -> Process:
        """Have members on this machine find one of its ports at their localhost, until it ends."""
        there = [RELAY, f"{self.address}:{own_port}"]
        command = [*BOUND, "systemd-socket-activate", "-l", f"127.0.0.1:{port}", *there]
        found = Process(f"the way to {self.name}", command, self._folder / f"{self.name}.way")
        found.start()
        return found

    def lead_back(self, port: int) -> Process:
        """Let its programs find a port of this machine at their own localhost, until it ends."""
        way = ["-N", "-o", "ExitOnForwardFailure=yes", "-R", f"{port}:127.0.0.1:{port}"]
        command = [*BOUND, "ssh", *QUICK, "-i", str(self._key), *way, f"root@{self.address}"]
        led = Process(f"the way back from {self.name}", command, self._folder / f"{self.name}.back")
        led.start()
        return led

    def inside(self, *command: str) -> str:
        """Run a program of this machine in the network of that one."""
        return do("nsenter", f"--net=/proc/{self._network.pid}/ns/net", *command)

    @property
    def network(self) -> int:
        """The id of a process in its network."""
        return self._network.pid

    def _has_own_network(self) -> bool:
        own = Path("/proc/self/ns/net").readlink()
        return Path(f"/proc/{self._network.pid}/ns/net").readlink() != own

    def _has_booted(self) -> bool:
        try:
            state = self.run("systemctl is-system-running --wait || true")
        except RuntimeError:
            time.sleep(0.2)
            return False
        return state.strip() in {"running", "degraded"}


def sweep() -> None:
    """Take away what machines left whose tests were killed."""
    for left in PROPAGATED.glob("sosa-*x*"):
        booted_by = left.name.removeprefix("sosa-").partition("x")[0]
        if not Path(f"/proc/{booted_by}").exists():
            shutil.rmtree(left, ignore_errors=True)


def lay_cable(
    here: str, address: str, one: Machine | None, there: str, its_address: str, other: Machine
) -> None:
    """Connect a machine, or with None this one, with another, each with a link and an address."""
    at = do if one is None else one.inside
    at("ip", "link", "add", here, "type", "veth", "peer", there, "netns", str(other.network))
    for where, link, own in ((at, here, address), (other.inside, there, its_address)):
        where("ip", "address", "add", f"{own}/30", "dev", link)
        where("ip", "link", "set", link, "up")


def free_pair() -> tuple[str, str]:
    """Two addresses of a network of their own, that this machine does not know yet."""
    routes = json.loads(do("ip", "-json", "-4", "route", "show", "table", "all"))
    known = {route["dst"] for route in routes}
    for network in ipaddress.ip_network("10.199.0.0/16").subnets(new_prefix=30):
        if str(network) not in known:
            one, other = network.hosts()
            return str(one), str(other)
    raise RuntimeError("There is no free network left in 10.199.0.0/16.")
