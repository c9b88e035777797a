"""Print the configuration of nginx for a house on one machine: `python -m deploy.edge --help`."""

import argparse
from collections import defaultdict
from pathlib import Path

from deploy.edge import render


def main() -> None:
    """Render what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m deploy.edge")
    parser.add_argument("--folder", type=Path, required=True, help="where nginx may write")
    parser.add_argument("--listen", required=True, help="port, or address and port")
    parser.add_argument("--inside", type=Path, help="where services find each other's sockets")
    tls = parser.add_mutually_exclusive_group(required=True)
    tls.add_argument("--plain", action="store_true", help="without TLS, behind another proxy")
    tls.add_argument("--credentials", type=Path, help="the folder of tls.crt and tls.key")
    parser.add_argument("places", nargs="+", metavar="part=place", help="unix:/path or host:port")
    asked = parser.parse_args()
    places: dict[str, list[str]] = defaultdict(list)
    for pair in asked.places:
        part, _, place = pair.partition("=")
        places[part].append(place)
    print(render(asked.folder, asked.listen, places, asked.credentials, asked.inside))


if __name__ == "__main__":
    main()
