"""What second factors are made of, held against what is published."""

import base64

import pytest

from backend.auth.service.certainty import acr_of, joined
from backend.auth.service.totp import STEP_SECONDS, code_at

SECRET = base64.b32encode(b"12345678901234567890").decode()
PUBLISHED = (
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
)
"""RFC 6238, appendix B, SHA-1: eight digits, of which ours are the last six."""


@pytest.mark.parametrize(("at", "code"), PUBLISHED)
def test_codes_are_those_of_rfc_6238(at: int, code: str):
    assert code_at(SECRET, at // STEP_SECONDS).decode() == code[-6:]


@pytest.mark.parametrize(
    ("amr", "acr"),
    [
        ("pwd", "std"),
        ("fed", "std"),
        ("pwd otp mfa", "high"),
        ("pop mfa", "high"),
        ("pop", "std"),
        ("dev", "low"),
        ("dev pwd", "std"),
        ("", "low"),
    ],
)
def test_how_sure_a_session_is(amr: str, acr: str):
    assert acr_of(amr) == acr


def test_methods_are_said_once_in_their_order():
    assert joined("pwd otp mfa", "pop mfa") == "pwd otp mfa pop"
