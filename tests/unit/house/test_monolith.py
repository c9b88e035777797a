"""A start that cannot succeed says why in one sentence; one that does ends well when told to."""

import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import cast

import pytest

from deploy import monolith
from tests.serving import free_port
from tests.shapes.monolith import Monolith


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SOSA_PORT", str(free_port()))
    monkeypatch.setenv("SOSA_DATA_DIR", str(tmp_path / "data"))


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """What a start says that does not get as far as building pages."""
    assert monolith.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 2, "one empty line, one line"
    return said.err.strip()


def test_a_taken_port_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("SOSA_PORT", str(port))
        assert f"cannot listen on 127.0.0.1:{port}" in refused(capsys)


def test_an_address_of_another_machine_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SOSA_HOST", "192.0.2.1")
    assert "another address with SOSA_HOST" in refused(capsys)


def test_a_data_folder_that_cannot_be_written_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("SOSA_DATA_DIR", str(in_the_way / "data"))
    assert "Give it one with SOSA_DATA_DIR." in refused(capsys)


def test_two_do_not_share_a_data_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    with monolith._claim(tmp_path / "data"):
        assert "Another SoSa is running" in refused(capsys)


def test_a_setting_that_makes_no_sense_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SOSA_PORT", "three thousand")
    assert refused(capsys) == "SOSA_PORT must be a whole number."


def test_the_data_folder_is_the_owners_alone(tmp_path: Path):
    with monolith._claim(tmp_path / "new" / "data"):
        assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monolith]:
    product = Monolith(tmp_path_factory.mktemp("monolith"))
    product.start()
    yield product
    product.stop()


def fetch(url: str) -> tuple[str, str]:
    with cast("HTTPResponse", urllib.request.urlopen(url, timeout=10)) as answer:  # noqa: S310
        return answer.read().decode(), answer.headers.get("cache-control", "")


@pytest.mark.timeout(240)
def test_a_page_is_asked_for_each_time_and_its_assets_are_kept(running: Monolith):
    page, rule = fetch(f"{running.url}/")
    assert rule == "no-cache"
    asset = re.search(r"/assets/[\w.-]+\.js", page)
    assert asset
    assert fetch(running.url + asset.group())[1] == "public, max-age=31536000, immutable"


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("method", "path", "at_home"),
    [
        ("GET", "/metrics", (200, "")),
        ("GET", "/readyz", (200, "")),
        ("POST", "/internal/auth/v1/delegations", (401, "bad_service")),
    ],
)
def test_what_is_the_houses_own_is_for_those_at_home(
    running: Monolith, method: str, path: str, at_home: tuple[int, str]
):
    def ask(**headers: str) -> tuple[int, str]:
        request = urllib.request.Request(running.url + path, headers=headers, method=method)  # noqa: S310
        try:
            with cast("HTTPResponse", urllib.request.urlopen(request, timeout=10)) as answer:  # noqa: S310
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())["errors"][0]["code"]

    assert ask() == at_home
    assert ask(**{"X-Forwarded-For": "127.0.0.1"}) == (404, "not_found")


@pytest.mark.timeout(240)
def test_being_told_to_stop_is_no_failure(tmp_path: Path):
    product = Monolith(tmp_path, has_providers=False)
    product.start()
    assert product.stop() == 0
    assert product.log.read_text() == f"\n  SoSa is at {product.url}, come in.\n\n"


@pytest.mark.timeout(240)
def test_nothing_can_be_uploaded(running: Monolith):
    for path in ("/_upload", "/_upload/", "/_upload/picture.png"):
        request = urllib.request.Request(  # noqa: S310
            running.url + path, data=b"a", headers={"Reflex-Client-Token": "somebody-elses"}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)  # noqa: S310
        assert refused.value.code in {404, 405}
