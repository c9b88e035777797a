"""What becomes of a message: edited, deleted, reacted to, pinned, answered; once, and by whom."""

import itertools

import pytest
import sqlalchemy as sa

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import ForbiddenError, InvalidRequestError, NotFoundError, SosaError
from backend.kit.ids import MessageId, RoomId
from backend.messaging.contract import (
    MAX_EMOJI,
    MAX_NAMED,
    Change,
    Deed,
    Delete,
    Draft,
    DraftIdTakenError,
    Edit,
    EmptyMessageError,
    ListMessages,
    ListPins,
    ListReplies,
    ListRevisions,
    Message,
    MessageTooLongError,
    NotYoursError,
    Pin,
    React,
    Receipt,
    Send,
    TooManyEmojiError,
)
from backend.messaging.service import MessagingService
from tests.unit.messaging.neighbours import (
    ADA,
    BEN,
    CLEO,
    MEADOW,
    POND,
    Neighbours,
    member,
    saying,
    texts_of,
)

_numbers = itertools.count()


async def _say(
    messaging: MessagingService, text: str, who: Member = ADA, answer: MessageId | None = None
) -> MessageId:
    draft = Draft(id=f"draft-{next(_numbers):08}", text=text, reply_to=answer)
    (receipt,) = (await messaging.send(who, Send(room_id=MEADOW, messages=(draft,)))).receipts
    assert receipt.message_id, receipt.error
    return receipt.message_id


async def _do(
    messaging: MessagingService,
    message_id: MessageId,
    deed: Deed,
    who: Member = ADA,
    id_: str = "",
    room: RoomId = MEADOW,
) -> Receipt:
    change = Change(
        room_id=room, message_id=message_id, id=id_ or f"deed-{next(_numbers):08}", do=deed
    )
    return await messaging.change(who, change)


async def _history(messaging: MessagingService) -> tuple[Message, ...]:
    page = await messaging.list_messages(BEN, ListMessages(room_id=MEADOW, limit=100))
    return page.messages


async def _only(messaging: MessagingService) -> Message:
    (message,) = await _history(messaging)
    return message


async def test_an_edit_is_seen_and_the_earlier_words_are_kept(
    messaging: MessagingService, clock: ManualClock
) -> None:
    said = await _say(messaging, "helo")
    clock.advance(5)
    receipt = await _do(messaging, said, Edit(text=" hello "))
    message = await _only(messaging)
    assert (message.text, message.seq, message.rev, receipt.seq) == ("hello", 1, 2, 2)
    assert message.edited_at is not None
    assert (message.edited_at - message.sent_at).total_seconds() == 5
    await _do(messaging, said, Edit(text="hello!"))
    asked = ListRevisions(room_id=MEADOW, message_id=said)
    assert texts_of((await messaging.list_revisions(BEN, asked)).revisions) == ["helo", "hello"]


@pytest.mark.parametrize(
    ("text", "error"), [(" \u200d ", EmptyMessageError), ("x" * 1_001, MessageTooLongError)]
)
async def test_an_edit_keeps_the_rules_of_messages(
    messaging: MessagingService, text: str, error: type[SosaError]
) -> None:
    said = await _say(messaging, "hello")
    await _do(messaging, said, Edit(text="x" * 1_000))
    with pytest.raises(error):
        await _do(messaging, said, Edit(text=text))
    assert (await _only(messaging)).text == "x" * 1_000


async def test_what_is_deleted_is_nowhere(
    messaging: MessagingService, each_database: Database, database: Database
) -> None:
    said = await _say(messaging, "a secret")
    await _do(messaging, said, Edit(text="a secret, really"))
    await _do(messaging, said, React(emoji="🔥"), BEN)
    await _do(messaging, said, Pin())
    answer = await _say(messaging, "what?", BEN, said)
    assert (await _history(messaging))[1].reply_to is not None
    await _do(messaging, said, Delete())
    (left,) = await _history(messaging)
    assert left.id == answer
    assert left.reply_to is not None
    assert (left.reply_to.id, left.reply_to.text, left.reply_to.author_id) == (said, "", None)
    assert "secret" not in await _every_row(database)
    assert "🔥" not in await _every_row(database)
    for ask in (
        messaging.list_revisions(BEN, ListRevisions(room_id=MEADOW, message_id=said)),
        messaging.list_replies(BEN, ListReplies(room_id=MEADOW, message_id=said)),
    ):
        with pytest.raises(NotFoundError):
            await ask
    assert (await messaging.list_pins(BEN, ListPins(room_id=MEADOW))).messages == ()
    for deed in (Edit(text="back"), Delete(), React(emoji="🔥"), Pin()):
        with pytest.raises(NotFoundError):
            await _do(messaging, said, deed)


async def _every_row(database: Database) -> str:
    def read(connection: sa.Connection) -> str:
        tables = sa.inspect(connection).get_table_names()
        return str([connection.execute(sa.text(f"SELECT * FROM {t}")).all() for t in tables])  # noqa: S608

    return await database.look(read)


