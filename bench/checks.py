"""What a service pays to know who asks: its check of a request, by a token it knows or a new one.

The product's own guard checks token and proof, as in every service, with nothing between. Beside it
PyJWT verifies the same proof, and the same token and proof, and looks at nothing else: the least
that any proof of possession costs. All are measured in turns.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import jwt

from backend.kit.clock import ManualClock
from tests.unit.kit_tokens.bench import Bench, request

TURNS = 5
WARM_UP = 200
KNOWN_FLOOR, NEW_FLOOR = "PyJWT, the proof", "PyJWT, token and proof"

Check = Callable[[str, str], Awaitable[object]]
"""Checks a token and the proof beside it."""


@dataclass
class Kind:
    """A way to check, and what it took."""

    check: Check
    floor: str
    is_token_known: bool
    seconds: list[float] = field(default_factory=list[float])
    cpu_seconds: float = 0.0


async def compare(count: int) -> None:
    """Measure all kinds in turns and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        # The clock stands still, so that what was made before it is measured stays good.
        bench = Bench(Path(folder), ManualClock(time.time()))
        kinds = _kinds(bench)
        token = bench.token()
        for kind in kinds.values():
            await _measure(bench, kind, token, WARM_UP)
            kind.seconds.clear()
            kind.cpu_seconds = 0.0
        for _ in range(TURNS):
            for kind in kinds.values():
                await _measure(bench, kind, token, count // TURNS)
    _report(kinds)


def _kinds(bench: Bench) -> dict[str, Kind]:
    verifier = bench.verifier()
    public, key = bench.signing.private_key.public_key(), bench.key().key

    async def guard(token: str, proof: str) -> None:
        await verifier.prove(request(token, proof))

    async def proof_alone(_token: str, proof: str) -> None:
        jwt.decode(proof, key, ["HS256"], audience="profiles")

    async def both(token: str, proof: str) -> None:
        jwt.decode(token, public, ["EdDSA"], audience="profiles")
        jwt.decode(proof, key, ["HS256"], audience="profiles")

    return {
        "a token it knows": Kind(guard, KNOWN_FLOOR, is_token_known=True),
        KNOWN_FLOOR: Kind(proof_alone, KNOWN_FLOOR, is_token_known=True),
        "a new token": Kind(guard, NEW_FLOOR, is_token_known=False),
        NEW_FLOOR: Kind(both, NEW_FLOOR, is_token_known=False),
    }


async def _measure(bench: Bench, kind: Kind, token: str, count: int) -> None:
    tokens = [token if kind.is_token_known else bench.token() for _ in range(count)]
    asked = [(shown, bench.proof(shown)) for shown in tokens]
    before = time.process_time()
    for shown, proof in asked:
        started = time.perf_counter()
        await kind.check(shown, proof)
        kind.seconds.append(time.perf_counter() - started)
    kind.cpu_seconds += time.process_time() - before


def _report(kinds: dict[str, Kind]) -> None:
    titles = ("p50 us", "p99 us", "CPU us", "p50 ratio", "CPU ratio")
    print(f"{'a check':24}" + "".join(f"{title:>11}" for title in titles))
    for name, kind in kinds.items():
        floor = kinds[kind.floor]
        p50, p99 = statistics.median(kind.seconds), statistics.quantiles(kind.seconds, n=100)[98]
        cpu = kind.cpu_seconds / len(kind.seconds)
        ratio = p50 / statistics.median(floor.seconds)
        figures = (p50 * 1e6, p99 * 1e6, cpu * 1e6)
        print(f"{name:24}" + "".join(f"{figure:11.0f}" for figure in figures), end="")
        print(f"{ratio:11.2f}{kind.cpu_seconds / floor.cpu_seconds:11.2f}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=5_000, help="of each kind")
    asyncio.run(compare(parser.parse_args().checks))


if __name__ == "__main__":
    main()
