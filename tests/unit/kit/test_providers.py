"""What a configuration of providers may say."""

import json
from typing import Any

import pytest

from backend.kit.oauth.providers import ProviderConfigError, read_providers
from backend.kit.settings import SettingError, Settings

OURS = {"client_id": "us", "client_secret": "hunter2"}
WORK = {**OURS, "issuer": "https://id.example.org"}
OTHER = {
    **WORK,
    "kind": "oauth2",
    "authorize_url": "https://id.example.org/a",
    "token_url": "https://id.example.org/t",
    "user_url": "https://id.example.org/u",
}


def read(**entries: dict[str, Any]) -> dict[str, Any]:
    return dict(read_providers(json.dumps(entries)))


def test_nothing_is_no_provider():
    assert read_providers("") == read_providers(" ") == read_providers("{}") == {}


def test_what_is_known_is_filled_in_and_may_be_said_otherwise():
    found = read(google=OURS, reddit={**OURS, "sign_up": False}, imgur=OURS, work=WORK)
    assert list(found) == ["google", "reddit", "imgur", "work"]
    assert all(found[name].is_complete for name in ("google", "reddit", "imgur"))
    assert not found["work"].is_complete
    assert (found["reddit"].client_auth, found["reddit"].sign_up) == ("client_secret_basic", False)
    assert found["reddit"].user_agent.startswith("web:")
    assert (found["imgur"].label, found["work"].label) == ("imgur", "Work")
    assert found["google"].algorithms == ("RS256",)


def test_what_is_fresh_certainty_follows_from_the_kind_unless_it_is_said():
    found = read(google=OURS, reddit=OURS, imgur=OURS, work=WORK, other=OTHER)
    told = {name: provider.confirms for name, provider in found.items()}
    assert told == {
        "google": "auth_time",
        "reddit": "return",
        "imgur": "return",
        "work": "auth_time",
        "other": "return",
    }
    assert found["work"].ask_anew == {"prompt": "login", "max_age": "0"}
    assert found["google"].ask_anew["prompt"] == "select_account"
    assert json.loads(found["google"].ask_anew["claims"])["id_token"]["auth_time"]["essential"]
    assert found["reddit"].ask_anew == {}
    said = read(google={**OURS, "confirms": "return"}, reddit={**OURS, "confirms": "no"})
    assert [provider.confirms for provider in said.values()] == ["return", "no"]
    with pytest.raises(ProviderConfigError, match="oauth2 knows no auth_time"):
        read(reddit={**OURS, "confirms": "auth_time"})


def test_no_provider_is_asked_for_an_address():
    for provider in read(google=OURS, reddit=OURS, imgur=OURS, work=WORK).values():
        assert "email" not in provider.scopes


def test_the_secret_is_not_in_its_text():
    google = read(google=OURS)["google"]
    assert google.client_secret == "hunter2"
    assert (
        "hunter2" not in f"{google} {google!r} {Settings(providers=json.dumps({'google': OURS}))}"
    )


@pytest.mark.parametrize(
    "entries",
    [
        {"work": OURS},
        {"work": {"issuer": "https://id.example.org"}},
        {"work": {**WORK, "colour": "red"}},
        {"work": {**WORK, "issuer": "http://id.example.org"}},
        {"work": {**WORK, "token_url": "http://id.example.org/token"}},
        {"work": {**WORK, "algorithms": ["none"]}},
        {"work": {**WORK, "algorithms": []}},
        {"work": {**WORK, "client_auth": "none"}},
        {"work": {**WORK, "kind": "oauth2"}},
        {"work": {**OTHER, "user_url": ""}},
        {"Work!": WORK},
        {"w": WORK},
        {"../callback": WORK},
    ],
    ids=str,
)
def test_a_configuration_that_makes_no_sense_is_refused(entries: dict[str, Any]):
    assert read(work=WORK)
    assert read(work=OTHER)
    with pytest.raises(ProviderConfigError) as refused:
        read(**entries)
    assert "hunter2" not in str(refused.value)


def test_what_is_no_json_is_not_quoted():
    with pytest.raises(SettingError) as refused:
        Settings(providers='{"google": hunter2').check()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("origin", ["https://chat.example.org", "http://192.168.0.7:3000"])
def test_pretended_providers_are_for_this_machine_only(origin: str):
    Settings(fake_providers=4000).check()
    Settings(fake_providers=4000, public_origin="http://127.0.0.1:3000").check()
    with pytest.raises(SettingError, match="localhost"):
        Settings(fake_providers=4000, public_origin=origin).check()
    with pytest.raises(SettingError, match="port"):
        Settings(fake_providers=-1).check()
