"""Print the configuration of nginx for a house on one machine: `sosa edge --help`."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from deploy.edge import render


def main(words: Sequence[str]) -> int:
    """Render what the words say, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa edge", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where nginx may write")
    parser.add_argument("--listen", required=True, help="port, or address and port")
    parser.add_argument("--inside", type=Path, help="where services find each other's sockets")
    tls = parser.add_mutually_exclusive_group(required=True)
    tls.add_argument("--plain", action="store_true", help="without TLS, behind another proxy")
    tls.add_argument("--credentials", type=Path, help="the folder of tls.crt and tls.key")
    parser.add_argument("places", nargs="+", metavar="part=place", help="unix:/path or host:port")
    asked = parser.parse_args(words)
    places: dict[str, list[str]] = defaultdict(list)
    for pair in asked.places:
        part, _, place = pair.partition("=")
        places[part].append(place)
    print(render(asked.folder, asked.listen, places, asked.credentials, asked.inside))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
