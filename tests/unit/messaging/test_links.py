"""Where links may lead, and when they say so."""

import msgspec
import pytest

from backend.messaging.text.links import host_to_show, may_link
from backend.messaging.text.markdown import read_markdown
from backend.messaging.text.rules import Named


def links(text: str) -> list[list[str]]:
    """`[url, host]` of each link at the top of the tree."""
    tree = msgspec.json.decode(msgspec.json.encode(read_markdown(text, Named()) or ()))
    return [[node[1], node[3]] for node in tree if isinstance(node, list) and node[0] == "a"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.org", "https://a.org"),
        ("(see https://a.org/b_c(d)?e=f#g).", "https://a.org/b_c(d)?e=f#g"),
        ("https://a.org/x, or", "https://a.org/x"),
        ("<https://a.org>", "https://a.org"),
        ("[here](https://a.org)", "https://a.org"),
        ('[here](https://a.org "title")', "https://a.org"),
        ("HTTPS://A.org/B", "HTTPS://A.org/B"),
        ("[mail](mailto:ada@a.org)", "mailto:ada@a.org"),
        ("<ada@a.org>", "mailto:ada@a.org"),
        ("http://[::1]:3000/", None),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("https://a.org/@ada", "https://a.org/@ada"),
    ],
)
def test_addresses_become_links(text: str, url: str | None):
    assert [found for found, _ in links(text)] == ([url] if url else [])


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
     "<javascript:x>", "[x](&#x6A;avascript:alert(1))", "[x](data:text/html,hi)",
     "[x](vbscript:x)", "[x](file:///etc)", "ftp://a.org", "[x](//a.org)", "[x](/settings)",
     "[x](a.org)", "[x]()", "[x](https://)", "[x](https:a.org)", "[x](sosa://a)",
     "[x](https://bank.example@evil.example)", "https://user:word@evil.example/",
     "[x](https://[::1)", "[x](mailto:)", "www.a.org"],
)  # fmt: skip
def test_other_schemes_borrowed_names_and_riddles_stay_text(text: str):
    assert links(text) == []


@pytest.mark.parametrize(
    "url",
    ["https://a.org/\u202egpj", "https://a.org/\n", "https://ä.org/", "", "https://a.org\\@b.org",
     "https://a.org:port/", "blob:https://a.org/1", "https://a%00.org", "https://a b.org"],
)  # fmt: skip
def test_an_address_that_is_not_normalised_is_no_link(url: str):
    assert may_link("https://a.org/")
    assert not may_link(url)


def test_an_endless_address_is_no_link():
    assert may_link("https://a.org/" + "x" * 2_000)
    assert not may_link("https://a.org/" + "x" * 2_100)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("here", ""),
        ("evil.example", ""),
        ("www.evil.example", ""),
        ("https://evil.example/a.b", ""),
        ("https://bank.example/login", "evil.example"),
        ("bank.example", "evil.example"),
        ("go to BANK.example now", "evil.example"),
        ("bank\u200b.exa\u00admple", "evil.example"),
        ("bank\uff0eexample", "evil.example"),
        ("bank。example", "evil.example"),
        ("b\u0430nk.example", "evil.example"),
        ("https://evil.example@bank.example", "evil.example"),
    ],
)
def test_words_that_look_like_another_address_are_shown_with_the_true_one(words: str, shown: str):
    assert host_to_show("https://evil.example/x", words) == shown


def test_a_host_that_is_spelled_in_other_letters_is_shown_as_it_is_looked_up():
    assert links("https://\u0430pple.com/") == [["https://xn--pple-43d.com/", "xn--pple-43d.com"]]


def test_a_mail_link_says_whose_post_office_it_is():
    assert host_to_show("mailto:ada@evil.example?subject=a.b", "ada@bank.example") == "evil.example"
    assert host_to_show("mailto:ada@a.org", "ada@a.org") == ""
