"""Whose pages may ask: changes over HTTP, and connections that stay open."""

import pytest
import structlog

from backend.kit.errors import CrossOriginError, MalformedRequestError
from backend.kit.http.origins import check_same_origin
from backend.messaging.live.gateway import SUBPROTOCOL
from backend.messaging.live.handshake import check_handshake
from tests.unit.kit_tokens.bench import ORIGIN, request

FOREIGN = "https://evil.example"
SPEAKS = ("Sec-WebSocket-Protocol", SUBPROTOCOL)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ORIGIN},
        {"sec-fetch-site": "same-origin", "origin": ORIGIN},
        {"sec-fetch-site": "none"},
    ],
    ids=str,
)
def test_a_change_asked_for_by_our_own_page_or_by_no_page_is_let_through(headers: dict[str, str]):
    check_same_origin(request(None, None, headers=headers), ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": FOREIGN},
        {"origin": "null"},
        {"origin": ""},
        {"origin": f"{ORIGIN}/"},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin", "origin": FOREIGN},
        {"sec-fetch-site": "none", "origin": FOREIGN},
        {"sec-fetch-site": ""},
    ],
    ids=str,
)
def test_a_change_asked_for_by_another_page_is_refused(headers: dict[str, str]):
    for method in ("POST", "PUT", "PATCH", "DELETE", "get"):
        with pytest.raises(CrossOriginError):
            check_same_origin(request(None, None, method=method, headers=headers), ORIGIN)
    for method in ("GET", "HEAD"):
        check_same_origin(request(None, None, method=method, headers=headers), ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        [SPEAKS],
        [SPEAKS, ("Origin", ORIGIN)],
        [SPEAKS, ("ORIGIN", ORIGIN), ("Cookie", "a=b"), ("Sec-Fetch-Mode", "websocket")],
        [("sec-websocket-protocol", f"other,{SUBPROTOCOL} , more"), ("origin", ORIGIN)],
        [("Sec-WebSocket-Protocol", "other"), SPEAKS],
    ],
    ids=str,
)
def test_a_connection_from_our_own_page_or_from_no_page_is_opened(headers: list[tuple[str, str]]):
    check_handshake(headers, ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        [SPEAKS, ("Origin", FOREIGN)],
        [SPEAKS, ("Origin", "null")],
        [SPEAKS, ("origin", ORIGIN), ("origin", FOREIGN)],
        [SPEAKS, ("Cookie", "a=b")],
        [SPEAKS, ("Sec-Fetch-Site", "same-origin")],
        [SPEAKS, ("Sec-Fetch-Mode", "websocket"), ("Origin", FOREIGN)],
    ],
    ids=str,
)
def test_a_connection_from_another_page_is_refused(headers: list[tuple[str, str]]):
    with pytest.raises(CrossOriginError):
        check_handshake(headers, ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [[], [("Sec-WebSocket-Protocol", "other")], [("Protocol", SUBPROTOCOL)]],
    ids=str,
)
def test_a_connection_has_to_speak_our_protocol(headers: list[tuple[str, str]]):
    with pytest.raises(MalformedRequestError), structlog.testing.capture_logs() as told:
        check_handshake(headers, ORIGIN)
    assert [line["operation"] for line in told] == ["live_handshake"]
