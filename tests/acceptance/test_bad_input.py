"""What is wrong is told in one shape, stores nothing, and leaves the socket open where it may."""

from typing import Any

import pytest

from backend.kit.ids import new_id
from tests.members import Arrive

GOOD = {"id": "a-good-client-id", "text": "hello"}
SENDS: list[tuple[str, Any, int, str, str | None]] = [
    ("an unknown field", {"messages": [GOOD], "colour": "red"}, 422, "unknown_field", "colour"),
    ("a missing field", {}, 422, "missing_field", "messages"),
    ("a wrong type", {"messages": "hello"}, 422, "invalid_request", "messages"),
    ("nothing to send", {"messages": []}, 422, "invalid_request", "messages"),
    ("too many at once", {"messages": [GOOD] * 21}, 422, "invalid_request", "messages"),
    ("no object", [1], 400, "malformed_request", None),
]


@pytest.mark.parametrize(
    ("_what", "body", "status", "code", "field"), SENDS, ids=[case[0] for case in SENDS]
)
async def test_a_bad_send_over_http(
    arrive: Arrive, _what: str, body: Any, status: int, code: str, field: str | None
):
    ada = await arrive("ada")
    before = await ada.texts("general")
    path = f"/messaging/v1/rooms/{ada.rooms['general']}/messages"
    reply = await ada.device.call("messaging", "POST", path, body)
    assert (reply.status, reply.json["status"]) == (status, "failure")
    assert [(e["code"], e.get("field")) for e in reply.json["errors"]] == [(code, field)]
    assert await ada.texts("general") == before


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_message"), (" \n ", "empty_message"), ("x" * 1001, "message_too_long")],
)
async def test_a_message_that_cannot_be_sent_keeps_no_other_out(
    arrive: Arrive, text: str, code: str
):
    ada = await arrive("ada")
    good = f"fine {new_id()}"
    socket = await ada.connect()
    receipts = (await socket.send(ada.rooms["general"], (new_id(), text), (new_id(), good)))[
        "receipts"
    ]
    assert receipts[0]["error"]["code"] == code
    assert "seq" in receipts[1]
    assert good in await ada.texts("general")


FRAMES: list[tuple[str, str | dict[str, Any], int, str]] = [
    ("not JSON", "{", 400, "malformed_request"),
    ("no object", "[1]", 400, "malformed_request"),
    ("an unknown kind", {"t": "dance"}, 422, "invalid_request"),
    ("an unknown field", {"t": "ping", "colour": "red"}, 422, "unknown_field"),
    ("a wrong type", {"t": "join", "room": 7}, 422, "invalid_request"),
    ("an unknown room", {"t": "join", "room": new_id()}, 404, "not_found"),
    (
        "a send to an unknown room",
        {"t": "send", "room": new_id(), "messages": [GOOD]},
        404,
        "not_found",
    ),
]


@pytest.mark.parametrize(
    ("_what", "frame", "status", "code"), FRAMES, ids=[case[0] for case in FRAMES]
)
async def test_a_bad_frame_is_told_and_the_socket_stays_open(
    arrive: Arrive, _what: str, frame: str | dict[str, Any], status: int, code: str
):
    ada = await arrive("ada")
    socket = await ada.connect()
    await socket.say(frame)
    error = await socket.expect("error")
    assert (error["status"], error["errors"][0]["code"]) == (status, code)
    assert error["errors"][0]["message"]
    assert (await socket.ask({"t": "ping"}))["t"] == "pong"


async def test_an_oversize_frame_closes_the_socket_and_stores_nothing(arrive: Arrive):
    ada = await arrive("ada")
    before = await ada.texts("general")
    socket = await ada.connect()
    await socket.say({"t": "send", "room": ada.rooms["general"], "messages": ["x" * 33_000]})
    assert await socket.expect_close() == 1009
    assert await ada.texts("general") == before


async def test_an_oversize_body_and_a_wrong_media_type_are_refused(arrive: Arrive):
    ada = await arrive("ada")
    path = f"/messaging/v1/rooms/{ada.rooms['general']}/messages"
    reply = await ada.device.call("messaging", "POST", path, {"messages": "x" * 70_000})
    assert (reply.status, reply.code) == (413, "body_too_large")
    reply = await ada.device.send(
        "POST", "/auth/v1/preauth", b"a=b", {"Content-Type": "text/plain"}
    )
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


async def test_what_is_not_there_is_told_in_the_same_shape(arrive: Arrive):
    ada = await arrive("ada")
    reply = await ada.device.send("GET", "/messaging/v1/nothing")
    assert (reply.status, reply.code) == (404, "not_found")
    reply = await ada.device.send("DELETE", "/auth/v1/preauth")
    assert (reply.status, reply.code) == (405, "method_not_allowed")
