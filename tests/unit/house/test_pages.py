"""The pages find the product at the origin they came from."""

from pathlib import Path

import pytest
import reflex_base
from reflex.config import get_config
from reflex.utils import frontend_skeleton

from deploy.building import build_pages
from deploy.pages import PROXIED, hand_to_backend, talk_to_own_origin
from sosa_app.services import EXACT, PREFIXES

STATE_JS = Path(reflex_base.__file__).parent / ".templates" / "web" / "utils" / "state.js"


def test_the_pages_of_this_reflex_are_told_to_talk_to_their_own_origin():
    changed = talk_to_own_origin(STATE_JS.read_text())
    body = changed.partition("export const getBackendURL")[2].partition("\n};")[0]
    assert "endpoint.port = window.location.port;" in body
    assert talk_to_own_origin(changed) == changed


def test_the_development_server_of_this_reflex_answers_for_the_backend():
    changed = hand_to_backend(frontend_skeleton._compile_vite_config(get_config()))
    server = changed.partition("  server: {\n")[2]
    assert server.startswith(
        '    proxy: {"/auth/v1/": {"target": "http://127.0.0.1:8000", "ws": true'
    )
    assert hand_to_backend(changed) == changed


def test_an_upgrade_that_moves_the_text_ends_the_build():
    with pytest.raises(RuntimeError, match="Reflex no longer writes"):
        talk_to_own_origin("export const getBackendURL = () => elsewhere;")


def test_development_reaches_what_the_product_serves_but_nothing_internal():
    assert "/internal/" in PREFIXES
    assert {*PREFIXES, *EXACT} - set(PROXIED) == {"/internal/"}


@pytest.mark.timeout(240)
def test_the_built_pages_take_the_port_they_came_from():
    scripts = (build_pages() / "build" / "client" / "assets").glob("*.js")
    assert any(".port=window.location.port" in script.read_text() for script in scripts)