async def test_a_late_retry_does_not_bring_a_message_back(messaging: MessagingService) -> None:
    first = await messaging.send(ADA, saying(MEADOW, "oops"))
    said = first.receipts[0].message_id
    assert said
    await _do(messaging, said, Delete())
    assert await messaging.send(ADA, saying(MEADOW, "oops")) == first
    assert await _history(messaging) == ()


async def test_only_authors_edit_and_delete(messaging: MessagingService) -> None:
    said = await _say(messaging, "mine")
    for deed in (Edit(text="yours"), Delete()):
        with pytest.raises(NotYoursError):
            await _do(messaging, said, deed, BEN)
    assert (await _only(messaging)).text == "mine"
    # From any of their devices.
    await _do(messaging, said, Edit(text="still mine"), member("ada", "phone"))
    await _do(messaging, said, Delete(), member("ada", "phone"))
    assert await _history(messaging) == ()


async def test_who_may_not_post_changes_nothing_and_who_may_not_read_finds_nothing(
    messaging: MessagingService, peers: Neighbours
) -> None:
    said = await _say(messaging, "hello")
    deeds = (React(emoji="🔥"), Pin())
    for deed in deeds:
        await _do(messaging, said, deed, CLEO)
    peers.community.admit(CLEO, MEADOW, can_post=False)
    for deed in deeds:
        with pytest.raises(ForbiddenError):
            await _do(messaging, said, deed, CLEO)
    peers.community.expel(CLEO, MEADOW)
    for deed in deeds:
        with pytest.raises(NotFoundError):
            await _do(messaging, said, deed, CLEO)
    for ask in (
        messaging.list_revisions(CLEO, ListRevisions(room_id=MEADOW, message_id=said)),
        messaging.list_replies(CLEO, ListReplies(room_id=MEADOW, message_id=said)),
        messaging.list_pins(CLEO, ListPins(room_id=MEADOW)),
    ):
        with pytest.raises(NotFoundError):
            await ask


async def test_a_message_is_found_in_its_own_room_only(messaging: MessagingService) -> None:
    said = await _say(messaging, "hello")
    await _do(messaging, said, React(emoji="🔥"))
    with pytest.raises(NotFoundError):
        await _do(messaging, said, React(emoji="🌵"), room=POND)
    asked = ListRevisions(room_id=POND, message_id=said)
    with pytest.raises(NotFoundError):
        await messaging.list_revisions(ADA, asked)


async def test_a_retry_gets_the_first_receipt_and_does_nothing(
    messaging: MessagingService,
) -> None:
    said = await _say(messaging, "hello")
    on = React(emoji="🔥")
    first = await _do(messaging, said, on, BEN, "deed-once")
    await _do(messaging, said, React(emoji="🔥", on=False), BEN)
    assert await _do(messaging, said, on, BEN, "deed-once") == first
    assert (await _only(messaging)).reactions == ()
    assert (await messaging._log.heads([MEADOW]))[0].seq == 3


async def test_what_changed_nothing_changes_nothing_later(messaging: MessagingService) -> None:
    # The answer is lost, somebody takes the emoji back on another device, and the retry comes.
    said = await _say(messaging, "hello")
    phone = member("ben", "phone")
    await _do(messaging, said, React(emoji="🔥"), phone)
    again = await _do(messaging, said, React(emoji="🔥"), BEN, "deed-again")
    await _do(messaging, said, React(emoji="🔥", on=False), phone)
    assert await _do(messaging, said, React(emoji="🔥"), BEN, "deed-again") == again
    assert (await _only(messaging)).reactions == ()


async def test_an_id_is_for_one_change(messaging: MessagingService) -> None:
    one, two = await _say(messaging, "one"), await _say(messaging, "two")
    await _do(messaging, one, React(emoji="🔥"), BEN, "deed-mine")
    with pytest.raises(DraftIdTakenError):
        await _do(messaging, two, React(emoji="🔥"), BEN, "deed-mine")
    # Another device knows nothing of it.
    await _do(messaging, two, React(emoji="🔥"), CLEO, "deed-mine")


async def test_reactions_are_counted_and_named_in_order(messaging: MessagingService) -> None:
    said = await _say(messaging, "hello")
    for who, emoji in ((BEN, "🔥"), (CLEO, "🌵"), (ADA, "🔥"), (BEN, "🌵")):
        await _do(messaging, said, React(emoji=emoji), who)
    await _do(messaging, said, React(emoji="🌵", on=False), CLEO)
    reactions = (await _only(messaging)).reactions
    assert [(item.emoji, item.count, item.users) for item in reactions] == [
        ("🔥", 2, ("ben", "ada")),
        ("🌵", 1, ("ben",)),
    ]


