"""The rules of sosa.v1, frame by frame, without a socket in sight."""

import json
from typing import Any

import pytest

from backend.kit.errors import NotFoundError, UnauthenticatedError
from backend.kit.ids import RoomId
from backend.messaging.contract import Position
from backend.messaging.live.core import Core
from backend.messaging.live.effects import (
    Authenticate,
    Close,
    Deliver,
    Effect,
    Enter,
    Exit,
    Recall,
    Say,
)

NOW = 1_800_000_000.0


def _core(scale: float = 1.0) -> Core:
    return Core(challenge="the-challenge", now=NOW, rate_limit_scale=scale)


def _greeted() -> Core:
    core = _core()
    core.receive('{"t":"hello","v":1}', NOW)
    return core


def _ready(expires_at: int = int(NOW) + 900) -> Core:
    core = _greeted()
    core.authenticated(Authenticate("t", "p", None), "ada", "session", expires_at)
    return core


def _said(effects: list[Effect]) -> list[dict[str, Any]]:
    return [json.loads(effect.frame) for effect in effects if isinstance(effect, Say)]


def _closed(effects: list[Effect]) -> int | None:
    return next((effect.code for effect in effects if isinstance(effect, Close)), None)


def test_hello_is_answered_with_the_challenge() -> None:
    assert _said(_core().receive('{"t":"hello","v":1,"re":"a"}', NOW)) == [
        {"t": "hello", "re": "a", "v": 1, "cn": "the-challenge"}
    ]


@pytest.mark.parametrize(
    "first", ['{"t":"ping"}', '{"t":"hello","v":2}', '{"t":"join","room":"a"}']
)
def test_who_does_not_say_hello_first_is_no_client_of_ours(first: str) -> None:
    core = _core()
    assert _closed(core.receive(first, NOW)) == 4400
    assert core.receive('{"t":"hello","v":1}', NOW) == []


def test_hello_twice_is_refused_and_the_connection_stays() -> None:
    effects = _greeted().receive('{"t":"hello","v":1}', NOW)
    assert _said(effects)[0]["status"] == 409
    assert _closed(effects) is None


def test_auth_is_handed_to_the_host_and_its_success_is_told() -> None:
    core = _greeted()
    (command,) = core.receive('{"t":"auth","ticket":"t","proof":"p","re":"1"}', NOW)
    assert command == Authenticate("t", "p", "1")
    assert isinstance(command, Authenticate)
    assert _said(core.authenticated(command, "ada", "session", 1_800_000_900)) == [
        {"t": "ready", "re": "1", "user": "ada", "session": "session", "exp": 1_800_000_900}
    ]


def test_a_bad_first_proof_closes() -> None:
    effects = _greeted().failed(Authenticate("t", "p", "1"), UnauthenticatedError("No."))
    assert _said(effects) == [
        {
            "t": "error",
            "re": "1",
            "status": 401,
            "errors": [{"code": "unauthenticated", "message": "No."}],
        }
    ]
    assert _closed(effects) == 4401


def test_a_bad_proof_later_leaves_the_connection_as_it_was() -> None:
    core = _ready(int(NOW) + 90)
    effects = core.failed(Authenticate("t", "p", "1"), UnauthenticatedError("No."))
    assert _closed(effects) is None
    assert core.tick(NOW + 89) == []
    assert _closed(core.tick(NOW + 90)) == 4401


@pytest.mark.parametrize(
    "text",
    [
        '{"t":"join","room":"meadow"}',
        '{"t":"leave","room":"meadow"}',
        '{"t":"send","room":"meadow","messages":[{"id":"draft-00","text":"hi"}]}',
        '{"t":"history","room":"meadow"}',
    ],
)
def test_nothing_but_auth_and_ping_before_ready(text: str) -> None:
    core = _greeted()
    (said,) = _said(core.receive(text, NOW))
    assert (said["t"], said["status"]) == ("error", 401)
    assert _said(core.receive('{"t":"ping"}', NOW)) == [{"t": "pong"}]


