"""Give each service its own part of the keys: `python -m deploy.keys <folder>`.

Reads the keys of the house (made when there are none yet) and writes `<folder>/<service>/keys.json`
for each service and the UI. Nothing that exists is overwritten.
"""

import json
import sys
from pathlib import Path

from backend.kit.keyring import Keyring, KeyringError, part_of, write_keys
from backend.kit.settings import Settings
from backend.kit.tokens.schedule import AUDIENCES


def main(folder: Path) -> int:
    """Split the keys, and return an exit code."""
    source = Settings.from_environment().data_dir / "keys.json"
    Keyring.open(source)
    stored = json.loads(source.read_bytes())
    for service in AUDIENCES:
        try:
            write_keys(folder / service / "keys.json", part_of(stored, service))
        except FileExistsError:
            print(f"· {service} has its keys already")
        else:
            print(f"· {service} has its keys")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and one folder
        sys.exit(__doc__)
    try:
        sys.exit(main(Path(sys.argv[1])))
    except KeyringError as problem:
        sys.exit(str(problem))
