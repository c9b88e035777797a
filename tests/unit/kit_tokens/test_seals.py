import json

import pytest
from cryptography.exceptions import InvalidTag

from backend.kit.tokens.seals import open_seal, seal
from tests import device
from tests.device import b64

KEY, OTHER = b"s" * 32, b"o" * 32


def test_what_is_sealed_opens_on_the_device_that_asked() -> None:
    sealed = seal({"rjti": "r", "secret": 1}, KEY, "kid-1")
    assert open_seal(sealed, KEY, "kid-1", rjti="r")["secret"] == 1
    assert device.open_seal(sealed, KEY, "kid-1")["secret"] == 1
    assert "secret" not in sealed


def test_another_device_cannot_open_it() -> None:
    sealed = seal({"rjti": "r"}, KEY, "kid-1")
    with pytest.raises(ValueError, match="another key"):
        open_seal(sealed, OTHER, "kid-1", rjti="r")
    with pytest.raises(InvalidTag):
        device.open_seal(sealed, OTHER, "kid-1")


def test_the_answer_to_another_request_is_not_taken() -> None:
    with pytest.raises(ValueError, match="another request"):
        open_seal(seal({"rjti": "old"}, KEY, "kid-1"), KEY, "kid-1", rjti="new")


@pytest.mark.parametrize("changed", [{"typ": "JWT"}, {"kid": "kid-2"}, {"zip": "DEF"}])
def test_another_header_is_not_taken(changed: dict[str, str]) -> None:
    header, *rest = seal({"rjti": "r"}, KEY, "kid-1").split(".")
    other = b64(json.dumps(json.loads(device.unb64(header)) | changed).encode())
    with pytest.raises(ValueError, match="header"):
        open_seal(".".join([other, *rest]), KEY, "kid-1", rjti="r")


def test_what_is_no_jwe_is_not_taken() -> None:
    with pytest.raises(ValueError, match="compact"):
        open_seal("a.b.c", KEY, "kid-1", rjti="r")
