"""The manifest of profiles: which operations form which function."""

from backend.functions import Functions
from backend.kit.lambdas.manifest import Manifest
from backend.profiles.contract import Profiles

MANIFEST = Manifest(
    service="profiles",
    contract=Profiles,
    groups={
        "profiles": ("get_my_profile", "update_my_profile", "get_profiles", "list_identities"),
    },
)

_functions = Functions(MANIFEST)
http, internal = _functions.http, _functions.internal
