"""What is in a key file, and what each service gets of it."""

import json

import pytest

from backend.kit import key_files
from backend.kit.key_files import (
    KeyringError,
    add_services,
    fresh_keys,
    is_part,
    part_of,
    random_key,
    renew_part,
)
from backend.kit.keyring import Keyring
from backend.kit.tokens.schedule import AUDIENCES

PLACE = ("auth_password", "sealed_hash", "row-1")
KEY_CHARS = 43


def test_fresh_keys_are_keys_of_their_own() -> None:
    stored = fresh_keys()
    wraps = {name: keys.copy() for name, keys in stored["wrap_keys"].items()}
    identities = {name: keys.copy() for name, keys in stored["identities"].items()}
    assert {name: list(keys) for name, keys in wraps.items()} == {
        name: [f"{name}-1"] for name in AUDIENCES
    }
    assert {name: list(keys) for name, keys in identities.items()} == {
        name: [f"svc-{name}-1"] for name in AUDIENCES
    }
    keys = [*stored["mac_roots"].values(), *stored["keks"].values()]
    for group in (wraps, identities):
        keys += [key for named in group.values() for key in named.values()]
    assert len(set(keys)) == len(keys) == 2 + 2 * len(AUDIENCES)
    assert {len(key) for key in keys} == {KEY_CHARS}


def test_auth_gets_what_seals_its_columns_and_every_wrap_key() -> None:
    stored = fresh_keys()
    part = part_of(stored, "auth")
    for name in ("primary_kek", "keks", "mac_roots", "wrap_keys"):
        assert part[name] == stored[name]
    assert part["identities"] == {"auth": stored["identities"]["auth"]}
    assert Keyring(part).identity_keys() == Keyring(stored).identity_keys()


@pytest.mark.parametrize("service", ["ui", "profiles", "messaging", "community"])
def test_any_other_service_gets_its_own_keys_and_no_other(service: str) -> None:
    stored = fresh_keys()
    part = part_of(stored, service)
    assert part["wrap_keys"] == {service: stored["wrap_keys"][service]}
    assert part["identities"] == {service: stored["identities"][service]}
    text = json.dumps(part)
    kept_apart = [*stored["mac_roots"].values(), *stored["keks"].values()]
    for name in set(AUDIENCES) - {service}:
        kept_apart += [*stored["wrap_keys"][name].values(), *stored["identities"][name].values()]
    assert not any(secret in text for secret in kept_apart)
    ring, whole = Keyring(part), Keyring(stored)
    assert ring.identity(service).kid == whole.identity(service).kid
    assert ring.identity_keys() == whole.identity_keys()
    assert ring.open_sealed(*PLACE, ring.seal(*PLACE, b"own")) == b"own"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> int:
    """The time at which keys are made."""
    monkeypatch.setattr(key_files.time, "time", lambda: 1_800_000_000.9)
    return 1_800_000_000


def test_it_is_noted_when_keys_were_made(noon: int) -> None:
    stored = fresh_keys()
    assert stored["primary_kek"] == "1"
    assert (list(stored["keks"]), list(stored["mac_roots"])) == (["1"], ["1"])
    kids = [kid for name in AUDIENCES for kid in (f"{name}-1", f"svc-{name}-1")]
    assert set(stored["times"]) == {"kek 1", "root 1", *kids}
    assert all(when == {"made": noon} for when in stored["times"].values())


def test_services_that_a_file_is_older_than_are_given_keys(noon: int) -> None:
    stored = fresh_keys()
    assert add_services(stored) == []
    before = json.dumps(stored["wrap_keys"]["ui"])
    del stored["wrap_keys"]["messaging"], stored["identities"]["messaging"]
    del stored["identities"]["auth"], stored["times"]
    assert add_services(stored) == ["messaging", "auth"]
    assert json.dumps(stored["wrap_keys"]["ui"]) == before
    assert list(stored["wrap_keys"]["messaging"]) == ["messaging-1"]
    assert stored["times"] == {
        kid: {"made": noon} for kid in ("messaging-1", "svc-auth-1", "svc-messaging-1")
    }
    assert Keyring(stored).identity("messaging").kid == "svc-messaging-1"
    assert [when.made for when in Keyring(stored).times().values()].count(noon) == 3


def test_a_part_knows_itself_and_the_times_of_its_own_keys() -> None:
    stored = fresh_keys()
    for place, (kid, kind) in enumerate(
        (("ui-2", "wrap_keys"), ("svc-ui-2", "identities")), start=7
    ):
        stored[kind]["ui"][kid] = random_key()
        stored["times"][kid] = {"made": place, "starts": place}
    part = part_of(stored, "ui")
    assert (is_part(stored), is_part(part)) == (False, True)
    identities = {f"svc-{name}-1" for name in AUDIENCES}
    assert set(part["times"]) == {"kek 1", "root 1", "ui-1", "ui-2", "svc-ui-2", *identities}
    assert part["times"]["ui-2"] == {"made": 7, "starts": 7}
    assert part["times"]["svc-ui-2"] == {"made": 8, "starts": 8}
    assert set(part["registry"]) == {"svc-ui-2", *identities}
    whole = part_of(stored, "auth")
    assert set(whole["times"]) == set(stored["times"])
    del stored["times"]
    assert set(part_of(stored, "ui")["times"]) == {"kek 1", "root 1"}
    assert part_of(stored, "auth")["times"] == {}


def test_a_part_is_told_of_identities_that_its_house_was_told_of() -> None:
    house = fresh_keys()
    other = part_of(fresh_keys(), "auth")["registry"]["svc-auth-1"]
    house["registry"] = {"svc-elsewhere-1": other}
    assert part_of(house, "ui")["registry"]["svc-elsewhere-1"] == other


def test_a_part_takes_over_what_all_share_and_keeps_what_is_its_own() -> None:
    stored = fresh_keys()
    part = json.loads(json.dumps(part_of(stored, "ui")))
    part["times"] |= {"root 1": {"made": 5}, "gone-1": {"made": 5}}
    stored["identities"]["auth"]["svc-auth-2"] = random_key()
    stored["wrap_keys"]["ui"]["ui-2"] = random_key()
    newer = part_of(stored, "ui")
    renewed = renew_part(part, newer)
    for kind in ("primary_kek", "keks", "mac_roots"):
        assert renewed[kind] == part[kind]
    for kind in ("wrap_keys", "identities", "registry"):
        assert renewed[kind] == newer[kind]
    assert (renewed["wrap_keys"], renewed["registry"]) != (part["wrap_keys"], part["registry"])
    assert renewed["times"]["root 1"] == {"made": 5}
    assert set(renewed["times"]) == set(newer["times"])
    del part["times"], newer["times"]
    assert renew_part(part, newer)["times"] == {}
    with pytest.raises(KeyringError, match="another service"):
        renew_part(part, part_of(stored, "profiles"))
