"""What the four services have in common: how one is started, awaited and ended."""

from __future__ import annotations

import signal
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads
from reconsite.embedded.failure import Failure, failure_of
from reconsite.embedded.processes import POLL_SECONDS, Account, Background
from reconsite.embedded.rundir import RunDir, remove_tree

READY_WITHIN_SECONDS = 120.0
STOPPED_WITHIN_SECONDS = 30.0
BURIED_WITHIN_SECONDS = 10.0
LINES_OF_LOG_SHOWN = 8


class Service(ABC):
    """One server of one instance.

    `key` names its files and its main port in the run directory; `setting`,
    when the environment has it, replaces this server.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    setting: ClassVar[str]
    default_port: ClassVar[int]
    more_ports: ClassVar[tuple[str, ...]] = ()
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    account: Account | None = None

    def __init__(self, run_dir: RunDir, console: Console) -> None:
        self.run_dir = run_dir
        self.console = console
        self.was_started = False  # by this command
        self.tethered = False  # to this command: it ends when this command is killed
        self._background = Background(run_dir.path / f"{self.key}.pid")

    @property
    def port(self) -> int:
        return self.run_dir.port(self.key)

    @abstractmethod
    def url(self) -> str:
        """The value of `setting` that leads to this server."""

    @abstractmethod
    def prepare(self, downloads: Downloads) -> list[str | Path]:
        """Do what a first start needs; return the command that runs the server."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers as its clients need it."""

    def forget(self) -> None:
        """Remove the server's data; it may not be running."""
        remove_tree(self.run_dir.path / self.key)

    def is_running(self) -> bool:
        return self._background.pid() is not None

    def ensure_running(self, downloads: Downloads, *, cancelled: threading.Event) -> None:
        """Start the server unless it runs, and wait until it answers or all is cancelled."""
        begun = time.monotonic()
        if not self.is_running():
            self._start(downloads, cancelled)
        self._await_ready(cancelled)
        if not cancelled.is_set():
            told = f"started ({time.monotonic() - begun:.1f} s)" if self.was_started else "runs"
            self.console.end(self.name, f"{told}, port {self.port}")

    def stop(self, *, hurry: threading.Event | None = None) -> None:
        if self.is_running():
            orderly = self._background.stop(
                by=self.stop_signal, grace_seconds=STOPPED_WITHIN_SECONDS, hurry=hurry
            )
            self.console.end(self.name, "stopped" if orderly else "did not stop and was killed")

    def _start(self, downloads: Downloads, cancelled: threading.Event) -> None:
        self._await_burial(cancelled)
        for port in (self.key, *self.more_ports):
            self.run_dir.demand_free(port, service=self.name)
        command = self.prepare(downloads)
        if not cancelled.is_set():
            self.console.begin(self.name, "starting")
            log = self.run_dir.log(self.key)
            self._background.start(command, log=log, account=self.account, tethered=self.tethered)
            self.was_started = True

    def _await_burial(self, cancelled: threading.Event) -> None:
        """PostgreSQL does not start while the pid of one that was killed is still taken."""
        deadline = time.monotonic() + BURIED_WITHIN_SECONDS
        while self._background.lingers() and not cancelled.is_set():
            if time.monotonic() > deadline:
                return
            time.sleep(POLL_SECONDS)

    def _await_ready(self, cancelled: threading.Event) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not cancelled.is_set() and not self.is_ready():
            if not self.is_running():
                raise self.failure("ended while it started: see what it says and start it again.")
            if time.monotonic() > deadline:
                raise self.failure(
                    f"has not answered for {READY_WITHIN_SECONDS:.0f} s: run"
                    " `make services-stop` and start it again."
                )
            time.sleep(POLL_SECONDS)

    def failure(self, what: str) -> Failure:
        """What happened to this server, with the end of its log."""
        log = self.run_dir.log(self.key)
        last_lines = log.read_text(errors="replace").splitlines()[-LINES_OF_LOG_SHOWN:]
        return failure_of(
            f"{self.name} {what} The end of {log}:",
            told="\n".join(last_lines),
            place=self.run_dir.path,
        )
