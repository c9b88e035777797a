"""The one command: `sosa serve`, `sosa migrate`, `sosa backup` and the like.

Each is a door to a module that does the work, and that alone is imported. A further command is a
further line in the table.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Door:
    """A module whose `main` takes the words that follow and returns an exit code."""

    module: str
    summary: str


COMMANDS = {
    "serve": Door("deploy.serve", "all of SoSa, or some services, as a process"),
    "migrate": Door("deploy.migrations", "bring databases up to date"),
    "keys": Door("deploy.keys", "split, rotate and drop the keys of the house"),
    "admin": Door("deploy.admin", "say who minds the house"),
    "backup": Door("deploy.backup", "copy what must not be lost"),
    "restore": Door("deploy.restore", "bring a backup back into an empty house"),
    "edge": Door("deploy.edge.__main__", "print a configuration of nginx"),
    "release": Door("deploy.release", "make the file that a machine of your own needs"),
}


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, those of the command line unless told; returns an exit code."""
    asked = _parser().parse_args(sys.argv[1:] if words is None else words)
    door: Callable[[Sequence[str]], int] = import_module(COMMANDS[asked.command].module).main
    return door(asked.words)


def _parser() -> argparse.ArgumentParser:
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:{width}}  {door.summary}" for name, door in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="sosa",
        description="\n".join(["SoSa, from where its operator stands.", "", *lines]),
        epilog="`sosa <command> --help` says more. Settings are environment variables (README.md).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="...", help="what it takes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
