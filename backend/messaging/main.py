"""The manifest of messaging: which operations form which function, and the live door."""

from backend.functions import Functions
from backend.kit.lambdas.manifest import Manifest
from backend.messaging.contract import Messaging

MANIFEST = Manifest(
    service="messaging",
    contract=Messaging,
    groups={
        "rooms": (
            "list_rooms",
            "list_messages",
            "list_replies",
            "list_pins",
            "list_revisions",
            "list_online",
        ),
        "sending": ("send", "change"),
        "files": (
            "begin_uploads",
            "finish_upload",
            "describe_file",
            "drop_file",
            "open_files",
        ),
    },
    has_live_door=True,
)

_functions = Functions(MANIFEST)
http, internal, live = _functions.http, _functions.internal, _functions.live
