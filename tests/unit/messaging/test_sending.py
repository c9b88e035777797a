"""Sending: once, whole, in order, and only where one may."""

import asyncio
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from backend.kit.clock import ManualClock
from backend.kit.database import Database
from backend.kit.errors import ForbiddenError, NotFoundError, UnavailableError
from backend.messaging.contract import Draft, ListMessages, Send
from backend.messaging.service import MessagingService, commit
from tests.unit.messaging.neighbours import (
    ADA,
    BEN,
    CAVE,
    CLEO,
    MEADOW,
    POND,
    Neighbours,
    make_service,
    member,
    saying,
    texts_of,
)


async def _count(database: Database, table: str) -> int:
    async with database.reading() as session:
        return (await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608


def _writer_of(database: Database) -> sa.Engine:
    assert database._direct is not None
    return database._direct.engine


async def _history(messaging: MessagingService, room: Any = MEADOW) -> list[str]:
    page = await messaging.list_messages(ADA, ListMessages(room_id=room, limit=100))
    assert [item.seq for item in page.messages] == list(range(1, len(page.messages) + 1))
    return texts_of(page.messages)


async def test_a_message_gets_the_next_place_in_its_room(messaging: MessagingService) -> None:
    first = await messaging.send(ADA, saying(MEADOW, "one", "two"))
    second = await messaging.send(BEN, saying(MEADOW, "three"))
    elsewhere = await messaging.send(BEN, saying(POND, "other"))
    assert [item.seq for item in first.receipts] == [1, 2]
    assert [item.seq for item in second.receipts] == [3]
    assert [item.seq for item in elsewhere.receipts] == [1]
    assert await _history(messaging) == ["one", "two", "three"]


async def test_a_retry_gets_the_first_receipt_whatever_it_says_now(
    messaging: MessagingService, clock: ManualClock, database: Database
) -> None:
    first = await messaging.send(ADA, saying(MEADOW, "one"))
    clock.advance(86_400)
    again = Send(room_id=MEADOW, messages=(Draft(id="draft-one-00", text="changed my mind"),))
    assert await messaging.send(ADA, again) == first
    assert await _history(messaging) == ["one"]
    assert await _count(database, "messaging_event") == 1


async def test_the_same_id_of_another_device_is_another_message(
    messaging: MessagingService,
) -> None:
    await messaging.send(ADA, saying(MEADOW, "one"))
    await messaging.send(member("ada", "phone"), saying(MEADOW, "one"))
    await messaging.send(BEN, saying(MEADOW, "one"))
    assert await _history(messaging) == ["one", "one", "one"]


async def test_an_id_twice_in_one_frame_is_one_message(messaging: MessagingService) -> None:
    draft = Draft(id="draft-00", text="hello")
    answer = await messaging.send(ADA, Send(room_id=MEADOW, messages=(draft, draft)))
    assert answer.receipts[0] == answer.receipts[1]
    assert await _history(messaging) == ["hello"]


async def test_an_id_used_in_another_room_is_refused_alone(messaging: MessagingService) -> None:
    await messaging.send(ADA, saying(MEADOW, "one"))
    answer = await messaging.send(ADA, saying(POND, "one", "two"))
    error = answer.receipts[0].error
    assert error is not None
    assert (error.code, error.field) == ("draft_id_taken", "id")
    assert answer.receipts[1].seq == 1
    assert await _history(messaging, POND) == ["two"]


async def test_an_id_of_the_device_under_another_account_is_refused(
    messaging: MessagingService,
) -> None:
    shared = BEN.__class__(
        user_id=BEN.user_id, session_id=BEN.session_id, device_id=ADA.device_id,
        roles=(), acr="std", auth_time=0,
    )  # fmt: skip
    await messaging.send(ADA, saying(MEADOW, "mine"))
    answer = await messaging.send(shared, saying(MEADOW, "mine"))
    assert answer.receipts[0].error is not None
    assert answer.receipts[0].message_id is None


async def test_parallel_retries_are_one_message(
    each_database: Database, clock: ManualClock
) -> None:
    messaging = make_service(each_database, clock)
    sends = [messaging.send(ADA, saying(MEADOW, "one", "two")) for _ in range(20)]
    answers = await asyncio.gather(*sends)
    assert all(answer == answers[0] for answer in answers)
    assert await _history(messaging) == ["one", "two"]


async def test_two_processes_racing_with_the_same_ids_store_them_once(
    each_database: Database, clock: ManualClock
) -> None:
    other_database = Database(each_database.url)
    here, there = make_service(each_database, clock), make_service(other_database, clock)
    sends = [
        service.send(ADA, saying(MEADOW, *(f"{number}" for number in range(start, start + 5))))
        for start in range(0, 40, 5)
        for service in (here, there)
    ]
    answers = await asyncio.gather(*sends)
    await other_database.close()
    assert all(one == two for one, two in zip(answers[::2], answers[1::2], strict=True))
    assert sorted(await _history(here), key=int) == [str(number) for number in range(40)]


async def test_an_id_raced_into_two_rooms_by_two_processes_lands_in_one(
    each_database: Database, clock: ManualClock
) -> None:
    # Each holds the lock of its own room, so only the unique key can tell them apart.
    other_database = Database(each_database.url)
    here, there = make_service(each_database, clock), make_service(other_database, clock)
    errors: list[str] = []
    for number in range(10):
        answers = await asyncio.gather(
            here.send(ADA, saying(MEADOW, f"{number}")), there.send(ADA, saying(POND, f"{number}"))
        )
        errors += [item.error.code for answer in answers for item in answer.receipts if item.error]
    await other_database.close()
    assert errors == ["draft_id_taken"] * 10
    assert len(await _history(here)) + len(await _history(here, POND)) == 10


async def test_two_processes_share_one_unbroken_log(
    each_database: Database, clock: ManualClock
) -> None:
    other_database = Database(each_database.url)
    here, there = make_service(each_database, clock), make_service(other_database, clock)
    sends = [
        service.send(who, saying(MEADOW, f"{number}"))
        for number in range(15)
        for service, who in ((here, ADA), (there, BEN))
    ]
    await asyncio.gather(*sends)
    await other_database.close()
    assert len(await _history(here)) == 30


async def test_a_text_is_trimmed_and_freed_of_what_nobody_sees(
    messaging: MessagingService,
) -> None:
    draft = Draft(id="draft-00", text="  \x00hi\x1b[2J\r\nthere\ttab\r!\u202f ")
    await messaging.send(ADA, Send(room_id=MEADOW, messages=(draft,)))
    assert await _history(messaging) == ["hi[2J\nthere\ttab\n!"]


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u200d\ufeff", "\x00\x07", "\u3000"])
async def test_a_message_without_anything_to_see_is_refused(
    messaging: MessagingService, text: str
) -> None:
    draft = Draft(id="draft-00", text=text)
    answer = await messaging.send(ADA, Send(room_id=MEADOW, messages=(draft,)))
    error = answer.receipts[0].error
    assert error is not None
    assert (error.code, error.field) == ("empty_message", "text")
    assert await _history(messaging) == []


async def test_a_thousand_characters_fit_and_one_more_does_not(
    messaging: MessagingService,
) -> None:
    fits, over = "😀" * 1_000, "x" * 1_001
    drafts = (Draft(id="draft-00", text=f" {fits} "), Draft(id="draft-01", text=over))
    answer = await messaging.send(ADA, Send(room_id=MEADOW, messages=drafts))
    error = answer.receipts[1].error
    assert answer.receipts[0].seq == 1
    assert error is not None
    assert (error.code, error.field) == ("message_too_long", "text")
    assert await _history(messaging) == [fits]


async def test_an_outsider_neither_sends_nor_reads(
    messaging: MessagingService, peers: Neighbours
) -> None:
    peers.community.admit(ADA, CAVE)
    await messaging.send(ADA, saying(CAVE, "secret"))
    with pytest.raises(NotFoundError):
        await messaging.send(BEN, saying(CAVE, "let me in"))
    with pytest.raises(NotFoundError):
        await messaging.list_messages(BEN, ListMessages(room_id=CAVE))
    assert texts_of((await messaging.list_messages(ADA, ListMessages(room_id=CAVE))).messages) == [
        "secret"
    ]


async def test_a_reader_may_not_post(messaging: MessagingService, peers: Neighbours) -> None:
    peers.community.admit(CLEO, CAVE, can_post=False)
    with pytest.raises(ForbiddenError):
        await messaging.send(CLEO, saying(CAVE, "oops"))
    assert (await messaging.list_messages(CLEO, ListMessages(room_id=CAVE))).messages == ()


async def test_sends_that_wait_together_are_one_transaction(
    messaging: MessagingService, database: Database
) -> None:
    commits = 0

    def count(_connection: object) -> None:
        nonlocal commits
        commits += 1

    await messaging.send(ADA, saying(MEADOW, "warm"))
    event.listen(_writer_of(database), "commit", count)
    sends = [
        messaging.send(who, saying(room, f"{number}", prefix=room))
        for number in range(100)
        for who, room in ((ADA, MEADOW), (BEN, POND))
    ]
    await asyncio.gather(*sends)
    assert commits <= 3
    assert len(await _history(messaging, POND)) == 100


async def test_a_batch_has_a_bound(messaging: MessagingService, database: Database) -> None:
    sizes: list[int] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("INSERT INTO messaging_message"):
            sizes.append(len(cast("list[Any]", parameters)) if isinstance(parameters, list) else 1)

    event.listen(_writer_of(database), "before_cursor_execute", note)
    texts = [[f"{start + offset}" for offset in range(20)] for start in range(0, 1_200, 20)]
    await asyncio.gather(*(messaging.send(ADA, saying(MEADOW, *some)) for some in texts))
    assert sum(sizes) == 1_200
    assert max(sizes) == commit.MAX_AT_ONCE


async def test_a_failing_transaction_fails_its_own_sends_and_no_others(
    messaging: MessagingService, database: Database
) -> None:
    await messaging.send(ADA, saying(MEADOW, "before"))
    heard: list[bytes] = []
    await messaging.fanout.subscribe(MEADOW, lambda _room, frame: heard.append(frame))
    async with database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE messaging_event RENAME TO gone"))
    with pytest.raises(UnavailableError):
        await messaging.send(ADA, saying(MEADOW, "lost"))
    async with database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE gone RENAME TO messaging_event"))
    assert heard == []
    await messaging.send(ADA, saying(MEADOW, "lost"))
    assert await _history(messaging) == ["before", "lost"]
    assert len(heard) == 1


async def test_a_full_house_says_so_and_stores_nothing(
    messaging: MessagingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "MAX_WAITING", 3)
    sends = [messaging.send(ADA, saying(MEADOW, f"{number}")) for number in range(6)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    turned_away = [item for item in answers if isinstance(item, UnavailableError)]
    assert turned_away
    assert len(await _history(messaging)) == 6 - len(turned_away)


async def test_who_goes_away_in_the_middle_takes_no_one_along(messaging: MessagingService) -> None:
    leaving = asyncio.create_task(messaging.send(ADA, saying(MEADOW, "bye")))
    staying = asyncio.create_task(messaging.send(BEN, saying(MEADOW, "hi")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).receipts[0].seq is not None
    assert sorted(await _history(messaging)) in (["bye", "hi"], ["hi"])
