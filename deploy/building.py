"""Build the pages when something they are made of has changed."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from reflex_base.environment import environment

from deploy import ROOT, CannotStartError

BUILDS = ROOT / ".build"
WORKSHOP = BUILDS / "web"
"""Where Reflex and Vite work. `reflex run` has a place of its own (.web), and is not disturbed."""
KEPT = 3
"""Builds to keep: a running product goes on serving its own while a newer one is made."""

INPUTS = (
    "sosa_app",
    "assets",
    "reflex.lock/bun.lock",
    "backend/*/contract*",
    "rxconfig.py",
    "deploy/pages.py",
)


def build_pages() -> Path:
    """Return the folder of the finished pages, after building them if they are not there yet."""
    finished = BUILDS / "pages" / fingerprint(ROOT)
    if finished.is_dir() and not os.access(BUILDS, os.W_OK):
        # A release brings its pages, and whoever serves it may change nothing of it.
        return finished
    BUILDS.mkdir(exist_ok=True)
    with _one_at_a_time():
        if not finished.is_dir():
            print("· Building the pages", flush=True)
            with _same_layout(ROOT / "reflex.lock" / "package.json"):
                _export()
            _keep(finished)
        finished.touch()
        _forget_old(finished.parent)
    return finished


def fingerprint(root: Path) -> str:
    """Return a name for what the pages are made of: the same name, the same pages."""
    digest = hashlib.sha256(version("reflex").encode())
    for file in sorted(_inputs(root)):
        digest.update(f"\\0{file.relative_to(root)}\\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _inputs(root: Path) -> Iterator[Path]:
    for pattern in INPUTS:
        for found in root.glob(pattern):
            yield from (
                (file for file in found.rglob("*") if _counts(file)) if found.is_dir() else [found]
            )


def _export() -> None:
    # Reflex takes this from its own variables, and the program started below inherits them.
    environment.REFLEX_WEB_WORKDIR.set(WORKSHOP)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode or not (WORKSHOP / "build" / "client" / "index.html").exists():
        said = _COLOURS.sub("", f"{done.stdout}\n{done.stderr}")
        print(said[-6000:], file=sys.stderr)
        raise CannotStartError("The pages could not be built. The lines above say why.")


def _keep(finished: Path) -> None:
    # Copied under another name first, so that a folder with the right name is always complete.
    unfinished = finished.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(WORKSHOP, unfinished, ignore=shutil.ignore_patterns("node_modules"))
    unfinished.rename(finished)


def _forget_old(builds: Path) -> None:
    newest_first = sorted(builds.iterdir(), key=lambda build: build.stat().st_mtime, reverse=True)
    for build in newest_first[KEPT:]:
        shutil.rmtree(build)


@contextmanager
def _same_layout(file: Path) -> Generator[None]:
    """Undo a change of white space alone: Reflex knows two layouts, and a checkout stays clean."""
    before = file.read_text()
    yield
    if json.loads(file.read_text()) == json.loads(before):
        file.write_text(before)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    with (BUILDS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _counts(file: Path) -> bool:
    # Reflex links the assets of modules into assets/external at every start.
    return file.is_file() and not {"__pycache__", "external"} & set(file.parts)


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main() -> int:
    """Build the pages, and return an exit code."""
    try:
        build_pages()
    except CannotStartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
