"""The programs of a run: started, shown line by line, watched, and ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.processes import POLL_SECONDS, spawn

STOPPED_WITHIN_SECONDS = 10.0
LAST_LINES = 8
COLOURS = ("36", "33", "35", "32", "34")


@dataclass(frozen=True, slots=True)
class Program:
    """What is to run. Its standard output goes to `log`, its standard error is shown."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    directory: Path
    log: Path


class Supervisor:
    """The programs that run now. They die with this process, even when it is killed (Linux)."""

    def __init__(self, console: Console, *, names: Sequence[str]) -> None:
        """`names` are those of all programs to come, for their lines to be in one column."""
        self._console = console
        self._names = names
        self._running: dict[str, _Running] = {}

    def start(self, program: Program) -> None:
        self._running[program.name] = _Running(
            program, prefix=self._prefix(program.name), console=self._console
        )

    def demand_all_running(self) -> None:
        """Raise Failure when one of the programs has ended."""
        for running in [*self._running.values()]:
            running.demand_alive()

    def stop(self, *names: str, hurry: threading.Event) -> None:
        """End these programs, together, with SIGTERM; those that do not obey are killed.

        Those have ten seconds, and none once `hurry` is set.
        """
        stopping = [self._running.pop(name) for name in names if name in self._running]
        for running in stopping:
            running.process.terminate()
        deadline = time.monotonic() + STOPPED_WITHIN_SECONDS
        for running in stopping:
            while running.process.poll() is None:
                if hurry.is_set() or time.monotonic() > deadline:
                    running.process.kill()
                time.sleep(POLL_SECONDS)
            running.finish()

    def _prefix(self, name: str) -> str:
        prefix = f"{name.ljust(max(map(len, self._names)))} │ "
        if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
            return prefix
        return f"\033[{COLOURS[self._names.index(name) % len(COLOURS)]}m{prefix}\033[0m"


class _Running:
    def __init__(self, program: Program, *, prefix: str, console: Console) -> None:
        self.program = program
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        with program.log.open("wb") as log:
            self.process = spawn(
                program.command,
                tethered=True,
                output=log,
                errors=subprocess.PIPE,
                environment=program.environment,
                directory=program.directory,
            )
        self._reader = threading.Thread(target=self._show, args=(prefix, console), daemon=True)
        self._reader.start()

    def demand_alive(self) -> None:
        if self.process.poll() is not None:
            self.finish()
            told = "\n".join(self._last_lines) or f"nothing; {self.program.log} may say more"
            raise Failure(
                f"The program `{self.program.name}` ended by itself"
                f" ({_how(self.process.returncode)}), and the run with it."
                f" The last it said:\n{told}"
            )

    def finish(self) -> None:
        """Wait for the last line of a program that ended, unless a child of it holds on."""
        self._reader.join(timeout=1)

    def _show(self, prefix: str, console: Console) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                self._last_lines.append(text)
                console.say(f"{prefix}{text}")


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
