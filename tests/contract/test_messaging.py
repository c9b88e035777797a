import pytest

from backend.kit.errors import InvalidRequestError, NotFoundError
from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import (
    Change,
    Deed,
    Delete,
    Draft,
    Edit,
    ListMessages,
    ListOnline,
    ListPins,
    ListReplies,
    ListRevisions,
    ListRooms,
    Messaging,
    NotYoursError,
    Pin,
    React,
    Send,
)
from tests.contract.cast import Actor
from tests.contract.harness import Doors

GENERAL, GAMES = RoomId("sosa-general"), RoomId("sosa-games")


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("community", "messaging")


@pytest.fixture
def messaging(doors: Doors) -> Messaging:
    return doors.open("messaging", Messaging)


def saying(*texts: str, room: RoomId = GENERAL) -> Send:
    """A send whose ids are made of what is said."""
    drafts = tuple(Draft(id=f"draft-{text.replace(' ', '-')}", text=text) for text in texts)
    return Send(room_id=room, messages=drafts)


async def said(messaging: Messaging, reader: Actor, room: RoomId = GENERAL) -> list[str]:
    page = await messaging.list_messages(reader.member, ListMessages(room_id=room))
    return [message.text for message in page.messages]


async def test_what_one_says_the_other_reads_once(
    messaging: Messaging, ada: Actor, ben: Actor
) -> None:
    sent = await messaging.send(ada.member, saying("hello", "anyone"))
    await messaging.send(ben.member, saying("me"))
    assert [receipt.seq for receipt in sent.receipts] == [1, 2]
    page = await messaging.list_messages(ben.member, ListMessages(room_id=GENERAL))
    assert [message.text for message in page.messages] == ["hello", "anyone", "me"]
    assert [message.author_id for message in page.messages] == [
        ada.user_id,
        ada.user_id,
        ben.user_id,
    ]
    assert page.messages[0].sent_at.tzinfo is not None
    assert not page.more


async def test_a_retry_gets_the_first_receipt(messaging: Messaging, ada: Actor) -> None:
    first = await messaging.send(ada.member, saying("once"))
    assert await messaging.send(ada.member, saying("once")) == first
    assert await said(messaging, ada) == ["once"]


async def test_a_bad_draft_keeps_no_good_one_out(messaging: Messaging, ada: Actor) -> None:
    drafts = (
        Draft(id="draft-empty", text="   "),
        Draft(id="draft-fits", text="x" * 1_000),
        Draft(id="draft-long", text="x" * 1_001),
    )
    sent = await messaging.send(ada.member, Send(room_id=GENERAL, messages=drafts))
    empty, fits, long = sent.receipts
    assert empty.error
    assert fits.error is None
    assert fits.seq == 1
    assert long.error
    assert await said(messaging, ada) == ["x" * 1_000]


async def test_an_outsider_neither_sends_nor_reads_and_is_told_nothing(
    messaging: Messaging, ada: Actor, cleo: Actor
) -> None:
    assert (await messaging.send(ada.member, saying("hello"))).receipts[0].seq == 1
    missing = ListMessages(room_id=RoomId("nowhere"))
    with pytest.raises(NotFoundError) as nowhere:
        await messaging.list_messages(ada.member, missing)
    with pytest.raises(NotFoundError) as hidden:
        await messaging.list_messages(cleo.member, ListMessages(room_id=GENERAL))
    assert (hidden.value.message, hidden.value.field) == (
        nowhere.value.message,
        nowhere.value.field,
    )
    with pytest.raises(NotFoundError):
        await messaging.send(cleo.member, saying("let me in"))
    with pytest.raises(NotFoundError):
        await messaging.list_online(cleo.member, ListOnline(room_id=GENERAL))
    assert (await messaging.list_rooms(cleo.member, ListRooms())).rooms == ()
    assert await said(messaging, ada) == ["hello"]


async def test_every_room_has_a_log_of_its_own(messaging: Messaging, ada: Actor) -> None:
    await messaging.send(ada.member, saying("one", "two"))
    await messaging.send(ada.member, saying("dice", room=GAMES))
    heads = (await messaging.list_rooms(ada.member, ListRooms())).rooms
    assert {head.room_id: head.seq for head in heads} == {GENERAL: 2, GAMES: 1, "sosa-pets": 0}
    assert await said(messaging, ada, GAMES) == ["dice"]


