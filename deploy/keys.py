"""The keys of the house: `sosa keys [command]`. The house may run meanwhile.

    status                which keys there are, how old, and what rotates them; the default
    rotate-signing        have a new key sign access tokens, a quarter of an hour from now
    rotate-kek            have a new key seal what is stored
    rewrap                seal anew what is under older keys (the house does it too, slowly)
    drop-kek <name>       take away an older key that nothing is under any more
    rotate-root           have a new root make keyed hashes
    rekey                 make those anew that can be (the house does it too, slowly)
    drop-root <name>      take away an older root that nothing is under any more
    rotate-wrap [...]     have new keys tell services the keys of devices: all services, or some
    rotate-identity [...] have services prove themselves with new keys: all, or some
    drop <name>           take away a wrap key or an identity that was followed by another
    emergency             drop every signing key at once: nobody believes a token of before

    add                   give keys to services that the file is older than
    split <folder>        give each service its own part, as <folder>/<service>/keys.json
    sync <folder>         the same, and bring parts that are there up to date
    take <file>           where a service runs: take over what is new in a newer file of its part

What `split` finds is not overwritten. What `sync` and `take` find keeps its own column keys and
roots, which may have been rotated there.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from backend.kit import key_changes
from backend.kit.errors import SosaError
from backend.kit.key_files import FILE, KeyringError, part_of, write_keys
from backend.kit.keyring import Keyring
from backend.kit.settings import SettingError, Settings
from backend.kit.tokens.schedule import AUDIENCES
from backend.operating import open_auth
from deploy.key_list import Uses, show_keys

PENDING_MINUTES = 15
"""As long as the next signing key waits: time to give every part what is new."""


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
    parser.set_defaults(what="status")
    doing = parser.add_subparsers(dest="what", metavar="command")
    for name in ("status", "rotate-signing", "rotate-kek", "rewrap", "rekey", "emergency", "add"):
        doing.add_parser(name)
    for name in ("split", "sync"):
        doing.add_parser(name).add_argument("folder", type=Path)
    doing.add_parser("take").add_argument("file", type=Path)
    for name in ("drop", "drop-kek"):
        doing.add_parser(name).add_argument("name")
    dropping = doing.add_parser("drop-root")
    dropping.add_argument("name")
    dropping.add_argument(
        "--anyway", action="store_true", help="and lose what is under it: `status` says what"
    )
    for name in ("rotate-root", "rotate-wrap", "rotate-identity"):
        rotating = doing.add_parser(name)
        rotating.add_argument(
            "--after", type=float, default=PENDING_MINUTES, metavar="MINUTES",
            help=f"when the new key begins; {PENDING_MINUTES} unless told. Until then every part"
            " has to be given it",
        )  # fmt: skip
        if name != "rotate-root":
            rotating.add_argument("services", nargs="*", metavar="service")
    return parser


def _do(settings: Settings, asked: argparse.Namespace) -> None:
    match asked.what:
        case "split":
            split(settings, asked.folder)
        case "sync":
            sync(settings, asked.folder)
        case "take":
            is_new = key_changes.take_part(_file(settings), asked.file)
            print("· taken over" if is_new else "· nothing is new in it")
        case "add":
            added = key_changes.add_missing(_made(settings))
            print(f"· new keys for {', '.join(added)}" if added else "· every service has its keys")
        case "drop":
            key_changes.drop_key(_file(settings), asked.name, time.time())
            print(f"· key {asked.name} is gone")
        case "rotate-kek":
            name = key_changes.add_kek(_file(settings), time.time())
            print(f"· key {name} seals from now on")
        case "rotate-root" | "rotate-wrap" | "rotate-identity":
            rotate(settings, asked)
        case _:
            asyncio.run(_do_in_auth(settings, asked))


async def _do_in_auth(settings: Settings, asked: argparse.Namespace) -> None:
    match asked.what:
        case "rotate-signing":
            await rotate_signing(settings)
        case "rewrap":
            await rewrap(settings)
        case "drop-kek":
            await drop_kek(settings, asked.name)
        case "rekey":
            await rekey(settings)
        case "drop-root":
            await drop_root(settings, asked.name, is_forced=asked.anyway)
        case "emergency":
            await drop_signing_keys(settings)
        case _:
            await show_status(settings)


async def show_status(settings: Settings) -> None:
    """Say which keys there are. No key is shown."""
    async with open_auth(settings) as auth:
        keyring: Keyring = auth.core.parts.keyring
        try:
            uses = Uses(
                signing=await auth.signing.list_states(),
                sealed=await auth.rewrapping.count(),
                keyed={root: await auth.rekeying.count(root) for root in keyring.roots},
                leaves=auth.rekeying.leaves,
            )
        except DBAPIError:
            # Where parts are cut, there need be no database.
            print("The tables of auth cannot be read from here, so this is the key file alone.")
            uses = Uses()
    show_keys(keyring, uses, time.time())


def split(settings: Settings, folder: Path) -> None:
    """Give each service its own part of the keys of the house, made when there are none yet."""
    source = _made(settings)
    key_changes.add_missing(source)
    stored = json.loads(source.read_bytes())
    for service in AUDIENCES:
        try:
            write_keys(folder / service / FILE, part_of(stored, service))
        except FileExistsError:
            print(f"· {service} has its keys already")
        else:
            print(f"· {service} has its keys")


def sync(settings: Settings, folder: Path) -> None:
    """Bring the part of each service up to the keys of the house. Parts that are missing are made.

    To be followed by giving each its file, before the new keys begin.
    """
    source = _made(settings)
    key_changes.add_missing(source)
    for service in AUDIENCES:
        is_new = key_changes.sync_part(folder / service / FILE, source, service)
        print(f"· {service} {'has something new' if is_new else 'has all there is'}")


def rotate(settings: Settings, asked: argparse.Namespace) -> None:
    """Add keys that follow the present ones."""
    now, file = time.time(), _file(settings)
    starts = now + asked.after * 60
    if asked.what == "rotate-root":
        names = [f"root {key_changes.add_root(file, now, starts)}"]
    else:
        is_wrap = asked.what == "rotate-wrap"
        add = key_changes.add_wrap_key if is_wrap else key_changes.add_identity
        names = [add(file, service, now, starts) for service in asked.services or AUDIENCES]
    for name in names:
        print(f"· {name} is known, and begins in {asked.after:g} minutes")


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


async def drop_kek(settings: Settings, name: str) -> None:
    """Take an older key away. Raises KeyringError while something is under it."""
    async with open_auth(settings) as auth:
        count = (await auth.rewrapping.count())[name]
    if count:
        raise KeyringError(f"{count} values are still under key {name}. First: rewrap")
    key_changes.drop_kek(_file(settings), name, time.time())
    print(f"· key {name} is gone")


async def rekey(settings: Settings) -> None:
    """Make keyed hashes anew where what they are of is known."""
    async with open_auth(settings) as auth:
        await auth.rekeying.finish(_tell_moved)
    print("· nothing is left that can be made anew now: `sosa keys status` says what leaves when")


async def drop_root(settings: Settings, name: str, *, is_forced: bool) -> None:
    """Take an older root away. Raises KeyringError while something is under it, unless forced."""
    async with open_auth(settings) as auth:
        found = await auth.rekeying.count(name)
    if found and not is_forced:
        told = ", ".join(f"{count} {kind}" for kind, count in found.items())
        raise KeyringError(f"Still under root {name}: {told}. They would be lost.")
    key_changes.drop_root(_file(settings), name, time.time())
    print(f"· root {name} is gone")


async def drop_signing_keys(settings: Settings) -> None:
    """Refuse every access token there is; whoever is signed in gets new ones by themselves."""
    async with open_auth(settings) as auth:
        dropped = await auth.signing.drop_all()
        for kid in dropped:
            auth.core.parts.revocations.drop_key(kid)
    print(f"· {len(dropped)} signing keys are dropped, and a new one signs")


def _tell_moved(count: int) -> None:
    print(f"· {count} made anew")


def _tell_left(count: int) -> None:
    print(f"· {count} values to go")


def _made(settings: Settings) -> Path:
    file = _file(settings)
    Keyring.open(file)
    return file


def _file(settings: Settings) -> Path:
    if settings.keys:
        raise KeyringError("The keys are in a variable here: change them where that is kept.")
    return settings.data_dir / FILE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
