"""The real product as a process of its own, as `make run` starts it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 240
"""Enough for a first start, which builds the pages."""


class Monolith:
    """SoSa on a free port with a data folder of its own. Starting again keeps port and data."""

    def __init__(self, data_dir: Path, *, rate_limit_scale: float = 1000) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data_dir / "sosa.log"
        self._data_dir = data_dir
        self._scale = rate_limit_scale
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that serves."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it serves."""
        environment = {
            **os.environ,  # noqa: TID251 - the child needs PATH and the like
            "SOSA_PORT": str(self.port),
            "SOSA_DATA_DIR": str(self._data_dir),
            "SOSA_RATE_LIMIT_SCALE": str(self._scale),
        }
        # Reflex behaves differently when it believes that it is being tested.
        environment.pop("PYTEST_CURRENT_TEST", None)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.monolith"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and insist after a while."""
        try:
            self._end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, how)
            process.wait(15)

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"SoSa did not start:\n{self.log.read_text()[-4000:]}")