async def test_a_crowd_is_counted_and_its_first_are_named(
    messaging: MessagingService, peers: Neighbours
) -> None:
    said = await _say(messaging, "hello")
    crowd = [member(f"zebra-{number:02}") for number in range(MAX_NAMED + 3)]
    for who in crowd:
        peers.community.admit(who, MEADOW)
        await _do(messaging, said, React(emoji="🦓"), who)
    (reaction,) = (await _only(messaging)).reactions
    assert reaction.count == MAX_NAMED + 3
    assert reaction.users == tuple(who.user_id for who in crowd[:MAX_NAMED])


async def test_a_message_carries_only_so_many_emoji(messaging: MessagingService) -> None:
    said = await _say(messaging, "hello")
    for number in range(MAX_EMOJI):
        await _do(messaging, said, React(emoji=chr(0x1F600 + number)))
    with pytest.raises(TooManyEmojiError):
        await _do(messaging, said, React(emoji="🔥"))
    await _do(messaging, said, React(emoji=chr(0x1F600)), BEN)
    assert len((await _only(messaging)).reactions) == MAX_EMOJI


@pytest.mark.parametrize("emoji", ["🔥", "👍🏽", "❤️", "👩‍🚒", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇿🇲", "1️⃣"])
async def test_an_emoji_is_one_whatever_it_is_made_of(
    messaging: MessagingService, emoji: str
) -> None:
    said = await _say(messaging, "hello")
    await _do(messaging, said, React(emoji=emoji))
    assert (await _only(messaging)).reactions[0].emoji == emoji


@pytest.mark.parametrize("emoji", ["no", "🔥 no", "\u200d", "1", "\ufe0f", "<b>"])
async def test_words_are_no_emoji(messaging: MessagingService, emoji: str) -> None:
    said = await _say(messaging, "hello")
    await _do(messaging, said, React(emoji="🔥"))
    with pytest.raises(InvalidRequestError) as caught:
        await _do(messaging, said, React(emoji=emoji))
    assert caught.value.field == "do.emoji"


async def test_pins_are_listed_the_last_first(
    messaging: MessagingService, clock: ManualClock
) -> None:
    one, two, three = [await _say(messaging, text) for text in ("one", "two", "three")]
    for said in (two, one, three):
        clock.advance(1)
        await _do(messaging, said, Pin(), BEN)
    await _do(messaging, three, Pin(on=False))
    pins = await messaging.list_pins(BEN, ListPins(room_id=MEADOW))
    assert texts_of(pins.messages) == ["one", "two"]
    assert [item.pinned_at is not None for item in await _history(messaging)] == [True, True, False]


async def test_a_reply_shows_what_it_answers_to_as_it_is_now(messaging: MessagingService) -> None:
    said = await _say(messaging, "the lion is hungri" + "!" * 200)
    await _say(messaging, "run", BEN, said)
    await _do(messaging, said, Edit(text="the lion is hungry" + "!" * 200))
    quote = (await _history(messaging))[1].reply_to
    assert quote is not None
    assert (quote.id, quote.seq, quote.author_id) == (said, 1, "ada")
    assert quote.text == "the lion is hungry" + "!" * 122


async def test_a_thread_has_one_root(messaging: MessagingService) -> None:
    root = await _say(messaging, "root")
    one = await _say(messaging, "one", BEN, root)
    await _say(messaging, "elsewhere")
    two = await _say(messaging, "two", ADA, one)
    for message_id in (root, one, two):
        asked = ListReplies(room_id=MEADOW, message_id=message_id)
        page = await messaging.list_replies(CLEO, asked)
        assert (texts_of(page.messages), page.more) == (["one", "two"], False)
    first = ListReplies(room_id=MEADOW, message_id=root, limit=1)
    page = await messaging.list_replies(CLEO, first)
    assert (texts_of(page.messages), page.more) == (["one"], True)
    rest = ListReplies(room_id=MEADOW, message_id=root, after=page.messages[0].seq)
    assert texts_of((await messaging.list_replies(CLEO, rest)).messages) == ["two"]


async def test_one_answers_in_the_same_room(messaging: MessagingService) -> None:
    (elsewhere,) = (await messaging.send(ADA, saying(POND, "splash"))).receipts
    assert elsewhere.message_id
    for answered in (elsewhere.message_id, MessageId("nothing")):
        draft = Draft(id=f"draft-{next(_numbers):08}", text="what?", reply_to=answered)
        (receipt,) = (await messaging.send(ADA, Send(room_id=MEADOW, messages=(draft,)))).receipts
        assert receipt.error is not None
        assert receipt.error.field == "reply_to"
    assert await _history(messaging) == ()


async def test_around_a_place_there_is_as_much_on_both_sides(messaging: MessagingService) -> None:
    for number in range(9):
        await _say(messaging, str(number))
    page = await messaging.list_messages(BEN, ListMessages(room_id=MEADOW, around=5, limit=4))
    assert (texts_of(page.messages), page.more) == (["2", "3", "4", "5"], True)
