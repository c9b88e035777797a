"""Processes that tests start: each with a log, each ended by its id."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A program with its environment. Started again, it goes on in the same log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait for nothing."""
        environment = {**os.environ, **self._environment}  # noqa: TID251 - a child needs PATH
        # Reflex behaves differently when it believes that it is being tested.
        environment.pop("PYTEST_CURRENT_TEST", None)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready. Raises RuntimeError with the end of its log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.is_running:
            if is_ready():
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start:\n{self._log.read_text()[-4000:]}")

    def finish(self) -> None:
        """Wait until it has ended well. Raises RuntimeError with the end of its log."""
        if self._process is None or self._process.wait(240):
            raise RuntimeError(f"{self.name} failed:\n{self._log.read_text()[-4000:]}")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        """Ask it to stop, and insist after a while. Returns its exit code, if it ran."""
        try:
            self._end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self._end(signal.SIGKILL)
        return self._process.returncode if self._process else None

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, how)
            self._process.wait(15)


def told_by(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a program says that ends by itself. Raises RuntimeError with what was wrong."""
    everything = {**os.environ, **environment}  # noqa: TID251 - a child needs PATH
    done = subprocess.run(
        command, cwd=ROOT, env=everything, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def pretended_providers(port: int, origin: str, log: Path) -> Process:
    """A Google and a Reddit for the house at an origin."""
    command = [sys.executable, "-m", "deploy.providers", str(port), origin]
    return Process("providers", command, log)


def answers_http(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something serves the product at a port."""
    return answers_at(port, "/healthz", host)


def answers_at(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Whether a plain GET is answered well."""
    try:
        return status_of(port, path, host) == HTTPStatus.OK
    except OSError:
        return False


def status_of(port: int, path: str, host: str = "127.0.0.1") -> int:
    """The status of a plain GET."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
