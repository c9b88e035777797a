"""What the settings say of devices, the security log and one's data."""

SECURITY = {
    "title": "What happened here",
    "about": "Every time somebody came in, left, or turned a key of yours. Nobody can take a line"
    " out without it showing.",
    "broken": "A line of this log is not as we wrote it. Please tell whoever minds this house.",
    "more": "Show what was before",
    "by_house": "by somebody who minds the house",
    "events": {
        "signed_in": "Came in",
        "signed_out": "Signed out",
        "session_ended": "A session was ended",
        "others_ended": "Everybody else was signed out",
        "all_ended": "Signed out everywhere",
        "oldest_ended": "The oldest sign-in was ended",
        "device_revoked": "A device was signed out",
        "device_renamed": "A device got a new name",
        "copy_detected": "Somebody used a copy of your sign-in, so we ended it",
        "password_changed": "The password was changed",
        "role_granted": "You were given a role",
        "role_revoked": "A role was taken back",
        "suspended": "You were asked to stay away for a while",
        "banned": "You were asked to leave",
        "let_in_again": "You were let in again",
        "deletion_asked": "You asked us to forget you",
        "deletion_cancelled": "You decided to stay",
        "export_asked": "You asked for your data",
        "export_taken": "Your data was downloaded",
    },
}
MY_DATA = {
    "title": "Your things, and leaving",
    "about": "It is yours: take a copy of everything, or have us forget it.",
    "export_title": "Take a copy",
    "export_about": "Everything we keep of you, as files in a zip. Nobody else's words are in it.",
    "export_ask": "Pack my things",
    "export_working": "Packing… this page tells you when it is done.",
    "export_ready": "Packed. You can take it until",
    "export_take": "Download",
    "leave_title": "Leave for good",
    "leave_about": "You are signed out everywhere at once. For fourteen days you can sign in and"
    " change your mind; then your account is gone, and what you wrote stays without a name.",
    "leave_ask": "Delete my account…",
    "leave_sure": "Type your username, so that we know that you mean it",
    "leave_pattern": "Exactly your username",
    "leave_do": "Delete it",
    "leave_not": "Rather not",
}
