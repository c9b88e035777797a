"""Make a release, the one file that a machine of one's own needs: `sosa release`.

`.build/releases/sosa-<version>.tar.gz` holds the committed code, the built pages, and a wheel of
every package, resolved for the interpreter of the target and checked against its recorded hash.
Beside it lies its SHA-256. Nothing is fetched where it is installed.
"""

import argparse
import shutil
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from deploy import ROOT, CannotStartError
from deploy.archive import checksum
from deploy.building import BUILDS, build_pages, fingerprint
from deploy.tools import run_tool

RELEASES = BUILDS / "releases"
CODE = (
    "LICENSE", "assets", "backend", "deploy", "pyproject.toml", "reflex.lock", "requirements",
    "rxconfig.py", "sosa_app", "sosa_client",
)  # fmt: skip
"""What a release holds of the repository."""
DEBIAN_PYTHON = "3.11.2"
"""Debian 12's. Which packages are needed differs between patch levels: redis wants one more below
3.11.3."""
PLATFORM = "manylinux_2_28_x86_64"


def main(words: Sequence[str]) -> int:
    """Make a release, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa release", description=__doc__)
    parser.add_argument("--python", default=DEBIAN_PYTHON, help="the target's, three numbers")
    parser.add_argument("--commit", default="HEAD", help="what to release")
    asked = parser.parse_args(words)
    try:
        made = make_release(asked.commit, asked.python)
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"· {made.relative_to(ROOT)}, {made.stat().st_size // 2**20} MB")
    return 0


def make_release(commit: str, python: str) -> Path:
    """The file of a release. Made anew each time. Raises CannotStartError."""
    RELEASES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RELEASES) as folder:
        stage = Path(folder)
        version = _version(commit)
        _take_code(commit, stage / "code")
        (stage / "code" / "RELEASE").write_text(f"{version}\n")
        _take_pages(stage / "code")
        _take_wheels(stage / "code", stage / "wheels", python)
        return _pack(stage, RELEASES / f"sosa-{version}.tar.gz")


def _version(commit: str) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return f"{project['version']}-{run_tool('git', 'rev-parse', '--short=10', commit).strip()}"


def _take_code(commit: str, target: Path) -> None:
    target.mkdir()
    with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
        run_tool("git", "archive", f"--output={packed.name}", commit, "--", *CODE)
        with tarfile.open(packed.name) as tar:
            tar.extractall(target, filter="data")


def _take_pages(code: Path) -> None:
    pages = build_pages()
    if pages.name != fingerprint(code):
        raise CannotStartError(
            "What the pages are made of has changed since the commit: commit it first."
        )
    shutil.copytree(pages, code / ".build" / "pages" / pages.name)


def _take_wheels(code: Path, wheels: Path, python: str) -> None:
    wheels.mkdir()
    wanted = wheels / "requirements.txt"
    # pip judges markers by the interpreter that it runs on, so uv settles them for the target.
    run_tool(
        "uv", "pip", "compile", str(code / "requirements" / "run.txt"), "--quiet",
        "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url",
        "--no-emit-find-links", "--python-version", python,
        "--python-platform", "x86_64-manylinux_2_28", "--output-file", str(wanted),
    )  # fmt: skip
    run_tool(
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--require-hashes", "--only-binary=:all:", "--platform", PLATFORM,
        "--platform", "manylinux2014_x86_64", "--python-version", python, "--dest", str(wheels),
        "--requirement", str(wanted),
    )  # fmt: skip


def _pack(stage: Path, target: Path) -> Path:
    draft = target.with_suffix(".new")
    with tarfile.open(draft, "w:gz", compresslevel=6) as tar:
        for part in sorted(stage.iterdir()):
            tar.add(part, part.name, filter=_anonymous)
    draft.replace(target)
    target.with_name(f"{target.name}.sha256").write_text(f"{checksum(target)}  {target.name}\n")
    return target


def _anonymous(item: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if "__pycache__" in item.name:
        return None
    item.uid = item.gid = 0
    item.uname = item.gname = "root"
    # Whoever makes a release may have a umask that lets nobody else read; services run as others.
    item.mode = 0o755 if item.isdir() or item.mode & 0o100 else 0o644
    return item


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
