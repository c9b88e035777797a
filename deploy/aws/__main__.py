"""Write the templates, or make the zips."""

import argparse
import sys
from pathlib import Path

import deploy.aws
from deploy import ROOT, CannotStartError
from deploy.aws.packaging import BUILDS, PYTHON, interpreter, package
from deploy.aws.templates import templates


def main() -> int:
    """Do what was asked for, and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.aws", description=deploy.aws.__doc__)
    parser.add_argument("what", nargs="?", choices=("templates", "package"), default="templates")
    parser.add_argument("--split", type=Path, help="a folder for templates with more functions")
    parser.add_argument("--python", default=PYTHON, help="the functions', two numbers")
    asked = parser.parse_args()
    try:
        if asked.what == "package":
            make_zips(asked.python)
        else:
            write_templates(asked.split)
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def write_templates(folder: Path | None) -> None:
    """Write them where they are committed, or with a function for each operation elsewhere."""
    for path, text in templates(is_split=folder is not None).items():
        target = (folder or ROOT) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        print(f"· {target}")


def make_zips(python: str) -> None:
    """Make them, and say what they weigh."""
    if interpreter(python) is None:
        print(f"· There is no Python {python} here to compile with: functions start slowly.")
    for made in package(BUILDS / "zips", python):
        zipped, unzipped = made.file.stat().st_size / 2**20, made.unzipped / 2**20
        name = made.file.relative_to(ROOT)
        print(f"· {name}: {zipped:.1f} MB, {unzipped:.1f} unzipped, SHA-256 {made.sha256}")


if __name__ == "__main__":
    sys.exit(main())
