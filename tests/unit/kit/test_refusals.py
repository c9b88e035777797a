"""Refusals are written down at every door of a process, and whom they concern is not mixed up."""

import asyncio
from typing import Protocol

import pytest
import structlog
from structlog.testing import capture_logs

from backend.kit import logs, refusals
from backend.kit.callers import Member
from backend.kit.errors import ForbiddenError, NotFoundError, SosaError
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.local import local
from backend.kit.op import op
from backend.kit.tokens.errors import UseNonceError
from backend.kit.values import NOTHING, Nothing, Request
from backend.messaging.live.handshake import check_handshake

ADA = Member(
    user_id=UserId("ada"), session_id=SessionId("s"), device_id=DeviceId("d"), roles=(), acr="std",
    auth_time=0,
)  # fmt: skip


class Open(Request):
    box: str


class Boxes(Protocol):
    @op("POST", "/b/v1/boxes")
    async def open_box(self, caller: Member, request: Open) -> Nothing: ...


class Keeper:
    async def open_box(self, caller: Member, request: Open) -> Nothing:
        if request.box == "bens":
            raise NotFoundError("There is no such box.", "box")
        return NOTHING


async def test_a_refusal_inside_of_a_process_is_written_down():
    boxes = local(Boxes, Keeper(), identity="ui")
    with capture_logs() as lines:
        await boxes.open_box(ADA, Open(box="hers"))
        assert not lines
        with pytest.raises(NotFoundError):
            await boxes.open_box(ADA, Open(box="bens"))
        with pytest.raises(ForbiddenError):
            await boxes.open_box("a stranger", Open(box="hers"))  # pyright: ignore[reportArgumentType]
    assert [(line["operation"], line["code"], line.get("user_id")) for line in lines] == [
        ("open_box", "not_found", "ada"),
        ("open_box", "forbidden", None),
    ]


def test_a_refused_handshake_is_written_down():
    ours = [("origin", "https://sosa.test"), ("sec-websocket-protocol", "sosa.v1")]
    with capture_logs() as lines:
        check_handshake(ours, "https://sosa.test")
        assert not lines
        with pytest.raises(SosaError):
            check_handshake(ours, "https://other.test")
    assert [(line["operation"], line["code"]) for line in lines] == [
        ("live_handshake", "cross_origin")
    ]


def test_neither_words_nor_fields_are_written():
    with capture_logs() as lines:
        refusals.note("open_box", NotFoundError("Ada's box is gone.", "box"), network="192.0.2.7")
        refusals.note("open_box", UseNonceError(nonce="n"))
    assert lines == [
        {"event": "refused", "log_level": "info", "operation": "open_box", "code": "not_found",
         "status": 404, "network": "192.0.2.7"},
    ]  # fmt: skip


async def test_nobody_is_concerned_by_the_request_of_somebody_else():
    async def one(user_id: str) -> str:
        with logs.concerning_nobody():
            before = logs.concerned()
            if user_id:
                logs.concern(user_id)
            await asyncio.sleep(0)
            return before + logs.concerned()

    # As in a function, where one context serves one call after the other.
    assert [await one(name) for name in ("ada", "", "ben")] == ["ada", "", "ben"]
    assert logs.concerned() == ""
    assert structlog.contextvars.get_contextvars() == {}
