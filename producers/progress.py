"""Say how far a producer has come: a line in place on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from shutil import get_terminal_size
from time import monotonic
from typing import TextIO

ON_TERMINAL = 0.5
ELSEWHERE = 5.0
"""Seconds from one line to the next."""

CLEAR = "\x1b[K"
"""Clears the rest of the line, where a longer one stood."""


class Progress:
    """Counts what one source did, and tells it as key=value.

    `transactions` counts those that it told of; `faults` those that it told
    wrongly, late, twice or not at all.
    """

    def __init__(self, source: str, out: TextIO) -> None:
        self.transactions = 0
        self.faults = 0
        self._source = source.lower()
        self._out = out
        self._in_place = out.isatty()
        self._began = monotonic()
        self._next = self._began + (ON_TERMINAL if self._in_place else ELSEWHERE)

    def announce(self, **facts: object) -> None:
        """One line before anything is published."""
        self._write(facts, "\n")

    def tick(self, *, published: int, waiting: int) -> None:
        """A line when it is time for one. `waiting` is what Kafka has not yet acknowledged."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + (ON_TERMINAL if self._in_place else ELSEWHERE)
        facts = {**self._facts(published), "waiting": waiting}
        self._write(facts, "\r" if self._in_place else "\n")

    def summarise(self, *, published: int, failed: int) -> None:
        """The last line."""
        self._write(
            {**self._facts(published), "transactions": self.transactions, "failed": failed}, "\n"
        )

    def _facts(self, published: int) -> dict[str, object]:
        elapsed = monotonic() - self._began
        return {
            "published": published,
            "rate": f"{published / elapsed:.0f}/s",
            "faults": self.faults,
            "elapsed": f"{elapsed:.1f}s",
        }

    def _write(self, facts: dict[str, object], end: str) -> None:
        pairs = {"source": self._source, **facts}
        line = " ".join(f"{name}={value}" for name, value in pairs.items())
        if end == "\r":
            # A line that wraps cannot be written over.
            line = line[: get_terminal_size().columns - 1]
        self._out.write(f"{line}{CLEAR if self._in_place else ''}{end}")
        self._out.flush()
