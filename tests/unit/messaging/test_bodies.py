"""What a message says is read once, kept beside its text, and goes with it."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.ids import MessageId
from backend.messaging.contract import (
    Change,
    Deed,
    Delete,
    Draft,
    Edit,
    ListMessages,
    Message,
    Send,
)
from backend.messaging.contract.body import Body, Bold, Luck
from backend.messaging.service import MessagingService
from backend.messaging.service.tables import MESSAGES
from tests.unit.messaging.neighbours import ADA, MEADOW, Neighbours, make_service

HI = Body(nodes=(Bold(inside=("hi",)),))


@pytest.fixture
async def reading(
    each_database: Database, clock: ManualClock, peers: Neighbours
) -> AsyncIterator[MessagingService]:
    """Messaging on each database, with a process for parsers that ends with the test."""
    messaging = make_service(each_database, clock, peers)
    yield messaging
    await messaging.close_reader()
    await messaging.presence.close()


async def _say(
    messaging: MessagingService,
    *texts: str,
    prefix: str = "draft",
    answer: MessageId | None = None,
) -> None:
    drafts = tuple(
        Draft(id=f"{prefix}-{index:04}", text=text, reply_to=answer)
        for index, text in enumerate(texts)
    )
    await messaging.send(ADA, Send(room_id=MEADOW, messages=drafts))


async def _do(messaging: MessagingService, message: Message, deed: Deed, id_: str) -> None:
    await messaging.change(ADA, Change(room_id=MEADOW, message_id=message.id, id=id_, do=deed))


async def _history(messaging: MessagingService) -> tuple[Message, ...]:
    return (await messaging.list_messages(ADA, ListMessages(room_id=MEADOW))).messages


async def test_what_is_more_than_its_text_comes_with_a_body(reading: MessagingService):
    await _say(reading, "**hi**", "hello", "/me waves")
    bold, plain, deed = await _history(reading)
    assert (bold.text, bold.body) == ("**hi**", HI)
    assert (plain.text, plain.body) == ("hello", None)
    assert deed.body == Body(nodes=("waves",), style="action")


async def test_a_body_changes_and_goes_with_its_text(
    reading: MessagingService, each_database: Database
):
    await _say(reading, "**hi**")
    (message,) = await _history(reading)
    await _do(reading, message, Edit(text="hello"), "deed-0000")
    assert [(found.text, found.body) for found in await _history(reading)] == [("hello", None)]
    await _do(reading, message, Edit(text="**hi**"), "deed-0001")
    assert [found.body for found in await _history(reading)] == [HI]
    await _do(reading, message, Delete(), "deed-0002")
    async with each_database.reading() as session:
        assert (await session.execute(sa.select(MESSAGES.c.text, MESSAGES.c.body))).all() == [
            ("", None)
        ]


async def test_a_retry_does_not_roll_the_dice_again(reading: MessagingService):
    await _say(reading, "/roll 20d1000")
    (message,) = await _history(reading)
    assert message.body is not None
    assert isinstance(message.body.nodes[0], Luck)
    await _say(reading, "/roll 20d1000")
    assert [found.body for found in await _history(reading)] == [message.body]


async def test_an_answer_does_not_lift_the_veil_of_what_it_quotes(reading: MessagingService):
    await _say(reading, "so: ||the butler||")
    (message,) = await _history(reading)
    await _say(reading, "no!", prefix="answer", answer=message.id)
    answer = (await _history(reading))[1]
    assert answer.reply_to is not None
    assert answer.reply_to.text.startswith("so: ")
    assert "butler" not in answer.reply_to.text
