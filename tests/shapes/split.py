"""The house as services: auth, profiles, community once, messaging and its gateway twice, the UI.

Behind nginx; PostgreSQL with a database per service, Redis, a Unix socket per process, and keys of
its own for each service.
"""

import os
import shutil
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from deploy.edge import render
from deploy.providers.running import configuration_of
from tests.serving import free_port
from tests.shapes.processes import Process, answers_at, answers_http, pretended_providers, told_by
from tests.watch.places import WATCH

SERVICES = {"auth": 1, "profiles": 1, "community": 1, "messaging": 2}
GATEWAYS = 2
START_SECONDS = 240


class Databases(Protocol):
    """Makes empty databases."""

    def create(self) -> str: ...


class Split:
    """The split house on a free port. `processes` are known by name, to be killed one by one."""

    def __init__(self, folder: Path, databases: Databases, *, mail_url: str = "") -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._folder = folder
        self._mail_url = mail_url
        # A short path of its own: a socket's path may not be longer than 107 bytes.
        self._sockets = Path(f"/tmp/sosa-{self.port}")  # noqa: S108
        self._database_urls = {name: databases.create() for name in SERVICES}
        self.processes: dict[str, Process] = {}

    def start(self) -> None:
        """Start everything, and wait until all of it serves."""
        self._sockets.mkdir(mode=0o755, exist_ok=True)
        self._prepare()
        self._start_redis()
        self._start_providers()
        for name, count in (SERVICES | {"gateway": GATEWAYS}).items():
            for number in range(1, count + 1):
                self._start_service(name, number)
        self._start_ui()
        self._start_edge()
        self.wait()

    def stop(self) -> None:
        """Look at what was written, and stop everything."""
        WATCH.house(self._sockets, self._database_urls.values())
        with ThreadPoolExecutor() as threads:
            # All at once: each has its own seconds of grace.
            list(threads.map(Process.stop, self.processes.values()))
        shutil.rmtree(self._sockets, ignore_errors=True)

    def admin(self, *words: str) -> str:
        """What `sosa admin` says to whoever holds the machine of auth."""
        own = self._shared("auth") | self._own("auth")
        return told_by([sys.executable, "-m", "deploy.admin", *words], own)

    def wait(self) -> None:
        """Wait until every process answers."""
        for name, process in self.processes.items():
            process.wait_until(lambda name=name: self._answers(name), START_SECONDS)

    def _prepare(self) -> None:
        everything = {"SOSA_DATA_DIR": str(self._folder / "house")} | self._databases()
        for module, *arguments in (
            ("deploy.migrations",),
            ("deploy.keys", "split", str(self._folder)),
            ("deploy.building",),
        ):
            step = Process(
                module,
                [sys.executable, "-m", module, *arguments],
                self._folder / "prepare.log",
                everything,
            )
            step.start()
            step.finish()

    def _databases(self) -> dict[str, str]:
        return {
            f"SOSA_{name.upper()}_DATABASE_URL": url for name, url in self._database_urls.items()
        }

    def _start_redis(self) -> None:
        if not shutil.which("redis-server"):
            raise RuntimeError("Redis is missing: apt-get install redis-server")
        path = self._sockets / "redis.sock"
        command = [
            "redis-server", "--port", "0", "--unixsocket", str(path), "--save", "",
            "--dir", str(self._folder),
        ]  # fmt: skip
        self._start("redis", command, {})

    def _start_providers(self) -> None:
        self._providers_port = free_port()
        process = pretended_providers(
            self._providers_port, self.url, self._folder / "providers.log"
        )
        self.processes["providers"] = process
        process.start()

    def _start_service(self, name: str, number: int) -> None:
        # The gateway is messaging's: it shares its rows and its keys.
        service = "messaging" if name == "gateway" else name
        own = self._own(service)
        if name == "auth":
            own["SOSA_PROVIDERS"] = configuration_of(self._providers_port)
        command = [sys.executable, "-m", "deploy.services", name]
        listening = self._listening(name, number)
        self._start(f"{name}-{number}", command, self._shared(name) | own | listening)

    def _own(self, service: str) -> dict[str, str]:
        """Where a service has its keys and its rows."""
        return {
            "SOSA_DATA_DIR": str(self._folder / service),
            f"SOSA_{service.upper()}_DATABASE_URL": self._database_urls[service],
        }

    def _listening(self, name: str, number: int) -> dict[str, str]:
        """The settings that say where a process listens."""
        return {"SOSA_SOCKET": f"{self._sockets}/{name}-{number}.sock"}

    def _place(self, name: str, number: int) -> str:
        """Where a process listens, as nginx says it."""
        return f"unix:{self._sockets}/{name}-{number}.sock"

    def _url(self, name: str, caller: str) -> str:
        """Where a service is for one who calls it."""
        return f"unix:{self._sockets}/{name}-1.sock"

    def _start_ui(self) -> None:
        self.ui_port = free_port()
        own = {"SOSA_DATA_DIR": str(self._folder / "ui"), "SOSA_PORT": str(self.ui_port)}
        self._start("ui", [sys.executable, "-m", "deploy.monolith"], self._shared("ui") | own)

    def _start_edge(self) -> None:
        if not shutil.which("nginx"):
            raise RuntimeError("nginx is missing: apt-get install nginx-light")
        counts = SERVICES | {"gateway": GATEWAYS}
        places = {
            # What the edge knows as the live door, gateways hold.
            "live" if name == "gateway" else name: [
                self._place(name, number) for number in range(1, count + 1)
            ]
            for name, count in counts.items()
        } | {"ui": [f"127.0.0.1:{self.ui_port}"]}
        folder = self._sockets / "nginx"
        folder.mkdir()
        conf = folder / "nginx.conf"
        conf.write_text(render(folder, f"127.0.0.1:{self.port}", places))
        command = ["nginx", "-e", str(folder / "start.log"), "-c", str(conf)]
        if os.geteuid() == 0:
            # The sockets are for their owner and group, and here everything is root's.
            command += ["-g", "user root;"]
        self._start("edge", command, {})

    def _shared(self, caller: str) -> dict[str, str]:
        return {f"SOSA_{name.upper()}_URL": self._url(name, caller) for name in SERVICES} | {
            "SOSA_PUBLIC_ORIGIN": self.url,
            "SOSA_REDIS_URL": f"unix://{self._sockets}/redis.sock",
            "SOSA_RATE_LIMIT_SCALE": "1000",
            "SOSA_TRUSTED_PROXIES": "1",
            "SOSA_MAIL_URL": self._mail_url,
        }

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        process = Process(name, command, self._folder / f"{name}.log", environment)
        self.processes[name] = process
        process.start()

    def _answers(self, name: str) -> bool:
        if name in {"edge", "ui"}:
            return answers_http(self.port if name == "edge" else self.ui_port)
        if name == "providers":
            return answers_at(self._providers_port, "/google/jwks")
        path = self._sockets / f"{name}.sock"
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                return False
        return True
