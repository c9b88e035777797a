"""docs/operating.md, "By hand, on one machine", done to the letter on a network of its own."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Postgres
from tests.network import Cable, cable
from tests.shapes.processes import ROOT

pytestmark = pytest.mark.timeout(240)

READY_SECONDS = 120
DATABASES = "export PGHOST=/var/run/postgresql PGUSER=$(id -un)\n"
"""The line that says where PostgreSQL is: that is for whoever reads it to fill in."""

TALKING = "monolith and (says or away or face)"
"""What is enough to know that every process does its part; the rest is known of the split shape.
The suite calls by its first shape whatever it is pointed at."""


def steps() -> str:
    page = (ROOT / "docs" / "operating.md").read_text()
    section = page.partition("### By hand, on one machine\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    return "".join(blocks)


@pytest.fixture
def far() -> Iterator[Cable]:
    with cable() as link:
        yield link


@pytest.fixture
def home() -> Iterator[Path]:
    # A short path of its own: a socket's path may not be longer than 107 bytes.
    folder = Path(f"/tmp/sosa-hand-{os.getpid()}")  # noqa: S108
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


def test_the_page_leads_to_a_house_that_talks(home: Path, far: Cable, postgres: Postgres):
    script = steps()
    assert DATABASES in script
    # What runs in there ends with the cable.
    told = f"export PGHOST={postgres.folder} PGUSER=sosa\n"
    script = f"set -eu\n{script.replace(DATABASES, told)}wait\n"
    # Tests register more people than members ever would in a minute.
    settings = {**os.environ, "HOME": str(home), "SOSA_RATE_LIMIT_SCALE": "1000"}  # noqa: TID251
    log = home / "shell.log"
    with log.open("wb") as words:
        shell = subprocess.Popen(
            far.beyond(["bash", "-c", script]), cwd=ROOT, env=settings, stdout=words, stderr=words
        )
    try:
        until_it_serves(far, shell, log)
        suite = [
            "-m",
            "pytest",
            "tests/acceptance/test_talking.py",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
        ]
        asked = {**settings, "SOSA_HTTP": "http://localhost:3000"}
        done = subprocess.run(
            far.beyond([sys.executable, *suite, "-k", TALKING]),
            cwd=ROOT, env=asked, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        assert re.search(r"[1-9]\d* passed", done.stdout)
    finally:
        shell.kill()
        shell.wait()


def until_it_serves(far: Cable, shell: subprocess.Popen[bytes], log: Path) -> None:
    ask = "from urllib.request import urlopen; urlopen('http://localhost:3000/healthz')"
    asking = far.beyond([sys.executable, "-c", ask])
    end = time.monotonic() + READY_SECONDS
    while subprocess.run(asking, capture_output=True, check=False).returncode:
        assert shell.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)
