"""A release holds the code of a commit and says what it is, and an edge is one that nginx takes."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT, CannotStartError
from deploy.building import fingerprint
from deploy.edge import render
from deploy.release import CODE, _pack, _take_code, _take_pages


@pytest.fixture
def code(tmp_path: Path) -> Path:
    _take_code("HEAD", tmp_path / "code")
    return tmp_path / "code"


def test_a_release_holds_what_runs_and_no_more(code: Path):
    assert {part.name for part in code.iterdir()} == set(CODE)
    assert (code / "backend" / "auth" / "migrations" / "versions").is_dir()
    assert not (code / "tests").exists()


def test_pages_of_other_code_are_not_shipped(code: Path):
    (code / "rxconfig.py").write_text("# not what the pages are made of")
    assert fingerprint(code) != fingerprint(ROOT)
    with pytest.raises(CannotStartError, match="has changed since the commit"):
        _take_pages(code)


def test_a_release_names_nobody_and_carries_its_checksum(tmp_path: Path):
    stage = tmp_path / "stage"
    (stage / "code" / "__pycache__").mkdir(parents=True)
    (stage / "code" / "a.py").write_text("a")
    made = _pack(stage, tmp_path / "sosa-1.tar.gz")
    digest, name = (tmp_path / "sosa-1.tar.gz.sha256").read_text().split()
    assert (digest, name) == (hashlib.sha256(made.read_bytes()).hexdigest(), made.name)
    with tarfile.open(made) as tar:
        assert {item.name for item in tar} == {"code", "code/a.py"}
        assert {(item.uid, item.gid, item.uname) for item in tar} == {(0, 0, "root")}


@pytest.mark.parametrize("is_tls", [True, False])
def test_nginx_takes_the_edge_with_its_inner_doors(tmp_path: Path, is_tls: bool):
    if not shutil.which("nginx"):
        raise RuntimeError("nginx is missing: apt-get install nginx-light")
    if is_tls:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=sosa",
             "-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.crt"],
            check=True, capture_output=True,
        )  # fmt: skip
    places = {name: [f"unix:{tmp_path}/{name}-1", f"unix:{tmp_path}/{name}-2"] for name in SERVICES}
    places["ui"] = ["127.0.0.1:1"]
    conf = tmp_path / "nginx.conf"
    credentials = tmp_path if is_tls else None
    conf.write_text(render(tmp_path, "127.0.0.1:8443", places, credentials, tmp_path))
    assert (" ssl;" in conf.read_text()) is is_tls
    done = subprocess.run(
        ["nginx", "-t", "-e", tmp_path / "log", "-c", conf],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
