"""How the whole runs."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project, where every program of the house is started."""


class CannotStartError(Exception):
    """The product cannot start here; the text tells the operator why, and what to do."""
