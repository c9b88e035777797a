"""The manifest of auth: which operations form which function."""

from backend.auth.contract import Auth
from backend.functions import Functions
from backend.kit.lambdas.manifest import Manifest

MANIFEST = Manifest(
    service="auth",
    contract=Auth,
    groups={
        "entrance": ("begin", "register", "sign_in"),
        "sessions": ("refresh", "sign_out", "get_session", "list_sessions", "revoke_session"),
        "devices": ("list_devices", "rename_device", "revoke_device"),
        "bots": ("make_bot", "list_bots", "renew_bot_secret", "revoke_bot", "get_bot_tokens"),
        "tickets": ("get_ticket", "get_jwks"),
    },
)

_functions = Functions(MANIFEST)
http, internal = _functions.http, _functions.internal
