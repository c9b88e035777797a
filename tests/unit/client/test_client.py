"""The Python client against a real house."""

import asyncio
from contextlib import aclosing

import pytest

from sosa_client import (
    Client,
    Event,
    MessagePosted,
    NotSentError,
    Position,
    ProtocolError,
    RefusedError,
    RoomRestarted,
    SignedOutError,
)
from sosa_client.keys import derive, open_sealed
from sosa_client.mailbox import Mailbox
from tests.device import PASSWORD
from tests.unit.client.conftest import Place

PATIENCE_SECONDS = 20


async def room_of(client: Client, name: str = "general") -> str:
    return next(room.id for room in await client.rooms() if room.name == name)


async def said(client: Client, count: int) -> list[MessagePosted]:
    """The next messages."""
    found: list[MessagePosted] = []
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(client.events()) as events:
        async for event in events:
            if isinstance(event, MessagePosted):
                found.append(event)
            if len(found) == count:
                return found
    raise AssertionError("the client was closed")


def texts(events: list[MessagePosted]) -> list[str]:
    return [event.message.text for event in events]


async def stored(place: Place, room: str) -> list[str]:
    """What the room holds, whatever its clients believe."""
    reader = await place.arrive("reader")
    answer = await reader.call(
        "messaging", "GET", f"/messaging/v1/rooms/{room}/messages", query="limit=100"
    )
    return [message["text"] for message in answer["messages"]]


async def test_two_talk_and_each_hears_both_in_order(place: Place):
    ada, ben = await place.arrive("ada"), await place.arrive("ben")
    room = await room_of(ada)
    await asyncio.gather(ada.join(room), ben.join(room))
    for number in range(4):
        await (ada, ben)[number % 2].send(room, f"line {number}")
    for listener in (ada, ben):
        heard = await said(listener, 4)
        assert texts(heard) == [f"line {number}" for number in range(4)]
    assert [event.message.author_id for event in heard] == [ada.user.id, ben.user.id] * 2


