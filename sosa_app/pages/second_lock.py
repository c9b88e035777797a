"""What is said about second factors: when signing in, before a delicate change, in the settings."""

from typing import Any

_SHOWN: dict[str, Any] = {
    "show": "Show",
    "hide": "Hide",
    "busy": "Trying the lock…",
    "none": "Your second lock is a passkey, and this browser has none to offer. Please come in"
    " with another one.",
    "passkey": {
        "about": "Your passkey, please. A finger, a face, a PIN: whatever it likes to be asked by.",
        "submit": "Use my passkey",
        "instead": "Use a passkey instead",
    },
    "totp": {
        "about": "Open the app on your phone. It has six digits for us.",
        "label": "Code from your app",
        "submit": "That is the one",
        "instead": "Use a code from my app",
    },
    "recovery_code": {
        "about": "One of the codes that you put away for a day like this. Each works once.",
        "label": "Recovery code",
        "submit": "Let me back in",
        "instead": "Use a recovery code",
    },
}

SECOND_FACTOR: dict[str, Any] = {
    **_SHOWN,
    "title": "One more lock",
    "said": "The first one is open. You put a second one on this account.",
}

STEP_UP: dict[str, Any] = {
    **_SHOWN,
    "title": "Is it still you?",
    "about": "This could lock you out of your own tent, so we ask again.",
    "cancel": "Never mind",
    "none": "Your account opens through another house, and we cannot ask there from here. Sign out"
    " and in again, and you have ten minutes for this.",
    "elsewhere": "Your account opens through another house, so they have to say that it is you."
    " Afterwards you are right back here.",
    "ask": "Ask {name}",
    "going": "Off to {name}…",
    "confirmed": "That is you! You have ten minutes; now once more, what was it you wanted?",
    "password": {
        "about": "Your password, once more.",
        "label": "Password",
        "submit": "It is me",
        "instead": "Use my password",
    },
}

_REMOVAL = {
    "remove": "Remove",
    "remove_really": "Yes, remove it",
    "remove_not": "Keep it",
}

SECOND_LOCK: dict[str, Any] = {
    "title": "A second lock",
    "about": "With a second lock, knowing your password is not enough to be you. It costs nothing"
    " but a moment.",
    "wait": "Rattling the locks…",
    "passkeys": {
        **_REMOVAL,
        "title": "Passkeys",
        "about": "A key in your phone, computer or pocket. It signs you in by itself, and no fake"
        " page can talk it out of you.",
        "unable": "This browser has no passkeys, or not at this address.",
        "add": "Add a passkey",
        "name": "Name of the passkey",
        "rename": "Rename",
        "keep": "Keep",
        "made": "Made",
        "last_used": "Last used",
        "backed_up": "copied to your other devices",
    },
    "app": {
        **_REMOVAL,
        "title": "Codes from an app",
        "about": "Any authenticator app will do. Six digits, new every half minute.",
        "since": "In use since",
        "add": "Set up an app",
        "picture": "QR code for your authenticator app; the same secret is written beside it",
        "scan": "Scan this with your authenticator app, then type the code that it shows.",
        "by_hand": "No camera at hand? Type this in:",
        "open": "or open the app on this device",
        "code": "Code from your app",
        "confirm": "Lock it",
        "busy": "Turning the key…",
        "cancel": "Not now",
    },
    "codes": {
        "title": "Recovery codes",
        "about": "For the day your phone falls into the river. Put them where the river is not.",
        "left": "Unused:",
        "make": "Make recovery codes",
        "renew": "Make new ones",
        "once": "Here they are, this one time only. Any from before are worthless now.",
        "copy": "Copy",
        "copied": "Copied!",
        "save": "Save as a file",
        "file_name": "sosa-recovery-codes.txt",
        "file_head": "Recovery codes for SoSa. Each works once.",
        "done": "They are safe",
    },
}
