"""Programs that building needs, run in the folder of the repository."""

import subprocess
import sys
from pathlib import Path

from deploy import ROOT, CannotStartError


def run_tool(*command: str) -> str:
    """Run a program in the folder of the repository; returns what it says.

    Raises CannotStartError, after its last words on the error output.
    """
    # uv is one of the tools of development, beside the interpreter that runs this.
    tool = Path(sys.executable).parent / command[0]
    program = str(tool) if tool.exists() else command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
        raise CannotStartError(f"{command[0]} failed. The lines above say why.")
    return done.stdout
