"""Containers are made as the inventory says, by a Proxmox that is played by fakepve."""

import json
import ssl
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.operating.conftest import PLAYBOOKS, TOOLS, Run
from tests.serving import free_port

TEMPLATE = "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"
PROXMOX = f"""
import asyncio, sys, tempfile
from fakepve import FakePve
from fakepve.certs import make_cert

async def serve():
    pve = FakePve(user="root@pam", password="secret", host="127.0.0.1", port=int(sys.argv[1]))
    pve.time_scale = 0
    pve.store_file("local", {TEMPLATE.rpartition("/")[2]!r}, 1, "vztmpl")
    with tempfile.TemporaryDirectory() as folder:
        certificate, key, _ = make_cert(folder, hosts=("127.0.0.1",))
        await pve.start(certificate, key)
    print("listening", flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""
"""Runs in Ansible's environment, where fakepve is."""


@pytest.fixture
def proxmox() -> Iterator[int]:
    """The port of a Proxmox that has the template, and no container."""
    port = free_port()
    command = [str(TOOLS / "python"), "-c", PROXMOX, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "listening\n"
        try:
            yield port
        finally:
            process.kill()


def create(ansible: Run, port: int) -> str:
    told = {
        "create_api_host": "127.0.0.1",
        "create_api_port": port,
        "create_api_password": "secret",
        "create_validate_certs": False,
        "create_node": "pve1",
        "create_template": TEMPLATE,
        "create_public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk tests",
    }
    example = str(PLAYBOOKS / "inventory.example.yml")
    done = ansible("ansible-playbook", "-i", example, "create.yml", "-e", json.dumps(told))
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def ask(port: int, path: str, *, cookie: str = "", form: dict[str, str] | None = None) -> Any:
    body = urllib.parse.urlencode(form).encode() if form else None
    url = f"https://127.0.0.1:{port}/api2/json/{path}"
    request = urllib.request.Request(url, body, {"Cookie": cookie})
    # The certificate was made a moment ago, on this machine, by the test.
    context = ssl._create_unverified_context()  # noqa: S323
    with urllib.request.urlopen(request, context=context) as answer:  # noqa: S310
        return json.loads(answer.read())["data"]


@pytest.mark.timeout(120)
def test_containers_are_made_once_unprivileged_and_running(
    ansible: Run, proxmox: int, tmp_path: Path
):
    assert "changed=2" in create(ansible, proxmox), "made, then started"
    assert "changed=0" in create(ansible, proxmox)
    login = {"username": "root@pam", "password": "secret"}
    cookie = f"PVEAuthCookie={ask(proxmox, 'access/ticket', form=login)['ticket']}"
    found = ask(proxmox, "nodes/pve1/lxc", cookie=cookie)
    assert {item["name"]: item["status"] for item in found} == {
        "sosa-app": "running",
        "sosa-data": "running",
    }
    for item in found:
        config = ask(proxmox, f"nodes/pve1/lxc/{item['vmid']}/config", cookie=cookie)
        assert config["unprivileged"] == 1
        assert config["features"] == "nesting=1"
        assert "ip=10.0.0.2" in config["net0"]
