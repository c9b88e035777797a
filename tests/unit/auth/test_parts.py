"""The features of auth are one object: one would take from another what is named alike."""

from collections import defaultdict

from backend.auth.service import AuthService


def test_no_two_features_share_a_name():
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for feature in AuthService.__mro__[1:-1]:
        for name in vars(feature):
            if not name.startswith("__"):
                owners[name].append(feature.__name__)
    assert "sign_in" in owners, "there is something to compare"
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}
