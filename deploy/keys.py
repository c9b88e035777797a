"""Give each service its own part of the keys: `sosa keys split <folder>`.

Reads the keys of the house (made when there are none yet) and writes `<folder>/<service>/keys.json`
for each service and the UI. Nothing that exists is overwritten.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from backend.kit.keyring import Keyring, KeyringError, part_of, write_keys
from backend.kit.settings import SettingError, Settings
from backend.kit.tokens.schedule import AUDIENCES


def main(words: Sequence[str]) -> int:
    """Do what the words say, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa keys", description=__doc__)
    doing = parser.add_subparsers(dest="what", required=True)
    split = doing.add_parser("split", help="give each service its own part")
    split.add_argument("folder", type=Path, help="where each service has a folder of its own")
    try:
        _split(parser.parse_args(words).folder)
    except (KeyringError, SettingError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _split(folder: Path) -> None:
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


if __name__ == "__main__":
    sys.exit(main(["split", *sys.argv[1:]]))
