"""The whole on a machine of one's own, as docs/operating.md says: `make metal`.

Not among the other tests: it needs root, a commit to release, and several minutes.
"""

import http.client
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.release import make_release
from tests.members import arriving
from tests.shapes.metal import INSTANCES, THERE, Host
from tests.shapes.processes import ROOT

pytestmark = pytest.mark.timeout(900)

UNCHANGED = re.compile(r"house\s*: ok=\d+\s+changed=0\s+unreachable=0\s+failed=0")
DROP = 'cd /; for s in auth profiles messaging community; do su postgres -c "dropdb sosa_$s"; done'


@pytest.fixture(scope="module")
def release() -> Path:
    return make_release("HEAD", "3.11.2")


@pytest.fixture(scope="module")
def host(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that the playbook has been run on once."""
    folder = tmp_path_factory.mktemp("host")
    made = Host(folder)
    given = dict(os.environ)  # noqa: TID251 - a child needs PATH
    subprocess.run(
        [sys.executable, "-m", "deploy.keys", str(folder / "keys")],
        cwd=ROOT, env=given | {"SOSA_DATA_DIR": str(folder / "keys")}, check=True,
    )  # fmt: skip
    try:
        made.boot()
        made.play("site.yml", release)
        yield made
    finally:
        made.down()


def test_a_second_play_changes_nothing(host: Host, release: Path):
    assert UNCHANGED.search(host.play("site.yml", release))


def test_nothing_failed_and_every_unit_is_shut_tight(host: Host):
    assert host.run("systemctl list-units 'sosa-*' --state=failed --no-legend") == ""
    assert host.run("systemd-analyze verify /etc/systemd/system/sosa-*.service 2>&1") == ""
    for unit in ("sosa-auth@1", "sosa-messaging@2", "sosa-ui@1", "sosa-edge"):
        host.run(f"systemd-analyze security --threshold=20 {unit}.service")


def test_the_acceptance_suite_passes(host: Host):
    given = dict(os.environ)  # noqa: TID251 - a child needs PATH
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/acceptance", "-q", "-k", "not split",
         "--ignore=tests/acceptance/test_browser.py"],
        cwd=ROOT, env=given | {"SOSA_HTTP": host.url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\d\d passed", done.stdout)


def test_nobody_else_reads_the_keys_of_a_service(host: Host):
    read = "su -s /bin/sh sosa-{} -c 'cat /var/lib/sosa/auth/keys.json' | wc -c"
    assert int(host.run(read.format("auth"))) > 0
    assert int(host.run(read.format("profiles") + " 2>/dev/null")) == 0


async def test_what_was_backed_up_comes_back(host: Host, release: Path):
    async with arriving(host.url) as arrive:
        ada = await arrive("ada")
        await ada.send("general", ("message-1", "before the backup"))
        host.run("sosa backup /root/backup")
        await ada.send("general", ("message-2", "after the backup"))
    host.run("systemctl stop sosa.target")
    host.run(DROP)
    host.play("data.yml", release)
    host.run("sosa restore /root/backup")
    host.run("redis-cli -a only0for0tests --no-auth-warning flushall")
    host.run("systemctl start sosa.target")
    # The play waits until all of it serves.
    host.play("app.yml", release)
    async with arriving(host.url) as arrive:
        ben = await arrive("ben")
        texts = await ben.texts("general")
        assert "before the backup" in texts
        assert "after the backup" not in texts
        await ben.device.sign_in(ada.device.user["username"])


async def test_passwords_are_rotated(host: Host, release: Path):
    host.changes |= {
        "sosa_database_passwords": dict.fromkeys(INSTANCES, "another0one"),
        "sosa_redis_password": "another0one",
    }
    host.play("site.yml", release)
    login = "PGPASSWORD={} psql -h 127.0.0.1 -U sosa_auth -c 'select 1' sosa_auth"
    host.run(login.format("another0one"))
    with pytest.raises(RuntimeError, match="ssh failed"):
        host.run(login.format("only0for0tests"))
    async with arriving(host.url) as arrive:
        ada = await arrive("ada")
        await ada.send("general", ("message-1", "hello"))
        await ada.connect()


def test_the_edge_speaks_tls(host: Host, release: Path):
    host.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=sosa -keyout /etc/ssl/private/sosa.key -out /etc/ssl/certs/sosa.crt"
    )
    host.changes |= {
        "sosa_edge_certificate": "/etc/ssl/certs/sosa.crt",
        "sosa_edge_key": "/etc/ssl/private/sosa.key",
        "sosa_edge_listen": "443",
    }
    host.play("app.yml", release)
    certificate = host.run("cat /etc/ssl/certs/sosa.crt")
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    connection = http.client.HTTPSConnection(THERE, context=context, timeout=5)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    assert (answer.status, answer.read() != b"") == (200, True)
    connection.request("GET", "/metrics")
    assert connection.getresponse().status == 404
