"""How processes tell each other what ended."""

from backend.kit.clock import ManualClock
from backend.kit.ids import SessionId, UserId
from backend.kit.tokens.revocations import Revocations, epoch_owner, names_key

ADA, BEN = SessionId("ada"), SessionId("ben")


def test_marks_are_heard_once_each_by_who_listens(clock: ManualClock) -> None:
    revocations, heard = Revocations(clock), list[str]()
    stop = revocations.listen_to_marks(heard.append)
    for _ in range(2):
        revocations.revoke_session(ADA)
        revocations.raise_epoch(UserId("u"), 1)
        revocations.drop_key("k")
    assert heard == ["ada", "epoch:u:1", "key:k"]
    assert sorted(revocations.list_marks()) == sorted(heard)
    stop()
    revocations.drop_key("l")
    assert len(heard) == 3


def test_another_process_knows_what_it_hears(clock: ManualClock) -> None:
    here, there = Revocations(clock), Revocations(clock)
    here.listen_to_marks(there.hear)
    here.revoke_session(ADA)
    here.raise_epoch(UserId("a:b"), 2)
    here.drop_key("k:l")
    assert there.is_revoked(ADA)
    assert not there.is_revoked(BEN)
    assert there.is_outdated(UserId("a:b"), 1)
    assert not there.is_outdated(UserId("a:b"), 2)
    assert there.is_dropped("k:l")
    assert not there.is_dropped("k")
    assert sorted(there.list_marks()) == sorted(here.list_marks())


def test_marks_say_what_they_end() -> None:
    assert epoch_owner("epoch:a:b:7") == "a:b"
    assert epoch_owner("key:a:b") is None
    assert epoch_owner("ada") is None
    assert names_key("key:k")
    assert not names_key("epoch:key:7")
    assert not names_key("keys")


def test_a_session_is_forgotten_when_nothing_of_it_can_be_left(clock: ManualClock) -> None:
    revocations = Revocations(clock)
    for name in ("a", "b", "c"):
        revocations.revoke_session(SessionId(name))
        clock.advance(600)
    revocations.revoke_session(SessionId("d"))
    assert sorted(revocations.list_marks()) == ["c", "d"]
