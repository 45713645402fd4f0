"""What a command tells the person who gave it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
import time

MEGABYTE = 1_000_000


class Console:
    """Lines on standard output, and below them, on a terminal, what goes on right now.

    Several threads write here. Where standard output is not a terminal, a
    step leaves one plain line when it begins and one when it ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going_on: dict[str, str] = {}
        self.is_heard = True  # False once the terminal was closed, or whoever read a pipe left

    def say(self, line: str) -> None:
        with self._lock:
            self._write(line)

    def begin(self, who: str, doing: str) -> None:
        """A step begins: plain line, or a place among what goes on."""
        with self._lock:
            self._going_on[who] = doing
            self._write(None if sys.stdout.isatty() else f"{who}: {doing}")

    def update(self, who: str, doing: str) -> None:
        """How far the step is; for a terminal only."""
        with self._lock:
            if self._going_on.get(who) != doing and sys.stdout.isatty():
                self._going_on[who] = doing
                self._write(None)

    def end(self, who: str, done: str) -> None:
        with self._lock:
            self._going_on.pop(who, None)
            self._write(f"{who}: {done}")

    def complain(self, line: str) -> None:
        """Write a line on standard error; nothing goes on any more."""
        with self._lock:
            self._going_on.clear()
            if sys.stdout.isatty():
                self._write(None)
            sys.stderr.write(f"{line}\n")

    def _write(self, line: str | None) -> None:
        """Write a line, and what goes on anew below it; the lock is held."""
        text = "" if line is None else f"{line}\n"
        if sys.stdout.isatty():
            below = " · ".join(f"{who}: {doing}" for who, doing in self._going_on.items())
            # A line that wrapped could not be taken back.
            width = shutil.get_terminal_size().columns - 1
            text = f"\r\033[K{text}{below[:width]}"
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EIO):
                raise
            # What is under way goes on to its orderly end.
            self.is_heard = False
            silence = os.open(os.devnull, os.O_WRONLY)
            for deaf in (sys.stdout, sys.stderr):
                os.dup2(silence, deaf.fileno())
            os.close(silence)


class Progress:
    """How far one download of several files, side by side, is."""

    def __init__(self, console: Console, *, who: str, size: int) -> None:
        """`size` is in bytes."""
        self._console = console
        self._who = who
        self._size = size
        self._received = 0
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        console.begin(who, f"downloading {size / MEGABYTE:.0f} MB")

    def advance(self, count: int) -> None:
        with self._lock:
            self._received += count
            percent = min(100, 100 * self._received // self._size)
            self._console.update(self._who, f"{percent} % of {self._size / MEGABYTE:.0f} MB")

    def finish(self) -> None:
        seconds = time.monotonic() - self._begun
        self._console.end(self._who, f"downloaded {self._size / MEGABYTE:.0f} MB ({seconds:.1f} s)")
