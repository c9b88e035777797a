from backend.kit.tokens.schedule import AUDIENCES, derive
from tests import device

SECRET, SALT = bytes(range(32)), bytes(range(32, 64))


def test_both_sides_derive_the_same_keys() -> None:
    ours, theirs = derive(SECRET, SALT), device.derive(SECRET, SALT)
    assert (ours.kid, ours.seal_key) == (theirs.kid, theirs.seal)
    assert dict(ours.proof_keys) == theirs.proof


def test_every_leaf_is_another() -> None:
    leaves = derive(SECRET, SALT)
    keys = [*leaves.proof_keys.values(), leaves.seal_key]
    assert len(set(keys)) == len(AUDIENCES) + 1
    assert SECRET not in keys
    assert len(leaves.code_verifier) == 43


def test_another_salt_makes_other_keys() -> None:
    assert derive(SECRET, SALT).kid != derive(SECRET, SECRET).kid


def test_its_text_shows_no_key() -> None:
    leaves = derive(SECRET, SALT)
    assert repr(leaves) == f"Leaves(kid={leaves.kid!r})"
