import pytest

from backend.kit.tokens import base64url, shape
from tests.device import b64
from tests.unit.kit_tokens.bench import jws

HEADER = {"typ": "t", "alg": "HS256", "kid": "k"}


@pytest.mark.parametrize("data", [b"", b"\x00", b"ab", b"abc", b"\x00\x00\x17", bytes(range(256))])
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize("text", ["A", "QR", "QQ==", "a+b/", "QQ\n", " QQ", "é", "QUJ"])
def test_other_spellings_of_the_same_bytes_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        base64url.decode(text)


def test_a_header_of_the_right_kind_gives_its_kid() -> None:
    assert shape.read_header(jws(HEADER, "{}"), typ="t", alg="HS256", max_chars=200) == "k"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(jws(HEADER, "x" * 300), id="too-long"),
        pytest.param("a.b", id="two-parts"),
        pytest.param("a.b.c.d", id="four-parts"),
        pytest.param(jws({**HEADER, "kid": 5}, "{}"), id="kid-no-text"),
        pytest.param(jws({"typ": "t", "alg": "HS256"}, "{}"), id="no-kid"),
        pytest.param(jws({**HEADER, "jwk": {}}, "{}"), id="16-jwk"),
        pytest.param(f"{b64(b'[]')}.e30.", id="header-list"),
        pytest.param(f"{b64(b'no json')}.e30.", id="header-no-json"),
        pytest.param(f"{b64(b'{') + b64(b'[' * 150)}..", id="header-broken"),
    ],
)
def test_what_cannot_be_ours_is_refused_before_any_key_is_used(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        shape.read_header(token, typ="t", alg="HS256", max_chars=200)


def test_a_token_has_a_longest() -> None:
    token = jws(HEADER, "{}")
    assert shape.read_header(token, typ="t", alg="HS256", max_chars=len(token)) == "k"
    with pytest.raises(ValueError, match="too long"):
        shape.read_header(token, typ="t", alg="HS256", max_chars=len(token) - 1)


@pytest.mark.parametrize(
    ("header", "held"),
    [
        (None, None),
        ("", None),
        ("SoSa", None),
        ("SoSa ", None),
        ("sosa t", None),
        ("Bearer t", None),
        ("SoSa t", "t"),
        ("SoSa  t", " t"),
        ("SoSa t u", "t u"),
        (" SoSa t", None),
    ],
)
def test_credentials_are_what_follows_their_scheme(header: str | None, held: str | None) -> None:
    assert shape.credentials(header, "SoSa") == held


def test_nothing_is_no_object() -> None:
    with pytest.raises(ValueError, match="nothing"):
        shape.read_object(None)


@pytest.mark.parametrize(
    "raw",
    [b'{"a":1,"a":1}', b'{"b":{"a":1,"a":2}}', b'{"a":NaN}', b'{"a":-Infinity}', b"\xff", b"1"],
)
def test_json_that_two_parsers_may_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        shape.read_object(raw)


def test_a_nest_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="deep"):
        shape.read_object(b'{"a":' + b"[" * 200_000)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, float("inf")])
def test_only_a_whole_number_is_a_time(value: object) -> None:
    assert not shape.is_time(value)
    assert shape.is_time(1)
