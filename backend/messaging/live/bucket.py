"""How many frames a client may send."""

from dataclasses import dataclass, field

BURST_FRAMES = 60.0
FRAMES_PER_SECOND = 20.0


@dataclass(slots=True)
class Bucket:
    """Frames the client may still send."""

    scale: float
    updated: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = BURST_FRAMES * self.scale

    def take(self, now: float) -> bool:
        """Whether there is one, and then it is taken."""
        gained = max(0.0, now - self.updated) * FRAMES_PER_SECOND * self.scale
        self.tokens = min(BURST_FRAMES * self.scale, self.tokens + gained)
        self.updated = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
