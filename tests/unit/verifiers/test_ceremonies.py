"""What a browser is asked of a passkey, and which of its answers are good."""

import json
from dataclasses import replace
from typing import Any

import pytest

from backend.auth import models
from backend.auth.contract import BadFactorError
from backend.auth.service.ceremonies import Ceremonies
from backend.kit.clock import ManualClock, utc
from tests.authenticator import BACKED_UP, BACKUP_ELIGIBLE, PRESENT, Authenticator
from tests.device import b64

ORIGIN = "https://sosa.example:8443"
CHALLENGE, OTHER = b"c" * 32, b"o" * 32
HERE = Ceremonies(ORIGIN)


@pytest.fixture
def user(clock: ManualClock) -> models.User:
    return models.User(
        id="id-of-ada", username="Ada", username_key="ada", state="active", epoch=0,
        age_band="18_plus", created=utc(clock),
    )  # fmt: skip


@pytest.fixture
def stick() -> Authenticator:
    return Authenticator(ORIGIN, "sosa.example")


def made(stick: Authenticator, user: models.User) -> models.Passkey:
    """The stick's passkey as it is kept."""
    kept = HERE.check_made(stick.create(HERE.creation_options(user, (), CHALLENGE)), CHALLENGE)
    return models.Passkey(
        id="p-1", user_id=user.id, credential_id=kept.credential_id, public_key=kept.public_key,
        sign_count=kept.sign_count, is_backed_up=kept.is_backed_up, transports=kept.transports,
        name="", created=user.created, last_used=None,
    )  # fmt: skip


def asked(*, must_verify: bool = True, challenge: bytes = CHALLENGE) -> str:
    return HERE.request_options((), challenge, must_verify=must_verify)


def refused(answer: str, passkey: models.Passkey, *, must_verify: bool = True) -> None:
    with pytest.raises(BadFactorError):
        HERE.check_used(answer, CHALLENGE, passkey, must_verify=must_verify)


def test_a_browser_is_asked_for_a_passkey_that_signs_in_by_itself(user: models.User):
    options = json.loads(HERE.creation_options(user, (b64(b"taken"),), CHALLENGE))
    assert options.pop("pubKeyCredParams")
    assert options == {
        "rp": {"id": "sosa.example", "name": "SoSa"},
        "user": {"id": b64(b"id-of-ada"), "name": "Ada", "displayName": "Ada"},
        "challenge": b64(CHALLENGE),
        "timeout": 300_000,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "preferred",
        },
        "excludeCredentials": [{"id": b64(b"taken"), "type": "public-key"}],
    }


@pytest.mark.parametrize(("must_verify", "said"), [(True, "required"), (False, "preferred")])
def test_a_browser_is_asked_for_a_passkey(said: str, *, must_verify: bool):
    options = json.loads(HERE.request_options((b64(b"own"),), CHALLENGE, must_verify=must_verify))
    assert options == {
        "challenge": b64(CHALLENGE),
        "timeout": 300_000,
        "rpId": "sosa.example",
        "allowCredentials": [{"id": b64(b"own"), "type": "public-key"}],
        "userVerification": said,
    }


def test_what_is_kept_of_a_new_passkey(user: models.User, stick: Authenticator):
    stick = replace(stick, count=7, flags=stick.flags | BACKUP_ELIGIBLE | BACKED_UP)
    answer = json.loads(stick.create(HERE.creation_options(user, (), CHALLENGE)))
    answer["response"]["transports"] = ["internal", "hybrid"]
    kept = HERE.check_made(json.dumps(answer), CHALLENGE)
    assert kept.credential_id == b64(stick.credential_id)
    assert (kept.sign_count, kept.is_backed_up, kept.transports) == (7, True, "internal hybrid")
    del answer["response"]["transports"]
    assert HERE.check_made(json.dumps(answer), CHALLENGE).transports == ""
    assert not made(Authenticator(ORIGIN, "sosa.example"), user).is_backed_up


