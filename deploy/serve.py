"""Serve SoSa until told to stop.

Without names, all of it with its pages, in one process on one port. With names of services, those
alone; any number of processes may serve the same ones.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module

from deploy import services


def main(words: Sequence[str]) -> int:
    """Serve what was asked for, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa serve", description=__doc__)
    services.add_arguments(parser, nargs="?")
    names: tuple[str, ...] | None = parser.parse_args(words).services
    if names is None:
        # Imported when it is asked for: a service has no pages, and no need of what makes them.
        return int(import_module("deploy.monolith").main())
    return services.run(names)
