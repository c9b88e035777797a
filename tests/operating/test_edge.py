"""What nginx says by itself, where nothing behind it is asked or nothing answers."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES
from deploy.edge import render
from tests.serving import free_port
from tests.shapes.processes import Process

SENT = {
    "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Permissions-Policy",
    "Cross-Origin-Opener-Policy", "Cache-Control",
}  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """An edge behind which nobody is."""

    port: int
    behind: list[int]
    """Where two processes of messaging would be."""
    is_tls: bool

    def connected(self) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        if not self.is_tls:
            return wire
        # Which certificate it shows is another test's to look at.
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        return trust.wrap_socket(wire)

    def ask(self, method: str, path: str, size: int) -> tuple[HTTPResponse, bytes]:
        with self.connected() as wire:
            head = f"{method} {path} HTTP/1.1\r\nHost: sosa.test\r\nContent-Length: {size}\r\n\r\n"
            wire.sendall(head.encode())
            answer = HTTPResponse(wire, method=method)
            answer.begin()
            return answer, answer.read()

    def check_headers(self, answer: HTTPResponse) -> None:
        assert set(answer.headers) >= SENT
        assert all(len(answer.headers.get_all(name) or []) == 1 for name in SENT)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        promise = answer.headers["Strict-Transport-Security"]
        assert promise == ("max-age=31536000; includeSubDomains" if self.is_tls else None)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def edge(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    if not shutil.which("nginx"):
        raise RuntimeError("nginx is missing: apt-get install nginx-light")
    folder, port, *behind = tmp_path_factory.mktemp("edge"), *(free_port() for _ in range(3))
    credentials = _certificate(folder) if request.param else None
    places = {name: [f"unix:{folder}/{name}"] for name in (*SERVICES, "ui")}
    places["messaging"] = [f"127.0.0.1:{number}" for number in behind]
    conf = folder / "nginx.conf"
    conf.write_text(render(folder, f"127.0.0.1:{port}", places, credentials))
    command = ["nginx", "-e", str(folder / "log"), "-c", str(conf)]
    process = Process("edge", command, folder / "edge.log")
    process.start()
    try:
        process.wait_until(lambda: _listens(port), 10)
        yield Edge(port, behind, request.param)
    finally:
        process.stop()


@pytest.mark.parametrize(
    ("method", "path", "size", "status", "code"),
    [
        ("GET", "/metrics", 0, 404, "not_found"),
        ("GET", "/readyz", 0, 404, "not_found"),
        ("POST", "/internal/auth/v1/anything", 2, 404, "not_found"),
        ("POST", "/auth/v1/preauth", 7 * 1024 * 1024, 413, "body_too_large"),
        ("TRACE", "/auth/v1/preauth", 0, 405, "method_not_allowed"),
        ("GET", "/auth/v1/" + "a" * 8_200, 0, 414, "malformed_request"),
        ("GET", "/auth/v1/jwks", 0, 503, "unavailable"),
        ("GET", "/messaging/v1/rooms", 0, 503, "unavailable"),
    ],
)
def test_what_nginx_says_by_itself_is_said_as_everything_is(
    edge: Edge, method: str, path: str, size: int, status: int, code: str
):
    answer, body = edge.ask(method, path, size)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(body)
    assert told["status"] == "failure"
    assert told["errors"][0]["code"] == code
    assert told["errors"][0]["message"]
    edge.check_headers(answer)


def test_a_page_that_cannot_be_had_says_so(edge: Edge):
    answer, body = edge.ask("GET", "/", 0)
    assert (answer.status, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert b"This page tries again by itself" in body
    edge.check_headers(answer)


def test_what_is_no_request_is_answered_in_our_words(edge: Edge):
    with edge.connected() as wire:
        wire.sendall(b"What is this?\r\n\r\n")
        said = wire.recv(65_536)
    assert b"400 Bad Request" in said
    assert b'"code":"malformed_request"' in said
    assert b"nosniff" in said


def test_one_that_came_back_is_asked_while_the_next_one_goes(edge: Edge):
    def statuses() -> set[int]:
        # Often enough that each worker of nginx has asked both.
        return {edge.ask("GET", "/messaging/v1/rooms", 0)[0].status for _ in range(30)}

    for port in edge.behind:
        with serving(port):
            assert statuses() == {200}
    assert statuses() == {503}


@contextmanager
def serving(port: int) -> Generator[None]:
    """Somebody behind the edge, who answers everything."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """To nobody."""


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _certificate(folder: Path) -> Path:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=sosa",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder
