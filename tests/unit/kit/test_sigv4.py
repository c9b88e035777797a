"""Signatures against the examples that AWS publishes."""

from datetime import UTC, datetime

import pytest

from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess

AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
# The suite `aws-sig-v4-test-suite`: everybody's example credentials.
ACCESS = AwsAccess(
    "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "https://unused"
)
HOST = "https://example.amazonaws.com"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
VECTORS = [
    ("GET", "/", VANILLA),
    ("GET", "/?Param2=value2&Param1=value1",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "signature"), VECTORS)
def test_a_signature_is_the_published_one(method: str, path: str, signature: str):
    headers = Signer(ACCESS, "service").headers(method, HOST + path, b"", {}, AT)
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def test_the_example_of_the_guide_with_a_header_of_its_own():
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    given = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    headers = Signer(ACCESS, "iam").headers("GET", url, b"", given, AT)
    assert headers["Authorization"].endswith(
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


def test_what_is_changed_changes_the_signature():
    signer = Signer(ACCESS, "service")
    one = signer.headers("POST", f"{HOST}/@connections/ab%2Fc%3D", b"hello", {}, AT)
    other = signer.headers("POST", f"{HOST}/@connections/ab%2Fc%3D", b"hellO", {}, AT)
    assert one["Authorization"] != other["Authorization"]


def test_a_path_is_signed_encoded_twice():
    """RFC 3986 encoding of what is encoded already: only S3 signs paths as they are."""
    signer = Signer(ACCESS, "service")
    once = signer.headers("GET", f"{HOST}/a%20b", b"", {}, AT)
    twice = signer.headers("GET", f"{HOST}/a%2520b", b"", {}, AT)
    assert once["Authorization"] != twice["Authorization"]


def test_a_session_token_is_signed_too_and_no_secret_shows():
    access = AwsAccess("AKID", "the-secret", "the-token", "us-east-1", "https://unused")
    headers = Signer(access, "lambda").headers("GET", HOST, b"", {}, AT)
    assert headers["X-Amz-Security-Token"] == "the-token"
    assert "x-amz-security-token" in headers["Authorization"]
    assert "the-secret" not in repr(access) + str(headers)
