"""Whole messages: commands, parsers that a house plugs in, names, emoji, and what goes wrong."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Collection, Mapping

import msgspec
import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.kit.ids import UserId
from backend.kit.settings import SettingError
from backend.messaging.contract.body import Body
from backend.messaging.text.commands import PARSERS
from backend.messaging.text.emoji import count_emoji
from backend.messaging.text.parsers import load
from backend.messaging.text.reader import MOST_NAMES, STRIKES, Reader
from deploy import ROOT

BUILT_IN = "backend.messaging.text.commands"
HOSTILE = "tests.unit.messaging.hostile_parsers"


class Cast:
    """Everybody whose name begins with `a`, and every emoji that does."""

    def __init__(self) -> None:
        self.asked: list[Collection[str]] = []

    async def find_members(self, names: Collection[str]) -> Mapping[str, UserId]:
        self.asked.append(names)
        return {name: UserId(f"id-{name}") for name in names if name.startswith("a")}

    async def find_emoji(self, names: Collection[str]) -> Mapping[str, str]:
        self.asked.append(names)
        return {name: f"e-{name}" for name in names if name.startswith("a")}


# One for all, and its process with it: starting one takes longer than most tests.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[Reader]:
    made = Reader([BUILT_IN, HOSTILE])
    yield made
    await made.close()


async def tree(reader: Reader, text: str, **how: bool) -> object:
    body = await reader.read(text, Cast(), **how)
    return None if body is None else msgspec.json.decode(msgspec.json.encode(body))


async def test_what_is_said_plainly_has_no_body(reader: Reader):
    assert await tree(reader, "hello there\n\nhow are you?") is None
    assert await tree(reader, "/nothing of the kind") is None
    assert await tree(reader, "either/or, and /me in the middle") is None


async def test_what_has_markup_has_one(reader: Reader):
    assert await tree(reader, "*hi* @ada") == {
        "nodes": [["i", ["hi"]], " ", ["at", "ada", "id-ada"]]
    }


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("/me waves", {"nodes": ["waves"], "style": "action"}),
        ("/me *waves*", {"nodes": [["i", ["waves"]]], "style": "action"}),
        ("/ME waves", {"nodes": ["waves"], "style": "action"}),
        ("/me", None),
        ("/shrug", {"nodes": [r"¯\_(ツ)_/¯"]}),
        ("/shrug no idea", {"nodes": [r"no idea ¯\_(ツ)_/¯"]}),
        ("/tableflip", {"nodes": ["(╯°□°)╯︵ ┻━┻"]}),
        ("/unflip", {"nodes": ["┬─┬ノ( º _ ºノ)"]}),  # noqa: RUF001 - an arm
        ("/spoiler he did it", {"nodes": [["v", ["he did it"], "spoiler"]]}),
        ("/nsfw **oh**", {"nodes": [["v", [["b", ["oh"]]], "nsfw"]]}),
        ("/roll banana", None),
        ("/roll 0d6", None),
        ("/roll 2d1", None),
        ("/roll 21d6", None),
        ("/8ball", None),
    ],
)
async def test_commands_do_what_they_say(reader: Reader, text: str, body: object):
    assert await tree(reader, text) == body


async def test_dice_are_rolled_by_the_server(reader: Reader):
    body = await reader.read("/roll 3d6+2 for the giraffe")
    assert body is not None
    words, luck = msgspec.json.decode(msgspec.json.encode(body.nodes))
    assert words == ["p", ["for the giraffe"]]
    kind, which, asked, shown, result = luck
    assert (kind, which, asked) == ("luck", "dice", "3d6+2")
    assert len(shown) == 3
    assert all(1 <= die <= 6 for die in shown)
    assert int(result) == sum(shown) + 2


async def test_a_coin_and_the_oracle_answer(reader: Reader):
    coin = await reader.read("/flip")
    oracle = await reader.read("/8ball will it rain?")
    assert coin is not None
    assert oracle is not None
    assert msgspec.to_builtins(coin.nodes[0])[4] in {"heads", "tails"}
    assert msgspec.to_builtins(oracle.nodes[1])[1] == "8ball"


async def test_who_edits_a_message_does_not_roll_again(reader: Reader):
    assert await tree(reader, "/roll 2d6") is not None
    assert await tree(reader, "/roll 2d6", is_edit=True) is None
    assert await tree(reader, "/me waves", is_edit=True) is not None


async def test_luck_cannot_be_written(reader: Reader):
    assert await tree(reader, '["luck","dice","1d6",[6],"6"]') is None


async def test_parsers_of_the_house_read_too(reader: Reader):
    assert await tree(reader, "/shout hi") == {"nodes": [["b", ["hi"]]]}
    assert await tree(reader, "see SOSA-5") == {"nodes": ["see issue 5"]}
    assert await tree(reader, "/shout see SOSA-5") == {"nodes": [["b", ["see issue 5"]]]}


async def test_what_a_parser_prints_is_no_answer(reader: Reader):
    assert await tree(reader, "/chatter a") == {"nodes": [["pre", "", "a"]]}
    assert await tree(reader, "/shout b") == {"nodes": [["b", ["b"]]]}


async def test_a_parser_sees_neither_settings_nor_secrets(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOSA_KEYS", "precious")
    body = await reader.read("/spill")
    assert body is not None
    assert "PYTHONPATH" in str(body.nodes)
    assert "SOSA" not in str(body.nodes)


async def test_a_slow_parser_is_skipped_after_a_second_and_the_house_goes_on(reader: Reader):
    await reader.read("/shout warm up")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    ticking = asyncio.create_task(tick())
    began = time.monotonic()
    with structlog.testing.capture_logs() as logs:
        assert await tree(reader, "/backtrack") is None
    spent = time.monotonic() - began
    ticking.cancel()
    assert 0.9 < spent < 3
    assert ticks > 10
    assert {"parser": "backtrack", "why": "slow"}.items() <= logs[0].items()
    assert await tree(reader, "/shout still here") == {"nodes": [["b", ["still here"]]]}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("raise", "ValueError"),
        ("lie", "ValidationError"),
        ("exit", "crashed"),
        ("hoard", "MemoryError"),
        ("flood", "ValidationError"),
    ],
)
async def test_a_broken_parser_is_skipped_and_recorded(reader: Reader, command: str, why: str):
    with structlog.testing.capture_logs() as logs:
        assert await tree(reader, f"/{command} of what nobody may read") is None
    assert [(line["parser"], line["why"]) for line in logs] == [(command, why)]
    assert "nobody may read" not in str(logs)
    assert await tree(reader, "/shout on") == {"nodes": [["b", ["on"]]]}


async def test_a_body_out_of_proportion_is_not_kept(reader: Reader):
    assert await tree(reader, "*x* " * 250) is not None
    # Each of these is twelve letters in an address.
    long = f"https://a.org/{'😀' * 160}"
    assert await tree(reader, long) is not None
    assert len(long * 5) < 1_000
    assert await tree(reader, f"{long} " * 5) is None


async def test_a_parser_that_keeps_crashing_rests():
    reader = Reader([BUILT_IN, HOSTILE])
    for _ in range(STRIKES):
        await reader.read("/exit")
    with structlog.testing.capture_logs() as logs:
        assert await tree(reader, "/exit") is None
    assert logs == [], "it was not even asked"
    assert await tree(reader, "/shout on") is not None
    await reader.close()


async def test_one_who_does_not_wait_for_an_answer_leaves_none_for_the_next(reader: Reader):
    await reader.read("/shout warm up")
    leaving = asyncio.create_task(reader.read("/shout one"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert await tree(reader, "/shout two") == {"nodes": [["b", ["two"]]]}


async def test_many_may_ask_at_once(reader: Reader):
    bodies = await asyncio.gather(*(reader.read(f"/shout {number}") for number in range(50)))
    assert [msgspec.to_builtins(body.nodes[0])[1][0] for body in bodies if body] == [
        str(number) for number in range(50)
    ]


async def test_names_are_asked_for_once_and_not_without_end(reader: Reader):
    cast = Cast()
    await reader.read(" ".join(f"@a{number} @a{number} :a{number}:" for number in range(50)), cast)
    assert [len(names) for names in cast.asked] == [MOST_NAMES, MOST_NAMES]


async def test_names_that_cannot_be_found_out_do_not_keep_a_message_back(reader: Reader):
    class Away(Cast):
        async def find_members(self, names: Collection[str]) -> Mapping[str, UserId]:
            raise OSError(names)

    with structlog.testing.capture_logs() as logs:
        assert await reader.read("hi @ada", Away()) is None
    assert [line["event"] for line in logs] == ["message_unread"]


@pytest.mark.parametrize(
    "text",
    ["🔥", "🔥🔥 🔥", "👩‍🚀👍🏽", "🇩🇪", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", ":apple:", "🔥 :apple:"],
)
async def test_emoji_alone_are_big(reader: Reader, text: str):
    body = await reader.read(text, Cast())
    assert body is not None
    assert body.is_big


@pytest.mark.parametrize("text", ["hi 🔥", "123", "#", "→", "*🔥*", "🔥" * 28, ":nope:", "…"])
async def test_other_texts_are_not(reader: Reader, text: str):
    body = await reader.read(text, Cast())
    assert body is None or not body.is_big


async def test_emoji_are_counted_as_they_are_seen():
    assert count_emoji("👩‍👩‍👧‍👦 👍🏽🇩🇪") == 3
    assert count_emoji("") == 0
    assert count_emoji("x") is None


async def test_parsers_are_found_or_the_start_says_why():
    assert list(load([BUILT_IN])) == [parser.name for parser in PARSERS]
    for module in ("no.such.module", "backend.kit.ids"):
        with pytest.raises(SettingError, match=module):
            load([module])
    with pytest.raises(SettingError, match="two of me"):
        load([BUILT_IN, BUILT_IN])


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300).map(lambda text: text.removeprefix("/")))
async def test_reading_never_fails_and_never_changes_what_was_said_to_something_else(text: str):
    body = await Reader([BUILT_IN]).read(text, Cast())
    assert body is None or msgspec.json.decode(msgspec.json.encode(body), type=Body) == body


async def test_every_emoji_of_the_picker_is_one():
    source = (ROOT / "sosa_app" / "live" / "chat" / "emoji-list.js").read_text()
    emoji = re.findall(r'^    \["([^"]+)"', source, re.MULTILINE)
    assert len(emoji) > 1_800
    assert [one for one in emoji if count_emoji(one) != 1] == []