async def test_messages_of_a_room_stay_in_the_order_of_the_calls(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    wanted = [f"{number}" for number in range(60)]
    receipts = await asyncio.gather(*(ada.send(room, text) for text in wanted))
    assert [receipt.seq for receipt in receipts] == sorted(receipt.seq for receipt in receipts)
    assert await stored(place, room) == wanted


async def test_who_was_cut_off_hears_exactly_what_they_missed(place: Place):
    ada, ben = await place.arrive("ada"), await place.arrive("ben")
    room = await room_of(ada)
    await ben.join(room)
    await ada.send(room, "before")
    assert texts(await said(ben, 1)) == ["before"]
    for number in range(3):
        place.line.cut()
        await ada.send(room, f"during {number}")
    await ada.send(room, "after")
    assert texts(await said(ben, 4)) == ["during 0", "during 1", "during 2", "after"]


async def test_a_lost_answer_is_asked_for_again_and_nothing_is_stored_twice(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    await ada.join(room)
    place.line.swallows = 2
    async with asyncio.timeout(PATIENCE_SECONDS):
        receipts = await asyncio.gather(*(ada.send(room, f"{number}") for number in range(30)))
    assert place.line.swallows == 0
    assert len({receipt.message_id for receipt in receipts}) == 30
    assert await stored(place, room) == [f"{number}" for number in range(30)]


async def test_what_is_said_while_the_house_is_away_is_said_when_it_is_back(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    await ada.join(room)
    place.line.is_up = False
    place.line.cut()
    waiting = asyncio.create_task(ada.send(room, "hello?"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    place.line.is_up = True
    async with asyncio.timeout(PATIENCE_SECONDS):
        await waiting
    assert await stored(place, room) == ["hello?"]


async def test_a_program_goes_on_where_an_earlier_run_stopped(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    first = await ada.send(room, "heard before")
    await ada.send(room, "missed")
    heard = await said(ada, 1)
    again = await Client.sign_in(place.line.url, "ada", PASSWORD)
    async with again:
        assert first.seq == heard[0].position.seq
        await again.join(room, at=heard[0].position)
        assert texts(await said(again, 1)) == ["missed"]


async def test_a_position_of_another_log_starts_the_room_anew(place: Place):
    ada, ben = await place.arrive("ada"), await place.arrive("ben")
    room = await room_of(ada)
    await ada.send(room, "old news")
    await ben.join(room, at=Position("of-another-log", 1))
    first = await anext(ben.events())
    assert isinstance(first, RoomRestarted)
    assert [message.text for message in first.messages] == ["old news"]


async def test_a_slow_reader_loses_nothing(place: Place):
    ada, ben = await place.arrive("ada"), await place.arrive("ben")
    ben._live.mailbox._capacity = 3
    room = await room_of(ada)
    await ben.join(room)
    wanted = [f"{number}" for number in range(20)]
    for text in wanted:
        await ada.send(room, text)
    assert texts(await said(ben, 20)) == wanted


async def test_the_same_id_is_stored_once(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    one = await ada.send(room, "once", message_id="chosen-by-me")
    two = await ada.send(room, "once", message_id="chosen-by-me")
    assert one == two
    assert await stored(place, room) == ["once"]


async def test_a_refused_message_does_not_keep_the_next_one_out(place: Place):
    ada = await place.arrive("ada")
    room = await room_of(ada)
    with pytest.raises(NotSentError) as refused:
        await ada.send(room, "x" * 1001)
    assert refused.value.code == "message_too_long"
    assert await ada.send(room, "y" * 1000)


async def test_a_room_that_is_not_there_is_refused(place: Place):
    ada = await place.arrive("ada")
    await ada.join(await room_of(ada))
    with pytest.raises(RefusedError) as refused:
        await ada.join("nowhere")
    assert refused.value.status == 404


async def test_a_bot_joins_hears_and_speaks(place: Place):
    ada = await place.arrive("ada")
    told = await ada.make_bot("echo-1")
    async with await Client.sign_in_bot(place.line.url, told.id, told.secret, told.salt) as bot:
        assert bot.user.username == "echo-1"
        room = await room_of(bot)
        await bot.join(room)
        await ada.send(room, "anybody home?")
        assert texts(await said(bot, 1)) == ["anybody home?"]
        await bot.send(room, "beep")
    assert texts(await said(ada, 2))[1] == "beep"
    profile = await ada.call("profiles", "GET", "/profiles/v1/profiles", query=f"id={told.id}")
    assert profile["profiles"][0]["is_bot"]
    assert profile["profiles"][0]["face"].startswith("bot-")


async def test_a_new_secret_ends_the_old_ones_socket_within_a_second(place: Place):
    ada = await place.arrive("ada")
    told = await ada.make_bot("echo-1")
    bot = await Client.sign_in_bot(place.line.url, told.id, told.secret, told.salt)
    async with bot:
        await bot.join(await room_of(bot))
        await ada.call("auth", "POST", f"/auth/v1/bots/{told.id}/secret", {})
        with pytest.raises(SignedOutError):
            await asyncio.wait_for(said(bot, 1), timeout=1)
        with pytest.raises(SignedOutError):
            await bot.send("anywhere", "still here?")


async def test_a_connection_is_prolonged_before_its_authentication_ends(place: Place):
    ada = await place.arrive("ada")
    ada._live._ping_seconds = 0.05
    room = await room_of(ada)
    await ada.join(room)
    connection = ada._live._connection
    assert connection
    now = asyncio.get_running_loop().time()
    assert connection._lives_until > now + 60
    connection._lives_until = now + 1
    async with asyncio.timeout(PATIENCE_SECONDS):
        while connection._lives_until < now + 60:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
    assert await ada.send(room, "still here")
    assert ada._live._connection is connection


async def test_tokens_are_renewed_when_they_end_and_by_one_request(place: Place):
    ada = await place.arrive("ada")
    before = ada._session._access["community"]
    ada._session._fresh_until = 0
    await asyncio.gather(*(ada.rooms() for _ in range(5)))
    after = ada._session._access["community"]
    assert after != before
    await ada.rooms()
    assert ada._session._access["community"] == after


async def test_a_clock_that_is_wrong_is_put_right(place: Place):
    ada = await place.arrive("ada")
    ada._session.wire._ahead += 4_000
    assert await ada.rooms()


async def test_an_answer_that_was_not_sealed_for_this_request_is_not_believed():
    keys = derive(bytes(range(32)), bytes(32))
    with pytest.raises(ProtocolError):
        open_sealed(keys, "e30.e30.e30.e30.e30", jti="mine")
    with pytest.raises(ProtocolError):
        derive(bytes(range(32)), bytes(32), kid="another")


async def test_a_mailbox_tells_why_it_ended_after_the_rest_was_read():
    mailbox = Mailbox(lambda: None)
    event: Event = RoomRestarted("room", (), Position("epoch", 1))
    assert mailbox.put(event)
    mailbox.close(SignedOutError("over"))
    assert await mailbox.get() is event
    with pytest.raises(SignedOutError):
        await mailbox.get()
