"""Links to files are good for their time, whatever becomes of the keys under them meanwhile."""

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.kit.callers import Member
from backend.kit.clock import ManualClock
from backend.kit.errors import NotFoundError
from backend.kit.ids import DeviceId, FileId, SessionId, UserId
from backend.kit.key_changes import add_root, drop_root
from backend.kit.keyring import SETTLE_SECONDS, Keyring
from backend.messaging.media.links import UPLOAD, UPLOAD_SECONDS, VIEW, VIEW_SECONDS, Holder, Links

FILE = FileId("a-file")
ADA = Member(
    user_id=UserId("ada"),
    session_id=SessionId("a-session"),
    device_id=DeviceId("a-device"),
    roles=(),
    acr="std",
    auth_time=0,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_800_000_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def links(path: Path, clock: ManualClock) -> Links:
    return Links(Keyring.open(path, clock), clock)


def token_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["t"][0]


def test_links_outlive_a_new_root_but_not_the_drop_of_theirs(
    links: Links, path: Path, clock: ManualClock
):
    until = int(clock.now()) + UPLOAD_SECONDS
    holder = Holder(ADA.user_id, ADA.session_id, until)
    early = token_in(links.to_upload(ADA, FILE, until))
    add_root(path, clock.now(), clock.now())
    clock.advance(SETTLE_SECONDS + 60)
    late = token_in(links.to_upload(ADA, FILE, until))
    assert early != late
    assert [links.read(UPLOAD, FILE, token) for token in (early, late)] == [holder, holder]
    drop_root(path, "1", clock.now())
    assert links.read(UPLOAD, FILE, late) == holder
    with pytest.raises(NotFoundError):
        links.read(UPLOAD, FILE, early)


def test_a_link_is_good_for_one_thing_one_file_and_its_time(links: Links, clock: ManualClock):
    token = token_in(links.to_view(ADA, FILE, "small"))
    holder = links.read(VIEW, FILE, token)
    assert dataclasses.replace(holder, until=0) == Holder(ADA.user_id, ADA.session_id, 0)
    for label, file_id in ((UPLOAD, FILE), (VIEW, "another")):
        with pytest.raises(NotFoundError, match=r"^There is nothing here\.$"):
            links.read(label, file_id, token)
    clock.advance(holder.until - clock.now())
    with pytest.raises(NotFoundError):
        links.read(VIEW, FILE, token)


def test_a_link_to_look_at_lasts_one_span_to_two(links: Links, clock: ManualClock):
    assert links.view_end() == clock.now() + 2 * VIEW_SECONDS
    clock.advance(VIEW_SECONDS - 1)
    assert links.view_end() == clock.now() + VIEW_SECONDS + 1


def test_a_token_is_cut_at_three_places_and_no_other(path: Path, clock: ManualClock):
    """Even what the key itself has signed is read in one way only."""
    keyring = Keyring.open(path, clock)
    links, until = Links(keyring, clock), str(int(clock.now()) + 60)

    def token(*words: str) -> str:
        return "~".join((*words, keyring.mac(VIEW, "\n".join((FILE, *words)))))

    assert links.read(VIEW, FILE, token("ada", "a-session", until)).user_id == "ada"
    with pytest.raises(NotFoundError):
        links.read(VIEW, FILE, token("ada", "a-session", "1~2"))
