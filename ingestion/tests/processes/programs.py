"""Processes of the product: started, told to end, and ended whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
TAIL_LINES = 30


class Program:
    """A Python program that was started; what it says is in `log`."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._told_to_end = False
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self, text: str, *, times: int = 1) -> bool:
        """Whether that is in its log, at least so many times."""
        return self.log.read_text(errors="replace").count(text) >= times

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def has_failed(self) -> bool:
        """Whether it ended by itself, and not well."""
        return not self._told_to_end and self._process.poll() not in (None, 0)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """By SIGKILL, which also ends a frozen one."""
        self._told_to_end = True
        self._process.kill()
        self._process.wait()

    def terminate(self, *, within: float = 10) -> int:
        """By SIGTERM; the exit code."""
        self._process.terminate()
        return self.exit_code(within=within)

    def exit_code(self, *, within: float = 30) -> int:
        """Wait for its end."""
        self._told_to_end = True
        return self._process.wait(within)

    def tail(self) -> str:
        """The end of its log, under its name."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([f"--- {self.log.name}", *lines, ""])
