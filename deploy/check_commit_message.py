"""Refuse a commit whose subject does not read `area: Do the thing.` (a commit-msg hook)."""

import re
import sys
from pathlib import Path

SUBJECT = re.compile(r"^[a-z][a-z ]{1,18}: [A-Z].{1,60}[^ ]$")
MADE_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def is_good(subject: str) -> bool:
    """Return whether the subject names its area and says, in the imperative, what is done."""
    return bool(SUBJECT.match(subject)) or subject.startswith(MADE_BY_GIT)


def main(file: str) -> int:
    """Check the message in the file; the answer is an exit code."""
    subject = Path(file).read_text(encoding="utf-8").partition("\n")[0]
    if is_good(subject):
        return 0
    print(
        "The subject should read like `rooms: Close the door behind the last one.`:\n"
        "lower-case area, colon, a capital letter, what the commit does; see CONTRIBUTING.md.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
