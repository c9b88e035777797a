"""The keys of the house: `sosa keys <command>`. The house may run meanwhile.

    split <folder>   give each service its own part, as <folder>/<service>/keys.json
    status           which keys there are, and what is sealed under which
    rotate-signing   have a new key sign access tokens, a quarter of an hour from now
    rotate-kek       have a new key seal what is stored
    rewrap           seal anew what is under older keys (the house does it too, slowly)
    drop-kek <name>  take away an older key that nothing is under any more
    emergency        drop every signing key at once: nobody believes a token of before

What `split` finds is not overwritten.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from backend.kit.errors import SosaError
from backend.kit.key_changes import add_kek, drop_kek
from backend.kit.keyring import Keyring, KeyringError, part_of, write_keys
from backend.kit.settings import SettingError, Settings
from backend.kit.tokens.schedule import AUDIENCES
from backend.operating import open_auth


def main(words: Sequence[str]) -> int:
    """Do what the words say, and return an exit code."""
    asked = _parser().parse_args(words)
    try:
        _do(Settings.from_environment(), asked)
    except (SettingError, KeyringError, SosaError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sosa keys",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doing = parser.add_subparsers(dest="what", required=True, metavar="command")
    doing.add_parser("split").add_argument("folder", type=Path)
    for name in ("status", "rotate-signing", "rotate-kek", "rewrap", "emergency"):
        doing.add_parser(name)
    doing.add_parser("drop-kek").add_argument("name")
    return parser


def _do(settings: Settings, asked: argparse.Namespace) -> None:
    match asked.what:
        case "status":
            asyncio.run(show_status(settings))
        case "rotate-signing":
            asyncio.run(rotate_signing(settings))
        case "rotate-kek":
            print(f"· key {add_kek(_file(settings), time.time())} seals from now on")
        case "rewrap":
            asyncio.run(rewrap(settings))
        case "drop-kek":
            asyncio.run(drop(settings, asked.name))
        case "emergency":
            asyncio.run(drop_signing_keys(settings))
        case _:
            split(settings, asked.folder)


def split(settings: Settings, folder: Path) -> None:
    """Give each service its own part of the keys of the house, made when there are none yet."""
    source = settings.data_dir / "keys.json"
    Keyring.open(source)
    stored = json.loads(source.read_bytes())
    for service in AUDIENCES:
        try:
            write_keys(folder / service / "keys.json", part_of(stored, service))
        except FileExistsError:
            print(f"· {service} has its keys already")
        else:
            print(f"· {service} has its keys")


async def show_status(settings: Settings) -> None:
    """Say which keys there are. No key is shown."""
    async with open_auth(settings) as auth:
        for kid, state, since in await auth.signing.list_states():
            print(f"· signing key {kid} is {state} since {since:%Y-%m-%d %H:%M} UTC")
        counts = await auth.rewrapping.count()
        primary = auth.core.parts.keyring.primary_kek
    for name in sorted({primary, *counts}):
        seals = ", and seals what is new" if name == primary else ""
        print(f"· key {name} has {counts[name]} values under it{seals}")


async def rotate_signing(settings: Settings) -> None:
    """Publish the next signing key; the house has it sign when everybody knows it."""
    async with open_auth(settings) as auth:
        await auth.signing.rotate()
    print("· the next signing key is published, and signs in 15 minutes")


async def rewrap(settings: Settings) -> None:
    """Seal everything under the present key."""
    async with open_auth(settings) as auth:
        left = await auth.rewrapping.finish(_tell_left)
    if left:
        raise KeyringError(f"{left} values do not open under any key, and stay as they are.")
    print("· everything is under the present key")


async def drop(settings: Settings, name: str) -> None:
    """Take an older key away. Raises KeyringError while something is under it."""
    async with open_auth(settings) as auth:
        count = (await auth.rewrapping.count())[name]
    if count:
        raise KeyringError(f"{count} values are still under key {name}. First: rewrap")
    drop_kek(_file(settings), name, time.time())
    print(f"· key {name} is gone")


async def drop_signing_keys(settings: Settings) -> None:
    """Refuse every access token there is; whoever is signed in gets new ones by themselves."""
    async with open_auth(settings) as auth:
        dropped = await auth.signing.drop_all()
        for kid in dropped:
            auth.core.parts.revocations.drop_key(kid)
    print(f"· {len(dropped)} signing keys are dropped, and a new one signs")


def _tell_left(count: int) -> None:
    print(f"· {count} values to go")


def _file(settings: Settings) -> Path:
    if settings.keys:
        raise KeyringError("The keys are in a variable here: change them where that is kept.")
    return settings.data_dir / "keys.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