async def test_history_is_paged_in_both_directions(messaging: Messaging, ada: Actor) -> None:
    await messaging.send(ada.member, saying("one", "two", "three", "four"))
    back = ListMessages(room_id=GENERAL, before=4, limit=2)
    older = await messaging.list_messages(ada.member, back)
    assert ([message.text for message in older.messages], older.more) == (["two", "three"], True)
    onward = ListMessages(room_id=GENERAL, after=2, limit=2)
    newer = await messaging.list_messages(ada.member, onward)
    assert ([message.text for message in newer.messages], newer.more) == (["three", "four"], False)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (ListMessages(room_id=GENERAL, before=2, after=1), "after"),
        (ListMessages(room_id=GENERAL, limit=0), "limit"),
        (ListMessages(room_id=GENERAL, limit=101), "limit"),
        (ListMessages(room_id=GENERAL, before=-1), "before"),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(
    messaging: Messaging, ada: Actor, asked: ListMessages, field: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await messaging.list_messages(ada.member, asked)
    assert caught.value.field == field


@pytest.mark.parametrize("count", [0, 21])
async def test_a_send_holds_one_to_twenty_drafts(
    messaging: Messaging, ada: Actor, count: int
) -> None:
    twenty = tuple(Draft(id=f"draft-{n:04}", text="x") for n in range(20))
    assert await messaging.send(ada.member, Send(room_id=GENERAL, messages=twenty))
    drafts = tuple(Draft(id=f"other-{n:04}", text="x") for n in range(count))
    with pytest.raises(InvalidRequestError) as caught:
        await messaging.send(ada.member, Send(room_id=GENERAL, messages=drafts))
    assert caught.value.field == "messages"
    assert len(await said(messaging, ada)) == 20


async def test_nobody_is_online_who_has_not_joined(messaging: Messaging, ada: Actor) -> None:
    assert (await messaging.list_online(ada.member, ListOnline(room_id=GENERAL))).users == ()


def doing(message_id: MessageId | None, deed: Deed, id_: str = "deed-once") -> Change:
    assert message_id
    return Change(room_id=GENERAL, message_id=message_id, id=id_, do=deed)


async def test_what_becomes_of_a_message_is_seen_by_all(
    messaging: Messaging, ada: Actor, ben: Actor
) -> None:
    said = (await messaging.send(ada.member, saying("helo"))).receipts[0].message_id
    await messaging.change(ada.member, doing(said, Edit(text="hello")))
    await messaging.change(ben.member, doing(said, React(emoji="🔥")))
    await messaging.change(ben.member, doing(said, Pin(), "deed-two"))
    answer = Draft(id="draft-answer", text="hi", reply_to=said)
    await messaging.send(ben.member, Send(room_id=GENERAL, messages=(answer,)))
    page = await messaging.list_messages(ben.member, ListMessages(room_id=GENERAL, around=1))
    message, reply = page.messages
    assert (message.text, message.rev, message.reactions[0].users) == ("hello", 4, (ben.user_id,))
    assert reply.reply_to
    assert reply.reply_to.text == "hello"
    pins = await messaging.list_pins(ada.member, ListPins(room_id=GENERAL))
    assert pins.messages == (message,)
    assert said
    asked = ListRevisions(room_id=GENERAL, message_id=said)
    earlier = await messaging.list_revisions(ben.member, asked)
    assert [item.text for item in earlier.revisions] == ["helo"]
    answers = ListReplies(room_id=GENERAL, message_id=said)
    thread = await messaging.list_replies(ada.member, answers)
    assert thread.messages == (reply,)


async def test_a_change_comes_once(messaging: Messaging, ada: Actor) -> None:
    said = (await messaging.send(ada.member, saying("hello"))).receipts[0].message_id
    first = await messaging.change(ada.member, doing(said, React(emoji="🔥")))
    off = doing(said, React(emoji="🔥", on=False), "deed-two")
    assert (await messaging.change(ada.member, off)).seq == 3
    assert await messaging.change(ada.member, doing(said, React(emoji="🔥"))) == first
    page = await messaging.list_messages(ada.member, ListMessages(room_id=GENERAL))
    assert page.messages[0].reactions == ()


async def test_only_the_author_takes_a_message_back(
    messaging: Messaging, ada: Actor, ben: Actor
) -> None:
    mine = (await messaging.send(ada.member, saying("mine"))).receipts[0].message_id
    with pytest.raises(NotYoursError) as caught:
        await messaging.change(ben.member, doing(mine, Delete()))
    assert caught.value.field == "message_id"
    await messaging.change(ada.member, doing(mine, Delete()))
    with pytest.raises(NotFoundError):
        await messaging.change(ada.member, doing(mine, Delete(), "deed-two"))
    assert await messaging.change(ada.member, doing(mine, Delete()))
    assert await said(messaging, ada) == []


@pytest.mark.parametrize(
    ("deed", "field"),
    [(React(emoji=""), "do.emoji"), (React(emoji="🔥" * 33), "do.emoji"), (Edit(text=" "), "text")],
)
async def test_a_change_that_makes_no_sense_is_refused(
    messaging: Messaging, ada: Actor, deed: Deed, field: str
) -> None:
    said = (await messaging.send(ada.member, saying("hello"))).receipts[0].message_id
    with pytest.raises(InvalidRequestError) as caught:
        await messaging.change(ada.member, doing(said, deed))
    assert caught.value.field == field
