"""The cable itself: it carries, it is cut, and nothing of it stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.network import Cable, cable

pytestmark = pytest.mark.faults

SERVE = (
    "import http.server as h; h.HTTPServer(('', 8000), h.SimpleHTTPRequestHandler).serve_forever()"
)
ASK = "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=1)"


def hears(link: Cable) -> bool:
    asking = [sys.executable, "-c", ASK, f"http://{link.far}:8000/"]
    return subprocess.run(asking, capture_output=True, check=False).returncode == 0


def test_it_carries_until_it_is_cut_and_leaves_nothing(tmp_path: Path):
    with cable() as link:
        far = subprocess.Popen(
            link.beyond([sys.executable, "-c", SERVE]), cwd=tmp_path, stderr=subprocess.DEVNULL
        )
        while not hears(link):
            assert far.poll() is None
        link.cut()
        assert not hears(link)
        link.mend()
        assert hears(link)
    assert far.wait(5) != 0, "what ran at the far end has ended"
    assert not Path(f"/run/netns/sosa-cut-{os.getpid()}").exists()
    assert not list(Path("/sys/class/net").glob(f"sosa{os.getpid()}[nf]"))


def test_what_a_killed_run_left_is_swept(monkeypatch: pytest.MonkeyPatch):
    dead = subprocess.Popen(["true"])
    dead.wait()
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: dead.pid)
        left = Cable()
    left.lay()
    assert Path(f"/run/netns/sosa-cut-{dead.pid}").exists()
    with cable():
        assert not Path(f"/run/netns/sosa-cut-{dead.pid}").exists()


def test_without_root_or_ip_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(RuntimeError, match="as root"), cable():
            pass
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="apt-get install iproute2"), cable():
        pass
