"""Zips for functions, one for each service: its code, and the packages that it imports.

The same input makes the same bytes. Packages are those of requirements/functions.txt, each checked
against its recorded hash, as wheels for the platform that Lambda runs on.
"""

import hashlib
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.kit.settings import SERVICES
from deploy import ROOT, CannotStartError
from deploy.tools import run_tool

BUILDS = ROOT / ".build" / "aws"
REQUIREMENTS = ROOT / "requirements" / "functions.txt"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64")
"""Runtimes from Python 3.12 on are Amazon Linux 2023, whose glibc is 2.34; several packages are no
longer made for the one of 2014."""
PYTHON = "3.13"
"""The default of the templates' parameter Runtime."""
UNZIPPED_LIMIT = 250 * 2**20
"""Lambda's own (Lambda quotas: deployment package)."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""


@dataclass(frozen=True, slots=True)
class Package:
    """A finished zip."""

    service: str
    file: Path
    unzipped: int
    """Bytes on the disk of a function."""

    @property
    def sha256(self) -> str:
        """Of the whole file, in hex."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


def package(
    folder: Path, python: str = PYTHON, extras: Mapping[str, bytes] | None = None
) -> list[Package]:
    """Make the zip of every service. `extras` are further files by name, all executable.

    Raises CannotStartError.
    """
    packages = _packages(python)
    folder.mkdir(parents=True, exist_ok=True)
    return [_package(service, folder, packages, python, extras or {}) for service in SERVICES]


@cache
def interpreter(python: str) -> str | None:
    """An interpreter of that version on this machine, to compile with; None if there is none."""
    own = ".".join(str(part) for part in sys.version_info[:2])
    if own == python:
        return sys.executable
    found = shutil.which(f"python{python}")
    # It is not enough that it is there: some are but a note that another one is to be chosen.
    answers = found and subprocess.run([found, "-V"], capture_output=True, check=False)
    return found if answers and answers.returncode == 0 else None


def _package(
    service: str, folder: Path, packages: Path, python: str, extras: Mapping[str, bytes]
) -> Package:
    target = folder / f"{service}.zip"
    draft = target.with_suffix(".new")
    with tempfile.TemporaryDirectory(dir=folder) as stage:
        for name in _code_of(service):
            copy = Path(stage) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy)
        _compile(Path(stage), python)
        # The packages are the same in each, and compressed once.
        shutil.copyfile(packages, draft)
        _add(draft, Path(stage), extras)
    draft.replace(target)
    with zipfile.ZipFile(target) as made:
        size = sum(item.file_size for item in made.infolist())
    if size > UNZIPPED_LIMIT:
        raise CannotStartError(f"{service} has {size // 2**20} MB, and Lambda takes 250.")
    return Package(service, target, size)


def _code_of(service: str) -> Iterator[str]:
    """What a function of a service may import of ours: of other services their contracts only."""
    for file in sorted((ROOT / "backend").rglob("*.py")):
        name = file.relative_to(ROOT)
        owner = name.parts[1]
        if owner not in SERVICES:
            yield str(name)
            continue
        is_contract = name.parts[2] in {"__init__.py", "contract", "contract.py"}
        # Tables are made by a step of the deployment, which does not run in a function.
        if is_contract or (owner == service and name.parts[2] != "migrations"):
            yield str(name)


def _packages(python: str) -> Path:
    """A zip of the packages alone. Made once for what is wanted, and kept."""
    compiler = interpreter(python)
    wanted = REQUIREMENTS.read_bytes() + f"{python} {PLATFORMS} {bool(compiler)}".encode()
    finished = BUILDS / f"packages-{python}-{hashlib.sha256(wanted).hexdigest()[:12]}.zip"
    if not finished.exists():
        BUILDS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILDS) as folder:
            stage = Path(folder) / "packages"
            _install(python, Path(folder) / "requirements.txt", stage)
            _compile(stage, python)
            _add(Path(folder) / finished.name, stage, {})
            (Path(folder) / finished.name).replace(finished)
    return finished


def _install(python: str, exact: Path, target: Path) -> None:
    # pip judges markers by the interpreter that it runs on, so uv settles them for the target.
    run_tool(
        "uv", "pip", "compile", str(REQUIREMENTS), "--quiet", "--generate-hashes", "--no-header",
        "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--python-version", python,
        "--python-platform", "x86_64-manylinux_2_28", "--output-file", str(exact),
    )  # fmt: skip
    run_tool(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--no-compile", "--require-hashes", "--only-binary=:all:",
        *(word for name in PLATFORMS for word in ("--platform", name)), "--implementation", "cp",
        "--python-version", python, "--target", str(target), "--requirement", str(exact),
    )  # fmt: skip
    # Programs name the interpreter that installed them, and a function starts none.
    shutil.rmtree(target / "bin", ignore_errors=True)


def _compile(folder: Path, python: str) -> None:
    """Compile ahead: a function may not keep what it compiles, and would at each cold start."""
    if program := interpreter(python):
        # Unchecked, for the times of files in a zip say nothing. By itself (-I, -S), for strings
        # that a process knows already are written differently: whatever starts with an interpreter
        # here, such as a measuring of coverage, would show in the bytes.
        run_tool(
            program, "-I", "-S", "-m", "compileall", "-q", "-s", str(folder), "-p", "/var/task",
            "--invalidation-mode", "unchecked-hash", str(folder),
        )  # fmt: skip


def _add(target: Path, folder: Path, extras: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            _write(made, str(file.relative_to(folder)), file.read_bytes(), 0o644)
        for name, content in sorted(extras.items()):
            _write(made, name, content, 0o755)


def _write(made: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    # Neither the time nor the machine may show in the bytes.
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | mode) << 16
    entry.create_system = 3  # Unix, so that modes count
    made.writestr(entry, content)
