from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.kit.tokens.schedule import AUDIENCES, derive
from tests import device

SECRET, SALT = bytes(range(32)), bytes(range(32, 64))


def test_both_sides_derive_the_same_keys() -> None:
    ours, theirs = derive(SECRET, SALT), device.derive(SECRET, SALT)
    assert (ours.kid, ours.seal_key) == (theirs.kid, theirs.seal)
    assert dict(ours.proof_keys) == theirs.proof


def test_the_verifier_of_a_sign_in_elsewhere_follows_from_the_secret_too() -> None:
    info = HKDF(algorithm=SHA256(), length=32, salt=SALT, info=b"sosa/1 pkce")
    assert derive(SECRET, SALT).code_verifier == device.b64(info.derive(SECRET))


def test_every_leaf_is_another() -> None:
    leaves = derive(SECRET, SALT)
    keys = [*leaves.proof_keys.values(), leaves.seal_key]
    assert len(set(keys)) == len(AUDIENCES) + 1
    assert SECRET not in keys


def test_another_salt_makes_other_keys() -> None:
    assert derive(SECRET, SALT).kid != derive(SECRET, SECRET).kid


def test_its_text_shows_no_key() -> None:
    leaves = derive(SECRET, SALT)
    assert repr(leaves) == f"Leaves(kid={leaves.kid!r})"
