"""The whole product as one process, as `make run` starts it."""

import sys
from pathlib import Path

from tests.serving import free_port
from tests.shapes.processes import Process, answers_http, told_by

START_SECONDS = 240
"""Enough for a first start, which builds the pages."""


class Monolith:
    """SoSa on a free port with a data folder of its own. Starting again keeps port and data."""

    def __init__(
        self,
        data_dir: Path,
        *,
        rate_limit_scale: float = 1000,
        mail_url: str = "",
        has_providers: bool = True,
    ) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data_dir / "sosa.log"
        self._environment = {
            "SOSA_PORT": str(self.port),
            "SOSA_DATA_DIR": str(data_dir),
            "SOSA_RATE_LIMIT_SCALE": str(rate_limit_scale),
            "SOSA_MAIL_URL": mail_url,
            "SOSA_FAKE_PROVIDERS": str(free_port() if has_providers else 0),
        }
        command = [sys.executable, "-m", "deploy.monolith"]
        self._process = Process("SoSa", command, self.log, self._environment)

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it serves."""
        self._process.start()
        self._process.wait_until(lambda: answers_http(self.port), START_SECONDS)

    def admin(self, *words: str) -> str:
        """What `sosa admin` says to whoever holds the machine."""
        return told_by([sys.executable, "-m", "deploy.admin", *words], self._environment)

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self._process.kill()

    def stop(self) -> int | None:
        """Ask it to stop, and insist after a while. Returns its exit code."""
        return self._process.stop()
