import msgspec
import pytest

from backend.kit.errors import InvalidRequestError
from backend.profiles.contract import UpdateMyProfile
from backend.profiles.service.identities import IDENTITIES
from backend.profiles.service.names import first_nickname, tidy_changes


@pytest.mark.parametrize(
    ("username", "nickname"),
    [
        ("cleopatra", "cleopatra"),
        ("cleo", "cleo"),
        ("ada", "ada of SoSa"),
        ("a", "a of SoSa"),
        ("x" * 40, "x" * 32),
    ],
)
def test_the_first_nickname_is_the_username_made_to_fit(username: str, nickname: str):
    assert first_nickname(username) == nickname
    assert tidy_changes(UpdateMyProfile(nickname=nickname)) == {"nickname": nickname}


@pytest.mark.parametrize(
    "nickname",
    [
        "abcd",
        "x" * 32,
        "🦓🦓🦓🦓",
        "Ada & Ben",
        "Zoë-Łucja",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "👨\u200d👩\u200d👧 Fam",
    ],
)
def test_a_nickname_of_visible_characters_is_taken_as_it_is(nickname: str):
    assert tidy_changes(UpdateMyProfile(nickname=nickname)) == {"nickname": nickname}


@pytest.mark.parametrize(
    "nickname",
    [
        "abc",
        "   abc   ",
        "x" * 33,
        "\u200d\u200d\u200d\u200d",
        "ab\u200dc",
        "ada\nada",
        "ada\x00ada",
        "ada\u202eada",
        "ada\u2066ada",
        "ada\u2028ada",
        "ada\ue000ada",
        "\ud800\ud800\ud800\ud800",
        "a\u0300bc",
    ],
)
def test_a_nickname_that_does_not_fit_is_named_and_not_quoted(nickname: str):
    with pytest.raises(InvalidRequestError) as caught:
        tidy_changes(UpdateMyProfile(nickname=nickname))
    assert caught.value.field == "nickname"
    assert nickname.strip() not in caught.value.message


@pytest.mark.parametrize("identity", ["", "   ", "x" * 41, "a\tb"])
def test_an_identity_that_does_not_fit_is_named(identity: str):
    with pytest.raises(InvalidRequestError) as caught:
        tidy_changes(UpdateMyProfile(identity=identity))
    assert caught.value.field == "identity"


def test_spaces_around_are_dropped_and_accents_composed():
    update = UpdateMyProfile(nickname="  Zoe\u0308 Z  ", identity=" Tea ")
    assert tidy_changes(update) == {"nickname": "Zoë Z", "identity": "Tea"}


def test_what_was_not_sent_does_not_change():
    assert tidy_changes(UpdateMyProfile()) == {}
    assert tidy_changes(UpdateMyProfile(face="seed-1")) == {"face": "seed-1"}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_every_identity_offered_may_be_chosen(identity: str):
    sent = msgspec.json.encode({"identity": identity})
    update = msgspec.json.decode(sent, type=UpdateMyProfile)
    assert tidy_changes(update) == {"identity": identity}
