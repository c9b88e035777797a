import time
from typing import Any, cast

import pytest
import reflex as rx
from reflex.event import Event
from reflex.state import BaseState, State

from backend.auth.contract import RedeemTicket
from backend.kit.callers import Service
from backend.kit.ids import SessionId
from backend.kit.tokens.revocations import Revocations
from sosa_app.state.chat import Chat
from sosa_app.state.session import BindSession, Session, bind_of, find_member
from tests.unit.app.conftest import CLIENT_TOKEN, CONNECTION, UNAVAILABLE, Outside, arrive, member

NO_APP = cast("rx.App", None)
AN_EVENT = Event(name="anything")


def shown(state: BaseState) -> dict[str, Any]:
    return cast("Any", state).dict(initial=True)


async def attach(page: State, outside: Outside, name: str = "ada", **ticket: Any) -> Session:
    session = await page.get_state(Session)
    outside.give_ticket("good", name, **ticket)
    await Session.attach.fn(session, "good", "proof")
    return session


async def test_a_connection_is_nobody_until_it_is_attached(page: State, outside: Outside) -> None:
    assert await find_member(page) is None
    session = await attach(page, outside)
    assert await find_member(page) == member("ada")
    assert session.attachment == CONNECTION


async def test_a_ticket_is_redeemed_for_this_tab_this_origin_and_this_socket(
    page: State, outside: Outside
) -> None:
    await attach(page, outside)
    assert outside.asked == [
        (
            Service(name="ui"),
            RedeemTicket(
                ticket="good",
                proof="proof",
                aud="ui",
                origin="http://localhost:3000",
                htu="http://localhost:3000/_event",
                bind=bind_of(CLIENT_TOKEN),
            ),
        )
    ]


def test_the_binding_is_what_the_browser_computes() -> None:
    # b64u(SHA-256("abc")): the first test vector of FIPS 180-4, in the form values travel in.
    assert bind_of("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"


async def test_a_bad_ticket_attaches_nobody_and_says_so(page: State, outside: Outside) -> None:
    session = await page.get_state(Session)
    await Session.attach.fn(session, "forged", "proof")
    assert await find_member(page) is None
    assert session.attachment == ""
    assert session.refusal == "No such ticket."


async def test_a_bad_ticket_does_not_end_an_attachment(page: State, outside: Outside) -> None:
    session = await attach(page, outside)
    await Session.attach.fn(session, "forged", "proof")
    assert await find_member(page) == member("ada")


async def test_arguments_of_the_wrong_type_are_a_bad_ticket(page: State, outside: Outside) -> None:
    session = await page.get_state(Session)
    wire = cast("Any", {"ticket": 1})
    await Session.attach.fn(session, wire, cast("Any", None))
    assert session.refusal == "No such ticket."


async def test_another_connection_is_not_the_member(page: State, outside: Outside) -> None:
    await attach(page, outside)
    arrive(page, "connection-of-mallory")
    assert await find_member(page) is None


async def test_an_attachment_ends(page: State, outside: Outside) -> None:
    await attach(page, outside, expires_at=int(time.time()) - 1)
    assert await find_member(page) is None


async def test_a_revoked_session_loses_its_page(
    page: State, outside: Outside, revocations: Revocations
) -> None:
    await attach(page, outside)
    revocations.revoke_session(SessionId("session-of-ben"))
    assert await find_member(page) == member("ada")
    revocations.revoke_session(SessionId("session-of-ada"))
    assert await find_member(page) is None


async def test_renewing_prolongs_and_does_not_load_the_page_again(
    page: State, outside: Outside
) -> None:
    session = await attach(page, outside, expires_at=int(time.time()) + 10)
    assert 0 < session.renew_in_seconds <= 10
    await attach(page, outside, expires_at=int(time.time()) + 900)
    assert 10 < session.renew_in_seconds <= 900
    assert session.attachment == CONNECTION


async def test_another_member_in_the_same_tab_finds_nothing_of_the_first(
    page: State, outside: Outside
) -> None:
    await attach(page, outside)
    chat = await page.get_state(Chat)
    await Chat.load_me.fn(chat)
    assert chat.me["user_id"] == "ada"
    await attach(page, outside, name="ben")
    assert chat.me == {}
    assert await find_member(page) == member("ben")


async def test_a_state_is_wiped_before_another_connection_is_told_anything(
    page: State, outside: Outside
) -> None:
    session = await attach(page, outside)
    chat = await page.get_state(Chat)
    await Chat.load_rooms.fn(chat)
    assert chat.rooms

    arrive(page, "connection-of-mallory")
    answer = await BindSession().preprocess(NO_APP, page, AN_EVENT)

    assert answer is None, "the event itself goes on, as that of a stranger"
    assert (chat.rooms, session.attachment) == ([], "")
    assert await find_member(page) is None
    arrive(page, CONNECTION)
    assert await find_member(page) is None, "what was wiped does not come back"


async def test_the_attached_connection_keeps_its_state(page: State, outside: Outside) -> None:
    await attach(page, outside)
    chat = await page.get_state(Chat)
    await Chat.load_rooms.fn(chat)
    await BindSession().preprocess(NO_APP, page, AN_EVENT)
    assert chat.rooms
    assert await find_member(page) == member("ada")


async def test_a_reader_who_never_attached_keeps_their_page_over_a_reconnect(page: State) -> None:
    chat = await page.get_state(Chat)
    chat.trouble = "kept"
    arrive(page, "the-same-reader-again")
    await BindSession().preprocess(NO_APP, page, AN_EVENT)
    assert chat.trouble == "kept"


OPEN_TO_ALL = {(Session, "attach")}
"""Handlers that ask no guard, because they are it."""


def _handlers() -> list[tuple[type[BaseState], str]]:
    return [
        (state, name)
        for state in State.get_substates()
        if state.__module__.startswith("sosa_app.")
        for name in state.event_handlers
        if name != "setvar" and (state, name) not in OPEN_TO_ALL
    ]


def test_there_are_handlers_to_try() -> None:
    assert {(Chat, "load_rooms"), (Chat, "load_me")} <= set(_handlers())


@pytest.mark.parametrize(("kind", "name"), _handlers(), ids=lambda it: getattr(it, "__name__", it))
async def test_no_handler_does_anything_for_a_connection_that_is_not_attached(
    page: State, outside: Outside, kind: type[BaseState], name: str
) -> None:
    state = await page.get_state(kind)
    before = shown(state)
    await kind.event_handlers[name].fn(state)
    assert outside.asked == []
    assert shown(state) == before


async def test_the_rooms_and_the_face_are_those_of_the_attached_member(
    page: State, outside: Outside
) -> None:
    await attach(page, outside)
    chat = await page.get_state(Chat)
    await Chat.load_rooms.fn(chat)
    await Chat.load_me.fn(chat)
    callers = [caller for caller, _ in outside.asked[1:]]
    assert callers == [member("ada"), member("ada")]
    assert chat.community == "SoSa"
    assert list(chat.rooms) == [
        {"id": "r1", "name": "general", "topic": "Anything.", "community": "SoSa"}
    ]
    assert chat.me == {"user_id": "ada", "username": "ada", "nickname": "Ada", "face": "ada"}


@pytest.mark.parametrize("handler", ["load_rooms", "load_me"])
async def test_a_service_in_trouble_is_told_to_the_member(
    page: State, outside: Outside, handler: str
) -> None:
    await attach(page, outside)
    outside.trouble = UNAVAILABLE
    chat = await page.get_state(Chat)
    await Chat.event_handlers[handler].fn(chat)
    assert chat.trouble == "Somebody is asleep."
