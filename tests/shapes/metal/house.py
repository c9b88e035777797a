"""The house on machines of one's own: one for the processes, one for what must survive.

Set up with the playbooks alone, over SSH, from a release of the code as it is now; members reach it
by TLS.
"""

import contextlib
import json
import shutil
import sys
from pathlib import Path

from deploy.providers.running import configuration_of
from deploy.release import DEBIAN_PYTHON, make_release
from tests.serving import free_port
from tests.shapes.metal.machine import QUICK, Machine, free_pair, lay_cable
from tests.shapes.metal.programs import do, insist_on_what_boots
from tests.shapes.metal.system import bare_system
from tests.shapes.processes import ROOT, Process, answers_at, pretended_providers
from tests.trust import TRUSTED

ANSIBLE = ROOT / ".venv-ansible" / "bin"
PLAYBOOKS = ROOT / "deploy" / "proxmox"
INSTANCES = {"auth": 2, "profiles": 2, "community": 2, "messaging": 2}
PASSWORD = "only0for0tests"
START_SECONDS = 60
CERTIFICATE, KEY = "/etc/ssl/certs/sosa.crt", "/etc/ssl/private/sosa.key"
MAKE_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=sosa "
    f"-addext subjectAltName=DNS:localhost,IP:{{}} -keyout {KEY} -out {CERTIFICATE} 2>/dev/null"
)


WHAT_FAILED = "systemctl --failed --no-pager; journalctl --no-pager -n 80 -p warning"
"""What the app machine knows of why a play failed."""


class Metal:
    """A house on two machines, and the operator's tools for it."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.url = f"https://localhost:{self._port}"
        """By name: browsers keep no passkey for an address."""
        self.changes: dict[str, object] = {}
        """What the operator has changed in the inventory since."""
        self._folder = folder
        self._key = folder / "key"
        self.app = Machine("sosa-app", folder, self._key)
        self.data = Machine("sosa-data", folder, self._key)
        self._between = ("", "")
        self.mail_port = free_port()
        self._providers_port = free_port()
        self._beside: list[Process] = []
        self.release = Path()
        """The file that the inventory names."""

    def start(self) -> None:
        """Boot two bare machines, and set them up."""
        insist_on_what_boots()
        self.release = release_of_what_is_here()
        self._boot()
        self._make_keys()
        self._start_providers()
        self.play("site.yml")

    def stop(self) -> None:
        """Switch both off."""
        for process in reversed(self._beside):
            process.stop()
        # Ansible keeps its connections for a minute after a play.
        for path in self._connections.glob("*"):
            with contextlib.suppress(RuntimeError):
                do("ssh", "-O", "exit", "-o", f"ControlPath={path}", "any")
        for machine in (self.app, self.data):
            machine.off()

    def play(self, playbook: str) -> str:
        """Run a playbook; returns what it said last. Raises RuntimeError."""
        inventory = self._folder / "inventory.json"
        inventory.write_text(json.dumps(self._inventory()))
        own = {
            "ANSIBLE_HOME": str(self._folder),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._connections),
        }
        program = str(ANSIBLE / "ansible-playbook")
        try:
            said = do(program, "-i", str(inventory), playbook, cwd=PLAYBOOKS, more=own)
        except RuntimeError as problem:
            raise RuntimeError(f"{problem}\n{self.app.run(WHAT_FAILED)}") from problem
        (self._folder / "play.log").write_text(said)
        return said.partition("PLAY RECAP")[2]

    def bring_newer_release(self) -> str:
        """Name another release in the inventory, of the same code. Returns its version."""
        newer = self._folder / "sosa-newer.tar.gz"
        shutil.copy(self.release, newer)
        digest = self.release.with_name(f"{self.release.name}.sha256").read_text().split()[0]
        newer.with_name(f"{newer.name}.sha256").write_text(f"{digest}  {newer.name}\n")
        self.release = newer
        return "newer"

    @property
    def data_address(self) -> str:
        """Where the processes find their data: members have no way there."""
        return self._between[1]

    @property
    def mail_host(self) -> str:
        """Where mail is to be taken from the house: another machine than those of its own."""
        return self.app.neighbour

    @property
    def _connections(self) -> Path:
        return self._folder / "cp"

    def _boot(self) -> None:
        system = bare_system()
        do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._key))
        for machine in (self.app, self.data):
            machine.boot(system)
        self._between = free_pair()
        app, data = self._between
        lay_cable("eth1", app, self.app, "eth1", data, self.data)
        for machine in (self.app, self.data):
            machine.wait()
        self._beside.append(self.app.be_found(self._port, 443))
        self.app.run(MAKE_CERTIFICATE.format(self.app.address))
        TRUSTED.load_verify_locations(cadata=self.app.run(f"cat {CERTIFICATE}"))

    def _start_providers(self) -> None:
        # They answer at localhost alone, since they let anyone in: the way there is a tunnel.
        port = self._providers_port
        providers = pretended_providers(port, self.url, self._folder / "providers.log")
        self._beside.append(providers)
        providers.start()
        providers.wait_until(lambda: answers_at(port, "/google/jwks"), START_SECONDS)
        self._beside.append(self.app.lead_back(port))
        ask = f"curl -sf --retry 20 --retry-all-errors --retry-delay 1 localhost:{port}/google/jwks"
        self.app.run(ask)

    def _make_keys(self) -> None:
        keys = str(self._folder / "keys")
        do(
            sys.executable,
            "-m",
            "deploy.keys",
            "split",
            keys,
            cwd=ROOT,
            more={"SOSA_DATA_DIR": keys},
        )

    def _inventory(self) -> object:
        app, data = self._between
        told: dict[str, object] = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._key),
            "ansible_ssh_common_args": " ".join(QUICK),
            "sosa_release_file": str(self.release),
            "sosa_host_keys": str(self._folder / "keys"),
            "sosa_host_rate_limit_scale": 1000,
            "sosa_origin": self.url,
            "sosa_edge_certificate": CERTIFICATE,
            "sosa_edge_key": KEY,
            "sosa_edge_listen": "443",
            "sosa_data_address": data,
            "sosa_app_address": app,
            "sosa_database_passwords": dict.fromkeys(INSTANCES, PASSWORD),
            "sosa_redis_password": PASSWORD,
            "sosa_instances": INSTANCES,
            "sosa_mail_url": f"smtp://{self.mail_host}:{self.mail_port}",
            "sosa_mail_from": "SoSa <hello@sosa.example>",
            "sosa_providers": json.loads(configuration_of(self._providers_port)),
        }
        hosts = {
            group: {"hosts": {machine.name: {"ansible_host": machine.address}}}
            for group, machine in (("app", self.app), ("data", self.data))
        }
        return {"all": {"vars": told | self.changes, "children": hosts}}


def release_of_what_is_here() -> Path:
    """A release of what is committed and what has been changed in files that git knows."""
    name = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    # A file that was written anew with what it held looks changed until git has looked again, and
    # then nothing is stashed without a word.
    do("git", "status", "--porcelain", cwd=ROOT)
    changed = do("git", *name, "stash", "create", cwd=ROOT).strip()
    return make_release(changed or "HEAD", DEBIAN_PYTHON)
