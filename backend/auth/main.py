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
        "recovery": ("verify", "ask_reset", "check_pin", "set_new_password"),
        "credentials": (
            "change_password",
            "get_email",
            "change_email",
            "confirm_email",
            "remove_email",
            "stop_notices",
        ),
        "tickets": ("get_ticket", "get_jwks"),
    },
)

_functions = Functions(MANIFEST)
http, internal = _functions.http, _functions.internal
