"""Numbers that people watch, counted by code that functions run too.

Functions import no Prometheus: it takes longer than they do, and nobody comes to scrape them. What
is counted here shows at `/metrics` where there is such a page (backend/kit/health.py).
"""

from collections import Counter

_all: dict[str, "Count"] = {}


class Count:
    """One number for each combination of its labels, which only grows."""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self.values: Counter[tuple[str, ...]] = Counter()
        _all[name] = self

    def add(self, *labels: str) -> None:
        """Count one more. As many labels as there are names of labels."""
        self.values[labels] += 1


def counts() -> list[Count]:
    """All that are counted in this process."""
    return list(_all.values())
