from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.unit.kit_tokens.bench import Bench


@pytest.fixture
def bench(tmp_path: Path, clock: ManualClock) -> Bench:
    return Bench(tmp_path, clock)
