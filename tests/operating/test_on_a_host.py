"""The house on machines of one's own lives through what docs/operating.md has an operator do.

Each test leaves the house serving, and the next goes on with it. That members can talk there is the
acceptance suite's to show.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.members import Member, arriving
from tests.shapes.metal.house import INSTANCES, PASSWORD, Metal
from tests.shapes.metal.machine import Machine
from tests.trust import TRUSTED

UNCHANGED = re.compile(r"sosa-\w+\s*: ok=\d+\s+changed=0\s+unreachable=0\s+failed=0")
DROP = 'cd /; for s in auth profiles messaging community; do su postgres -c "dropdb sosa_$s"; done'
LOGIN = "PGPASSWORD={} psql -h {} -U sosa_auth -c 'select 1' sosa_auth"
RENEW_SECONDS = 120
"""Well before tokens end, and after a new instance of auth is there."""
OTHER_PASSWORD = "another0one"
FLUSH = "REDISCLI_AUTH=\"$(sed -n 's/^requirepass //p' /etc/redis/sosa.conf)\" redis-cli flushall"


def test_every_unit_runs_and_is_shut_tight(metal: Metal):
    app = metal.app
    assert app.run("systemctl list-units 'sosa-*' --state=failed --no-legend") == ""
    assert app.run("systemd-analyze verify /etc/systemd/system/sosa-*.service 2>&1") == ""
    for unit in ("sosa-auth@1", "sosa-messaging@2", "sosa-ui@1", "sosa-edge"):
        app.run(f"systemd-analyze security --threshold=20 {unit}.service")


def test_nobody_else_reads_the_keys_of_a_service(metal: Metal):
    read = "su -s /bin/sh sosa-{} -c 'cat /var/lib/sosa/auth/keys.json' | wc -c"
    assert int(metal.app.run(read.format("auth"))) > 0
    assert int(metal.app.run(read.format("profiles") + " 2>/dev/null")) == 0


def test_the_edge_speaks_nothing_but_tls_and_keeps_the_inner_doors_shut(metal: Metal):
    def ask(path: str, trust: ssl.SSLContext) -> int:
        address = metal.app.address
        with contextlib.closing(HTTPSConnection(address, context=trust, timeout=5)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    asked = ("/healthz", "/metrics", "/readyz", "/internal/x")
    assert [ask(path, TRUSTED) for path in asked] == [200, 404, 404, 404]
    with pytest.raises(ssl.SSLCertVerificationError):
        ask("/healthz", ssl.create_default_context())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((metal.app.address, 80), timeout=5)


def test_what_an_operator_watches_is_there(metal: Metal):
    ask = "curl -sf --unix-socket /run/sosa/messaging/{}.sock http://localhost/{}"
    for number in (1, 2):
        assert metal.app.run(ask.format(number, "readyz"))
        assert "# TYPE" in metal.app.run(ask.format(number, "metrics"))
    said = metal.app.run("journalctl -o cat -u 'sosa-*' --no-pager")
    assert PASSWORD not in said
    assert "keys.json" not in metal.app.run("cat /var/lib/sosa-edge/access.log")


def test_a_second_play_changes_nothing(metal: Metal):
    assert len(UNCHANGED.findall(metal.play("site.yml"))) == len((metal.app, metal.data))


async def test_a_release_is_rolled_out_and_back_and_no_request_is_refused(metal: Metal):
    before = metal.release.name.removeprefix("sosa-").removesuffix(".tar.gz")
    async with arriving(metal.url) as arrive:
        ada, ben = await arrive("ada"), await arrive("ben")
        async with talking(ada) as said:
            newer = metal.bring_newer_release()
            await asyncio.to_thread(metal.play, "app.yml")
            assert running_versions(metal.app) == {newer}
            await asyncio.to_thread(metal.play, "rollback.yml")
            assert running_versions(metal.app) == {before}
        await ben.device.refresh()
        assert len(said) > 50, "somebody spoke all the time"
        assert [text for text in await ben.texts("general") if text in said] == said


async def test_what_was_backed_up_comes_back_and_passwords_are_rotated(metal: Metal):
    async with arriving(metal.url) as arrive:
        ada = await arrive("ada")
        await ada.send("general", ("message-1", "before the backup"))
        metal.app.run("sosa backup /root/backup")
        await ada.send("general", ("message-2", "after the backup"))
    metal.app.run("systemctl stop sosa.target 'sosa-*'")
    metal.data.run(DROP)
    metal.play("data.yml")
    metal.app.run("sosa restore /root/backup")
    assert metal.data.run(FLUSH).strip() == "OK"
    metal.app.run(LOGIN.format(PASSWORD, metal.data_address))
    metal.changes |= {
        "sosa_database_passwords": dict.fromkeys(INSTANCES, OTHER_PASSWORD),
        "sosa_redis_password": OTHER_PASSWORD,
    }
    # The play starts what is stopped, and waits until it serves.
    metal.play("site.yml")
    metal.app.run(LOGIN.format(OTHER_PASSWORD, metal.data_address))
    with pytest.raises(RuntimeError, match="authentication failed"):
        metal.app.run(LOGIN.format(PASSWORD, metal.data_address))
    async with arriving(metal.url) as arrive:
        ben = await arrive("ben")
        texts = await ben.texts("general")
        assert "before the backup" in texts
        assert "after the backup" not in texts
        await ben.device.sign_in(ada.device.user["username"])
        await ben.connect()


def running_versions(app: Machine) -> set[str]:
    """The folders that processes of the house run in, by the kernel's word."""
    folders = app.run(
        "for unit in $(systemctl list-units 'sosa-*@*' --plain --no-legend | cut -d ' ' -f 1); do "
        'readlink "/proc/$(systemctl show --property MainPID --value "$unit")/cwd"; done'
    ).split()
    assert len(folders) == sum(INSTANCES.values()) + 1
    return {Path(folder).parent.name for folder in folders}


@asynccontextmanager
async def talking(member: Member) -> AsyncGenerator[list[str]]:
    """Somebody reads and writes without a pause; yields the texts that were acknowledged.

    No request to read may be refused. One to write is repeated when a part is away for a moment, as
    the protocol says, since the edge may not do that for it.
    """
    said: list[str] = []

    async def talk() -> None:
        rooms = f"/messaging/v1/rooms/{member.rooms['general']}"
        renewed = time.monotonic()
        while True:
            if time.monotonic() - renewed > RENEW_SECONDS:
                await member.device.refresh()
                renewed = time.monotonic()
            reply = await member.device.call(
                "messaging", "GET", f"{rooms}/messages", query="limit=1"
            )
            assert reply.status == HTTPStatus.OK, reply.body
            text = f"word {len(said)} of {member.device.device_id}"
            answer: dict[str, Any] = {}
            while answer.get("status") != "success":
                answer = await member.send("general", (f"message-{len(said)}", text))
                codes = {error["code"] for error in answer.get("errors", ())}
                assert codes <= {"unavailable"}, answer
            said.append(text)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(talk())
    try:
        yield said
        assert not task.done(), "somebody was refused"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
