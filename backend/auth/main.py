"""The manifest of auth: which operations form which function."""

from backend.auth.contract import Auth
from backend.functions import Functions
from backend.kit.lambdas.manifest import Manifest

MANIFEST = Manifest(
    service="auth",
    contract=Auth,
    groups={
        "entrance": ("begin", "register", "sign_in"),
        "factors": (
            "show_factor",
            "get_locks",
            "begin_totp",
            "confirm_totp",
            "remove_totp",
            "make_recovery_codes",
        ),
        "passkeys": (
            "ask_for_passkey",
            "sign_in_with_passkey",
            "begin_passkey",
            "add_passkey",
            "rename_passkey",
            "remove_passkey",
        ),
        "stepups": ("get_step_up_methods", "ask_for_step_up_passkey", "step_up"),
        "elsewhere": (
            "list_providers",
            "complete",
            "accept",
            "list_linked",
            "start_link",
            "link",
            "unlink",
            "leave_to_confirm",
            "confirm_by_provider",
        ),
        "sessions": (
            "refresh",
            "sign_in_by_device",
            "sign_out",
            "get_session",
            "list_sessions",
            "revoke_session",
        ),
        "security": (
            "revoke_other_sessions",
            "sign_out_everywhere",
            "get_security_log",
            "count_unseen",
            "mark_seen",
        ),
        "governing": (
            "list_members_with_roles",
            "find_member",
            "grant_role",
            "revoke_role",
            "suspend_member",
            "ban_member",
            "unban_member",
            "get_first_run",
            "claim_house",
        ),
        "privacy": (
            "delete_account",
            "undelete",
            "export_data",
            "get_export",
            "download_export",
        ),
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
        "bots": ("make_bot", "list_bots", "renew_bot_secret", "revoke_bot", "get_bot_tokens"),
        "tickets": ("get_ticket", "get_jwks"),
    },
)

_functions = Functions(MANIFEST)
http, internal = _functions.http, _functions.internal
