"""Changes one thing at a time in what verifies, and sees whether a test fails. `make mutants`.

Which modules are changed, and which tests judge them, is in pyproject.toml. Nothing is kept from a
run before: what was killed by a test that has since been weakened must live again.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping

from tests.shapes.processes import ROOT

MUTMUT = (sys.executable, "-m", "mutmut")
LINE = re.compile(r"^\s+(?P<mutant>\S+__mutmut_\d+): (?P<outcome>.+)$", re.MULTILINE)


def main() -> int:
    """Try every mutant, show those that live, and return an exit code."""
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    started = time.monotonic()
    workers = str(os.cpu_count() or 1)
    subprocess.run([*MUTMUT, "run", "--max-children", workers], cwd=ROOT, check=True)
    minutes = (time.monotonic() - started) / 60
    outcomes = read_outcomes(_said("results", "--all", "true"))
    living = find_living(outcomes)
    for mutant in living:
        sys.stdout.write(_said("show", mutant) + "\n")
    counts = ", ".join(f"{count} {name}" for name, count in Counter(outcomes.values()).items())
    sys.stdout.write(f"\n{len(outcomes)} mutants in {minutes:.0f} minutes: {counts}\n")
    return 1 if living or not outcomes else 0


def read_outcomes(said: str) -> dict[str, str]:
    """The outcome of each mutant in what `mutmut results --all true` says."""
    return {found["mutant"]: found["outcome"] for found in LINE.finditer(said)}


def find_living(outcomes: Mapping[str, str]) -> list[str]:
    """The mutants that no test has failed for.

    One that ran into the time limit is of them: a slow machine is no verdict.
    """
    return [mutant for mutant, outcome in outcomes.items() if outcome != "killed"]


def _said(*arguments: str) -> str:
    command = [*MUTMUT, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
