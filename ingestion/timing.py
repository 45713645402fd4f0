"""When to do again what is done now and then, and how long to wait after a failure."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

LONGEST_PAUSE_SECONDS = 30.0


@dataclass(slots=True)
class Interval:
    """True at most once in so many seconds, and the first time."""

    seconds: float
    _next: float = 0.0

    def is_over(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.seconds
        return True

    def at_once(self) -> None:
        """Let it be over now."""
        self._next = 0.0


def pause_after(attempt: int) -> float:
    """Seconds to wait after failure number `attempt` (from 1): doubling, jittered, limited."""
    longest = min(0.25 * 2 ** min(attempt, 10), LONGEST_PAUSE_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311