def test_commands_reach_the_host_as_they_were_said() -> None:
    core = _ready()
    room = RoomId("meadow")
    (join,) = core.receive('{"t":"join","room":"meadow","at":{"epoch":"e","seq":7},"re":"j"}', NOW)
    (leave,) = core.receive('{"t":"leave","room":"meadow","re":"l"}', NOW)
    (send,) = core.receive(
        '{"t":"send","room":"meadow","messages":[{"id":"draft-00","text":"hi"}],"re":"s"}', NOW
    )
    (history,) = core.receive('{"t":"history","room":"meadow","before":9,"limit":3,"re":"h"}', NOW)
    assert join == Enter(room, Position(epoch="e", seq=7), "j")
    assert leave == Exit(room, "l")
    assert isinstance(send, Deliver)
    assert (send.re, send.request.room_id, send.request.messages[0].text) == ("s", room, "hi")
    assert isinstance(history, Recall)
    assert (history.re, history.request.before, history.request.limit) == ("h", 9, 3)


def test_what_the_house_refuses_is_told_with_the_way_back() -> None:
    effects = _ready().failed(
        Enter(RoomId("nowhere"), None, "j"), NotFoundError("No such room.", "room_id")
    )
    assert _said(effects) == [
        {
            "t": "error",
            "re": "j",
            "status": 404,
            "errors": [{"code": "not_found", "message": "No such room.", "field": "room"}],
        }
    ]


BAD = [
    ("not json", 400, "malformed_request", None),
    ("[]", 400, "malformed_request", None),
    ("null", 400, "malformed_request", None),
    ('{"t":"ping"', 400, "malformed_request", None),
    ("[" * 20_000, 400, "malformed_request", None),
    ("{}", 422, "missing_field", "t"),
    ('{"t":"shout"}', 422, "invalid_request", "t"),
    ('{"t":5}', 422, "invalid_request", "t"),
    ('{"t":"ping","more":1}', 422, "unknown_field", "more"),
    ('{"t":"join"}', 422, "missing_field", "room"),
    ('{"t":"join","room":5}', 422, "invalid_request", "room"),
    ('{"t":"join","room":""}', 422, "invalid_request", "room"),
    ('{"t":"join","room":"a","at":{"epoch":"e","seq":-1}}', 422, "invalid_request", "at.seq"),
    ('{"t":"join","room":"a","at":{"epoch":"e","seq":1,"x":1}}', 422, "unknown_field", "at.x"),
    ('{"t":"history","room":"a","limit":101}', 422, "invalid_request", "limit"),
    ('{"t":"history","room":"a","limit":0}', 422, "invalid_request", "limit"),
    ('{"t":"send","room":"a","messages":[]}', 422, "invalid_request", "messages"),
    (
        '{"t":"send","room":"a","messages":[{"id":"short","text":"hi"}]}',
        422,
        "invalid_request",
        "messages[0].id",
    ),
    (
        '{"t":"send","room":"a","messages":[{"id":"draft-00\\n","text":"hi"}]}',
        422,
        "invalid_request",
        "messages[0].id",
    ),
    (
        '{"t":"send","room":"a","messages":[{"id":"draft-00","text":null}]}',
        422,
        "invalid_request",
        "messages[0].text",
    ),
    (
        json.dumps(
            {
                "t": "send",
                "room": "a",
                "messages": [{"id": f"draft-{n:02}", "text": "hi"} for n in range(21)],
            }
        ),
        422,
        "invalid_request",
        "messages",
    ),
]


@pytest.mark.parametrize(("text", "status", "code", "field"), BAD)
def test_a_bad_frame_gets_an_error_and_the_connection_stays(
    text: str, status: int, code: str, field: str | None
) -> None:
    core = _ready()
    effects = core.receive(text, NOW)
    (said,) = _said(effects)
    assert (said["t"], said["status"]) == ("error", status)
    assert said["errors"][0]["code"] == code
    assert said["errors"][0].get("field") == field
    assert said["errors"][0]["message"]
    assert len(effects) == 1
    assert core.is_open


def test_the_error_of_an_unreadable_frame_finds_its_way_back() -> None:
    (said,) = _said(_ready().receive('{"t":"shout","re":"x7"}', NOW))
    assert said["re"] == "x7"
    (said,) = _said(_ready().receive('{"t":"shout","re":7}', NOW))
    assert "re" not in said


def test_a_binary_frame_is_refused_and_the_connection_stays() -> None:
    core = _ready()
    (said,) = _said(core.receive(b'{"t":"ping"}', NOW))
    assert (said["status"], said["errors"][0]["code"]) == (400, "malformed_request")
    assert core.is_open