@pytest.mark.parametrize(("length", "is_good"), [(1_023, True), (1_024, False)])
def test_the_id_of_a_passkey_has_an_end(
    user: models.User, stick: Authenticator, length: int, *, is_good: bool
):
    stick.credential_id = b"i" * length
    answer = stick.create(HERE.creation_options(user, (), CHALLENGE))
    if is_good:
        assert HERE.check_made(answer, CHALLENGE).credential_id == b64(b"i" * length)
        return
    with pytest.raises(BadFactorError):
        HERE.check_made(answer, CHALLENGE)


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://sosa.example"},
        {"challenge": b64(OTHER)},
        {"crossOrigin": True},
        {"type": "webauthn.get"},
    ],
    ids=str,
)
def test_a_passkey_made_for_something_else_is_refused(
    user: models.User, stick: Authenticator, bent: dict[str, Any]
):
    options = HERE.creation_options(user, (), CHALLENGE)
    assert HERE.check_made(stick.create(options), CHALLENGE)
    with pytest.raises(BadFactorError):
        HERE.check_made(stick.create(options, **bent), CHALLENGE)


def test_a_passkey_made_for_another_house_is_refused(user: models.User, stick: Authenticator):
    options = HERE.creation_options(user, (), CHALLENGE)
    with pytest.raises(BadFactorError):
        HERE.check_made(replace(stick, party="evil.example").create(options), CHALLENGE)


@pytest.mark.parametrize("answer", ["", "null", "{}", "[", '{"id": 1}', '{"id": "a"}'])
def test_what_is_no_answer_is_refused(user: models.User, stick: Authenticator, answer: str):
    passkey = made(stick, user)
    refused(answer, passkey)
    with pytest.raises(BadFactorError):
        HERE.check_made(answer, CHALLENGE)
    with pytest.raises(BadFactorError):
        HERE.credential_id_of(answer)


def test_a_use_is_told_as_it_was(user: models.User, stick: Authenticator):
    stick.count = 3
    passkey = made(stick, user)
    answer = stick.get(asked())
    assert HERE.credential_id_of(answer) == passkey.credential_id
    used = HERE.check_used(answer, CHALLENGE, passkey, must_verify=True)
    assert (used.sign_count, used.is_verified, used.is_backed_up) == (4, True, False)
    stick.flags |= BACKUP_ELIGIBLE | BACKED_UP
    used = HERE.check_used(stick.get(asked()), CHALLENGE, passkey, must_verify=True)
    assert (used.sign_count, used.is_backed_up) == (5, True)


def test_an_owner_who_was_not_made_sure_of_will_do_only_where_that_is_enough(
    user: models.User, stick: Authenticator
):
    passkey = made(stick, user)
    stick.flags = PRESENT
    answer = stick.get(asked(must_verify=False))
    used = HERE.check_used(answer, CHALLENGE, passkey, must_verify=False)
    assert not used.is_verified
    refused(answer, passkey)


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"challenge": b64(OTHER)},
        {"crossOrigin": True},
        {"type": "webauthn.create"},
    ],
    ids=str,
)
def test_a_use_for_something_else_is_refused(
    user: models.User, stick: Authenticator, bent: dict[str, Any]
):
    passkey = made(stick, user)
    assert HERE.check_used(stick.get(asked()), CHALLENGE, passkey, must_verify=True)
    refused(stick.get(asked(), **bent), passkey)


def test_a_use_at_another_house_by_another_key_or_of_a_copy_is_refused(
    user: models.User, stick: Authenticator
):
    stick.count = 3
    passkey = made(stick, user)
    refused(replace(stick, party="evil.example").get(asked()), passkey)
    foreign = Authenticator(ORIGIN, "sosa.example", user_handle=stick.user_handle, count=5)
    foreign.credential_id = stick.credential_id
    refused(foreign.get(asked()), passkey)
    copy = replace(stick, count=1)
    refused(copy.get(asked()), passkey)


def test_a_passkey_is_of_its_owner(user: models.User, stick: Authenticator):
    passkey = made(stick, user)
    refused(replace(stick, user_handle=b"id-of-ben").get(asked()), passkey)
    silent = json.loads(stick.get(asked()))
    del silent["response"]["userHandle"]
    assert HERE.check_used(json.dumps(silent), CHALLENGE, passkey, must_verify=True)
