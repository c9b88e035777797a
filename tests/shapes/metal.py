"""A machine of one's own: Debian on systemd in a namespace, set up over SSH as an operator would.

Needs root, and nothing that a virtual machine would need. The bare system is made once and kept.
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from deploy.building import BUILDS
from tests.shapes.processes import ROOT, Process

CACHE = BUILDS / "host"
PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,python3-venv,python3-apt,python3-psycopg2,"
    "iproute2,ca-certificates,nginx-light,postgresql-15,postgresql-client-15,redis-server"
)
"""What the roles would install: the namespace has no way out to fetch it."""
HERE, THERE = "10.199.77.1", "10.199.77.2"
SPACE = "sosa-metal"
ANSIBLE = ROOT / ".venv-ansible" / "bin"
PLAYBOOKS = ROOT / "deploy" / "proxmox"
QUICK = [
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "BatchMode=yes",
]
INSTANCES = {"auth": 2, "profiles": 2, "community": 2, "messaging": 2}


class Host:
    """A booted host, and the plays that an operator runs against it."""

    def __init__(self, folder: Path) -> None:
        for program in ("debootstrap", "systemd-nspawn", "ssh", "ip"):
            if not shutil.which(program):
                raise RuntimeError(
                    f"{program} is missing: apt-get install debootstrap systemd-container "
                    "openssh-client iproute2"
                )
        self.url = f"http://{THERE}"
        self.changes: dict[str, object] = {}
        """What the operator has changed in the inventory since."""
        self._folder = folder
        self._root = folder / "root"
        self._key = folder / "key"
        self._inventory = folder / "inventory.json"
        command = [
            "systemd-nspawn", "-q", "--keep-unit", "--register=no", "--resolv-conf=off",
            "--timezone=off", f"--network-namespace-path=/run/netns/{SPACE}",
            "-D", str(self._root), "-b",
        ]  # fmt: skip
        self._machine = Process("the host", command, folder / "console.log")

    def boot(self) -> None:
        """Boot a fresh system and wait until it answers."""
        self._unpack()
        do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._key))
        keys = self._root / "root" / ".ssh"
        keys.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(self._key.with_suffix(".pub"), keys / "authorized_keys")
        _lay_cable()
        self._machine.start()
        self._machine.wait_until(self._answers, 60)

    def down(self) -> None:
        """Switch it off, and leave nothing behind."""
        self._machine.stop()
        do("ip", "link", "delete", "sosa-metal0", check=False)
        do("ip", "netns", "delete", SPACE, check=False)
        shutil.rmtree(self._root, ignore_errors=True)

    def play(self, playbook: str, release: Path) -> str:
        """Run a playbook; returns what it said last. Raises RuntimeError."""
        self._inventory.write_text(json.dumps(self._told(release)))
        given = dict(os.environ)  # noqa: TID251 - a child needs HOME and PATH
        done = subprocess.run(
            [str(ANSIBLE / "ansible-playbook"), "-i", str(self._inventory), playbook],
            cwd=PLAYBOOKS, env=given | {"ANSIBLE_HOME": str(self._folder), "ANSIBLE_NOCOLOR": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stdout[-4000:])
        return done.stdout.partition("PLAY RECAP")[2]

    def run(self, command: str) -> str:
        """Run a command on the host; returns what it said."""
        return do("ssh", "-q", *QUICK, "-i", str(self._key), f"root@{THERE}", command)

    def _unpack(self) -> None:
        packed = CACHE / "debian-12.tar"
        if not packed.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            bare = self._folder / "bare"
            mirror = _mirror()
            include = f"--include={PACKAGES}"
            do("debootstrap", "--variant=minbase", include, "bookworm", str(bare), mirror)
            do("tar", "-C", str(bare), "-cf", f"{packed}.new", ".")
            Path(f"{packed}.new").rename(packed)
            shutil.rmtree(bare)
        self._root.mkdir()
        do("tar", "-C", str(self._root), "-xf", str(packed))
        (self._root / "etc" / "resolv.conf").unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            state = self.run("systemctl is-system-running --wait || true")
        except RuntimeError:
            time.sleep(0.5)
            return False
        return state.strip() in {"running", "degraded"}

    def _told(self, release: Path) -> object:
        secrets = dict.fromkeys(INSTANCES, "only0for0tests")
        house: dict[str, dict[str, str]] = {"house": {}}
        return {
            "all": {
                "vars": {
                    "ansible_host": THERE,
                    "ansible_user": "root",
                    "ansible_ssh_private_key_file": str(self._key),
                    "ansible_ssh_common_args": " ".join(QUICK),
                    "sosa_release_file": str(release),
                    "sosa_host_keys": str(self._folder / "keys"),
                    "sosa_host_rate_limit_scale": 1000,
                    "sosa_origin": self.url,
                    "sosa_edge_listen": "80",
                    "sosa_data_address": THERE,
                    "sosa_app_address": THERE,
                    "sosa_database_passwords": secrets,
                    "sosa_redis_password": "only0for0tests",
                    "sosa_instances": INSTANCES,
                }
                | self.changes,
                "children": {name: {"hosts": house} for name in ("app", "data")},
            }
        }


def do(*command: str, check: bool = True) -> str:
    """Run a program; returns what it said. Raises RuntimeError with its complaint."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done.stdout


def _lay_cable() -> None:
    do("ip", "netns", "add", SPACE)
    do("ip", "link", "add", "sosa-metal0", "type", "veth", "peer", "name", "eth0", "netns", SPACE)
    do("ip", "address", "add", f"{HERE}/30", "dev", "sosa-metal0")
    do("ip", "link", "set", "sosa-metal0", "up")
    do("ip", "-n", SPACE, "address", "add", f"{THERE}/30", "dev", "eth0")
    do("ip", "-n", SPACE, "link", "set", "eth0", "up")
    do("ip", "-n", SPACE, "link", "set", "lo", "up")


def _mirror() -> str:
    """Where this machine gets its packages; debootstrap has to be told."""
    said = do("apt-get", "indextargets", "--format", "$(SITE)", "Codename: bookworm").splitlines()
    return next((line for line in said if line.rstrip("/").endswith("/debian")), said[0])
