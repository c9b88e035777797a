"""Debian 12 as it is before anybody set it up: made once, and kept in the user's cache."""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

from tests.shapes.metal.programs import do

PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,python3-venv,python3-apt,python3-psycopg2,"
    "iproute2,ca-certificates,curl,openssl,nginx-light,postgresql-15,postgresql-client-15,redis-server"
)
"""What the roles would install is in it already: the machine has no way out to fetch it."""
NOT_OF_A_NEW_MACHINE = ("etc/resolv.conf", "etc/hostname", "var/cache/apt", "var/lib/apt/lists")
"""Debootstrap takes them from the machine that it runs on, or leaves them behind."""


def bare_system() -> Path:
    """The folder of the system, for nobody to write to.

    Made when it is not there yet: that takes a minute and fetches 200 MB.
    """
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    system = cache / f"debian-12-{hashlib.sha256(PACKAGES.encode()).hexdigest()[:12]}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not system.exists():
            _make(system)
    return system


def _make(system: Path) -> None:
    draft = system.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    do(
        "debootstrap", "--variant=minbase", f"--include={PACKAGES}",
        "bookworm", str(draft), _mirror(),
    )  # fmt: skip
    for name in NOT_OF_A_NEW_MACHINE:
        left = draft / name
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
    (draft / "root" / ".ssh").mkdir(mode=0o700, exist_ok=True)
    # The same name for the same list: a folder with the right name is always complete.
    draft.rename(system)


def _cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")  # noqa: TID251 - of the desktop, not of the product
    return (Path(given) if given else Path.home() / ".cache") / "sosa"


def _mirror() -> str:
    """Where this machine gets its packages; debootstrap has to be told."""
    said = do("apt-get", "indextargets", "--format", "$(SITE)", "Codename: bookworm").splitlines()
    if not said:
        return "http://deb.debian.org/debian"
    return next((line for line in said if line.rstrip("/").endswith("/debian")), said[0])
