"""The machines that tests boot leave nothing behind, however the tests end."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shapes.metal.machine import PROPAGATED, sweep
from tests.shapes.metal.programs import do, insist_on_what_boots
from tests.shapes.processes import ROOT

pytestmark = [pytest.mark.metal, pytest.mark.timeout(240)]

BOOT = """
import sys
from pathlib import Path
from tests.shapes.metal.machine import Machine
from tests.shapes.metal.system import bare_system

folder = Path(sys.argv[1])
machine = Machine("sosa-lost", folder, folder / "key")
machine.boot(bare_system())
machine.wait()
print(machine.network, flush=True)
sys.stdin.read()
"""
GONE_SECONDS = 20


def test_a_machine_ends_with_whoever_booted_it_even_by_kill_9(tmp_path: Path):
    insist_on_what_boots()
    do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key"))
    command = [sys.executable, "-c", BOOT, str(tmp_path)]
    booting = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with booting:
        assert booting.stdout
        network = Path(f"/proc/{booting.stdout.readline().strip()}/ns/net").readlink()
        assert len(inside(network)) > 5, "it has booted"
        booting.kill()
    end = time.monotonic() + GONE_SECONDS
    while inside(network) or f"sosa{booting.pid}x" in do("ip", "-br", "link"):
        assert time.monotonic() < end, inside(network)
        time.sleep(0.05)
    assert f"sosa-{booting.pid}x0" not in do("mount")
    left = PROPAGATED / f"sosa-{booting.pid}x0"
    assert left.exists(), "there is nothing to sweep any more"
    sweep()
    assert not left.exists()


def inside(network: Path) -> list[str]:
    """The processes in a network."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns" / "net").readlink() == network:
                found.append(process.name)
        except OSError:  # It has just ended, or is nobody's business.
            continue
    return found
