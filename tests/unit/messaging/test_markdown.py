"""What is read of a text, and that nothing of it is lost, however it was meant."""

import time

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from backend.kit.ids import UserId
from backend.messaging.contract.body import MAX_DEPTH, Body, Node
from backend.messaging.service.texts import tidy
from backend.messaging.text.markdown import is_plain, read_markdown
from backend.messaging.text.rules import Named
from backend.messaging.text.tree import COVER, glimpse, words_of

NAMED = Named(members={"ada": UserId("id-ada"), "ben_2": UserId("id-ben")}, emoji={"party": "e1"})


def parsed(text: str) -> list[object] | None:
    nodes = read_markdown(text, NAMED)
    return None if nodes is None else msgspec.json.decode(msgspec.json.encode(nodes))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("so **very** _much_", ["so ", ["b", ["very"]], " ", ["i", ["much"]]]),
        ("***both***", [["i", [["b", ["both"]]]]]),
        ("~~never~~ `let x = 1`", [["s", ["never"]], " ", ["c", "let x = 1"]]),
        ("one\n*two*", ["one\n", ["i", ["two"]]]),
        ("one\n\n*two*", [["p", ["one"]], ["p", [["i", ["two"]]]]]),
        ("```python\nx = 1\n```", [["pre", "python", "x = 1"]]),
        ("```\n  x\n\ny\n```", [["pre", "", "  x\n\ny"]]),
        ("> *so* they say\nhm", [["q", [["i", ["so"]], " they say"]], ["p", ["hm"]]]),
        ("- a\n- b\nand on", [["ul", [["a"], ["b"]]], ["p", ["and on"]]]),
        ("3. a\n4. b", [["ol", 3, [["a"], ["b"]]]]),
        ("- a\n  - b", [["ul", [["a", ["ul", [["b"]]]]]]]),
        ("# Loud\nnot", [["p", [["b", ["Loud"]]]], ["p", ["not"]]]),
        ("\\*as it is\\*", ["*as it is*"]),
        ("||the *butler*||", [["v", ["the ", ["i", ["butler"]]], "spoiler"]]),
        ("a ||b|| c ||d||", ["a ", ["v", ["b"], "spoiler"], " c ", ["v", ["d"], "spoiler"]]),
        ("hi @ada!", ["hi ", ["at", "ada", "id-ada"], "!"]),
        ("@ben_2 and @nobody", [["at", "ben_2", "id-ben"], " and @nobody"]),
        ("yay :party: :nope:", ["yay ", ["e", "party", "e1"], " :nope:"]),
    ],
)
def test_a_text_is_read_as_people_mean_it(text: str, tree: list[object]):
    assert parsed(text) == tree


@pytest.mark.parametrize(
    "text",
    ["snake_case_name", "2 * 3 * 4", "-", "*", ">", "1.", "#", "#1 fan", "a || b", "||||",
     "one\n\ntwo", "~ about ~", "ada@ada.org", "`", "<b>bold</b>", "&amp;", "![x](y)",
     "| a | b |\n|---|---|", "---"],
)  # fmt: skip
def test_what_is_no_markup_of_ours_stays_what_was_written(text: str):
    assert parsed(text) is None


def test_html_is_text():
    assert parsed("<img src=x onerror=alert(1)> *hm*") == [
        "<img src=x onerror=alert(1)> ", ["i", ["hm"]]
    ]  # fmt: skip


def test_the_shrug_keeps_its_arm():
    shrug = r"¯\_(ツ)_/¯"
    assert parsed(f"{shrug} *well* {shrug}") == [f"{shrug} ", ["i", ["well"]], f" {shrug}"]


def test_code_that_begins_on_the_line_of_its_fence_is_whole():
    assert parsed("```hello world") == [["pre", "", "hello world"]]
    assert parsed("```hello\n```") == [["pre", "", "hello"]]


def test_nothing_is_a_mention_or_spoiler_inside_code():
    assert parsed("`@ada ||x||` **@ada**") == [
        ["c", "@ada ||x||"], " ", ["b", [["at", "ada", "id-ada"]]]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["||the butler\n\ndid it||", "**||the** butler||", "||\n- a\n- b||"]
)
def test_a_spoiler_whose_ends_do_not_meet_veils_everything(text: str):
    tree = parsed(text)
    assert tree is not None
    assert len(tree) == 1
    assert isinstance(tree[0], list)
    assert tree[0][0] == "v"


