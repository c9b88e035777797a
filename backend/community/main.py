"""The manifest of community: which operations form which function."""

from backend.community.contract import Communities
from backend.functions import Functions
from backend.kit.lambdas.manifest import Manifest

MANIFEST = Manifest(
    service="community",
    contract=Communities,
    groups={"communities": ("list_communities",)},
)

_functions = Functions(MANIFEST)
http, internal = _functions.http, _functions.internal