@pytest.mark.parametrize("data", ["x" * 32_769, b"x" * 32_769, "é" * 16_385, "😀" * 8_193])
def test_a_frame_above_32_kib_closes(data: str | bytes) -> None:
    assert _closed(_ready().receive(data, NOW)) == 1009


@pytest.mark.parametrize("data", ["x" * 32_768, "é" * 16_384])
def test_a_frame_of_32_kib_is_read(data: str) -> None:
    assert _closed(_ready().receive(data, NOW)) is None


def test_twenty_bad_frames_in_a_row_close() -> None:
    core = _ready()
    assert [_closed(core.receive("x", NOW)) for _ in range(20)] == [None] * 19 + [4400]


def test_a_good_frame_in_between_starts_the_count_again() -> None:
    core = _ready()
    for _ in range(19):
        core.receive("x", NOW)
    core.receive('{"t":"ping"}', NOW)
    assert all(_closed(core.receive("x", NOW)) is None for _ in range(19))


def test_a_flood_is_answered_with_429_and_calms_with_time() -> None:
    core = _ready()
    answers = [_said(core.receive('{"t":"ping","re":"p"}', NOW))[0] for _ in range(60)]
    assert [answer["t"] for answer in answers] == ["pong"] * 59 + ["error"]
    assert {answer["re"] for answer in answers} == {"p"}
    assert answers[-1]["status"] == 429
    assert answers[-1]["errors"][0]["code"] == "rate_limited"
    assert answers[-1]["errors"][0]["data"] == {"retry_after_seconds": 1}
    later = [_said(core.receive('{"t":"ping"}', NOW + 1))[0]["t"] for _ in range(21)]
    assert later == ["pong"] * 20 + ["error"]
    assert core.is_open


def test_the_limit_scales() -> None:
    core = _core(scale=10)
    core.receive('{"t":"hello","v":1}', NOW)
    answers = [_said(core.receive('{"t":"ping"}', NOW))[0]["t"] for _ in range(599)]
    assert set(answers) == {"pong"}


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    core = _ready()
    assert _said(core.receive('{"t":"ping"}', NOW - 3_600)) == [{"t": "pong"}]


def test_who_does_not_prove_themselves_in_five_seconds_is_out() -> None:
    core = _greeted()
    assert core.deadline == NOW + 5
    assert core.tick(NOW + 4.9) == []
    assert _closed(core.tick(NOW + 5)) == 4401
    assert core.tick(NOW + 6) == []


def test_an_authentication_ends_and_a_new_one_prolongs_it() -> None:
    core = _ready(int(NOW) + 60)
    core.authenticated(Authenticate("t2", "p2", None), "ada", "session", int(NOW) + 300)
    assert core.tick(NOW + 60) == []
    assert _closed(core.tick(NOW + 300)) == 4401


def test_ten_minutes_of_silence_end_it() -> None:
    core = _ready(int(NOW) + 10_000)
    core.receive('{"t":"ping"}', NOW + 300)
    assert core.tick(NOW + 899) == []
    assert _closed(core.tick(NOW + 900)) == 1001


def test_after_two_hours_everyone_connects_again() -> None:
    core = _ready(int(NOW) + 10_000)
    for minutes in range(1, 120):
        core.receive('{"t":"ping"}', NOW + minutes * 60)
    assert core.tick(NOW + 7_199) == []
    assert _closed(core.tick(NOW + 7_200)) == 1001


def test_the_end_of_the_session_ends_it_once() -> None:
    core = _ready()
    assert _closed(core.revoked()) == 4401
    assert core.revoked() == []
    assert core.overrun() == []


def test_a_hundred_rooms_fit_and_no_more() -> None:
    core = _ready(int(NOW) + 900)
    for number in range(100):
        core.entered(Enter(RoomId(f"room-{number}"), None, None))
    (said,) = _said(core.receive('{"t":"join","room":"one-more"}', NOW))
    assert (said["status"], said["errors"][0]["code"]) == (409, "conflict")
    (again,) = core.receive('{"t":"join","room":"room-7"}', NOW)
    assert isinstance(again, Enter)
    core.left(Exit(RoomId("room-7"), None))
    (free,) = core.receive('{"t":"join","room":"one-more"}', NOW)
    assert isinstance(free, Enter)