def test_what_is_nested_too_deep_is_shown_as_it_was_written():
    assert parsed("> " * (MAX_DEPTH - 1) + "deep") is not None
    assert parsed("> " * MAX_DEPTH + "deeper") is None
    assert parsed(">" * 1_000) is None


def test_a_glimpse_of_a_message_lifts_no_veil():
    nodes = read_markdown("*The* end: ||the **butler**|| @ada\n- so", NAMED)
    assert nodes is not None
    assert glimpse("", Body(nodes=nodes)).splitlines() == [f"The end: {COVER} @ada", "so"]
    assert glimpse("as it is", None) == "as it is"


def letters(text: str) -> str:
    return "".join(character for character in text if character in "abcé")


def depth_of(node: Node) -> int:
    inside: tuple[Node, ...] = getattr(node, "inside", ())
    for item in getattr(node, "items", ()):
        inside += item
    return 1 + max((depth_of(inner) for inner in inside), default=0)


SYNTAX = "*_~`>|-#[]!<&@:+.1 \n\\"
pieces = st.sampled_from([*SYNTAX, "a", "b", "é", "**", "||", "```", "\n\n", "> ", "- ", "1. ",
                          "@ada", ":party:", "# ", "    ", "~~"])  # fmt: skip
tidy_texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n"))
messages = st.lists(pieces, max_size=300).map("".join)


@settings(max_examples=300, deadline=None)
@given(messages)
def test_every_letter_that_was_written_can_be_read(text: str):
    nodes = read_markdown(text[:1_000], Named())
    shown = text[:1_000] if nodes is None else words_of(nodes)
    assert letters(shown) == letters(text[:1_000])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=1_000), messages, st.lists(st.sampled_from(
    ["](http://a.b)", "[", "](", "http://", "https://ü.a/", "(", ")", "<", ">", '"', "@", "x"]
)).map("".join)))  # fmt: skip
def test_whatever_is_written_can_be_read_drawn_and_sent(text: str):
    nodes = read_markdown(text[:1_000], NAMED)
    if nodes is not None:
        body = Body(nodes=nodes)
        assert msgspec.json.decode(msgspec.json.encode(body), type=Body) == body
        assert max(map(depth_of, nodes)) <= MAX_DEPTH + 2


@pytest.mark.parametrize(
    "text",
    ["[" * 1_000, "[" * 64 + "`*a_~" * 180, "[]" * 500, "[a" * 60 + "](b)" * 60, "*a_ " * 250,
     "a**b" + "c* " * 300, "`a" * 500, ">" * 1_000, "> - " * 250, "- a\n" * 250, "~~a" * 300,
     "<" * 1_000, "\\" * 1_000, "```a\n" * 200, "[a](" * 250, "a\n" * 500, "||a" * 300,
     "@ada " * 200, ":a" * 500, "://" * 333, "http://" * 140, "http://ü.ü/ü " * 70, "# a\n" * 250,
     "¯" * 1_000, "[" + "a." * 300 + "](http://b.c)", "*_~~**__`[" * 100],
)  # fmt: skip
def test_hostile_texts_take_hardly_longer_than_friendly_ones(text: str):
    """Some 10 ms on a busy machine. What grows faster than the text takes far longer."""

    def best_of_three() -> float:
        spent: list[float] = []
        for _ in range(3):
            began = time.process_time()
            read_markdown(text[:1_000], NAMED)
            spent.append(time.process_time() - began)
        return min(spent)

    assert best_of_three() < 0.05


@given(tidy_texts)
def test_a_text_called_plain_has_no_tree(text: str):
    if is_plain(text):
        assert read_markdown(text, Named()) is None


@pytest.mark.parametrize(
    "text", ["hello", "how are you? fine: you?", "2 + 2 = 4!", "a-b #c (d) 100%"]
)
def test_what_most_people_say_is_plain(text: str):
    assert is_plain(text)
    assert tidy(text) == text
