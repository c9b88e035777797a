"""Redirects keep members on the scheme that they came by."""

from pathlib import Path

import pytest
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from deploy.origin import PublicScheme


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_keeps_the_scheme_of_the_origin(tmp_path: Path, scheme: str):
    (tmp_path / "register").mkdir()
    (tmp_path / "register" / "index.html").write_text("come in")
    app = PublicScheme(StaticFiles(directory=tmp_path, html=True), f"{scheme}://chat.example.org")
    # TLS has ended at a proxy: what arrives is plain.
    client = TestClient(app, base_url="http://chat.example.org", follow_redirects=False)
    answer = client.get("/register")
    assert answer.headers["location"] == f"{scheme}://chat.example.org/register/"
