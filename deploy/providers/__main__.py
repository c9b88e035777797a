"""The pretended providers by themselves: `python -m deploy.providers 4000 http://localhost:3000`.

Prints what SOSA_PROVIDERS has to be for them.
"""

import argparse
import sys

from deploy.providers.running import configuration_of, run


def main() -> int:
    """Serve until told to stop, and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.providers", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("origin", help="where SoSa is, as its members see it")
    given = parser.parse_args()
    print(f"SOSA_PROVIDERS='{configuration_of(given.port)}'", flush=True)
    run(given.port, given.origin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
