"""Background processes, known by pid files: they outlive the command that started them.

Unless they are tethered to it: then even its `kill -9` ends them, on Linux. A
pid file holds the pid and when that process began, so that a pid which the
system has given to somebody else since is never signalled.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reconsite.embedded import tether

POLL_SECONDS = 0.05
PROC = Path("/proc")

# To the kernel a thread is the parent: what another thread tethers dies with that thread.
_tethering = ThreadPoolExecutor(1, thread_name_prefix="tethering")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a process runs as, where that is not whoever starts it."""

    user: int
    group: int


def spawn(
    command: Sequence[str | Path],
    *,
    tethered: bool,
    input: int = subprocess.DEVNULL,
    output: int | IO[bytes],
    errors: int | IO[bytes] = subprocess.STDOUT,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start in a session of its own, so that neither a Ctrl-C nor a hang-up reaches it."""
    if tethered and sys.platform == "linux":
        whose = f"{account.user}:{account.group}" if account else "-"
        tie = [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), whose]
        program = shutil.which(command[0]) or command[0]
        command, account = [*tie, program, *command[1:]], None

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=input,
            stdout=output,
            stderr=errors,
            env=environment,
            cwd=directory,
            start_new_session=True,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )

    return _tethering.submit(start).result() if tethered else start()


def run_to_end(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path,
    typed: str = "",
    cancelled: threading.Event,
) -> int:
    """The exit code. `typed` goes to standard input; all that is told goes to the log.

    Raises CancelledError, with the program ended, once all is cancelled.
    """
    with log.open("wb") as output:
        program = spawn(
            command,
            tethered=True,
            input=subprocess.PIPE,
            output=output,
            environment=environment,
            directory=directory,
        )
    with program:
        assert program.stdin is not None
        program.stdin.write(typed.encode())
        program.stdin.close()
        try:
            while program.poll() is None:
                if cancelled.wait(POLL_SECONDS):
                    raise CancelledError
        except BaseException:  # a Ctrl-C, too
            program.terminate()
            raise
        return program.returncode


class Background:
    """One background process and its pid file."""

    def __init__(self, pid_file: Path) -> None:
        self._pid_file = pid_file
        self._child: subprocess.Popen[bytes] | None = None

    def pid(self) -> int | None:
        """The pid while the process that was started is alive, else None."""
        found = self._found()
        return None if found is None or found[1].ended else found[0]

    def lingers(self) -> bool:
        """Whether the process ended but still has its pid, until its parent takes note."""
        found = self._found()
        return found is not None and found[1].ended

    def _found(self) -> tuple[int, _Status] | None:
        if self._child is not None:
            self._child.poll()  # take note of the end of a child of ours
        if not self._pid_file.exists():
            return None
        pid, _, began = self._pid_file.read_text().strip().partition(" ")
        status = _status(int(pid)) if began else None
        return (int(pid), status) if status is not None and status.began == began else None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        account: Account | None = None,
        tethered: bool = False,
    ) -> None:
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as output:
            self._child = spawn(command, tethered=tethered, output=output, account=account)
        began = began_at(self._child.pid) or ""
        self._pid_file.write_text(f"{self._child.pid} {began}\n")

    def stop(
        self,
        *,
        by: signal.Signals,
        grace_seconds: float,
        hurry: threading.Event | None = None,
    ) -> bool:
        """End the process and wait for it; False when it had to be killed.

        That is so after the grace, and as soon as `hurry` is set.
        """
        orderly = self._end(by, grace_seconds, hurry or threading.Event())
        if not orderly:
            self._end(signal.SIGKILL, grace_seconds, threading.Event())
        if self._child is not None and self.pid() is None:
            self._child.wait()  # it ended; take note of it
        self._pid_file.unlink(missing_ok=True)
        return orderly

    def _end(self, by: signal.Signals, seconds: float, hurry: threading.Event) -> bool:
        if (pid := self.pid()) is not None:
            os.kill(pid, by)
        deadline = time.monotonic() + seconds
        while self.pid() is not None:
            if time.monotonic() > deadline or hurry.is_set():
                return False
            time.sleep(POLL_SECONDS)
        return True


def began_at(pid: int) -> str | None:
    """When the living process `pid` began, in the system's own terms; None when it is no more."""
    status = _status(pid)
    return None if status is None or status.ended else status.began


@dataclass(frozen=True, slots=True)
class _Status:
    """`ended`: it is a zombie, which waits for its parent to take note of its end."""

    began: str
    ended: bool


def _status(pid: int) -> _Status | None:
    if PROC.is_dir():
        return _status_by_proc(pid)
    told = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    state, _, began = told.partition(" ")
    return _Status(began=began.strip(), ended=state.startswith("Z")) if told else None


def _status_by_proc(pid: int) -> _Status | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything, so count the fields from its end:
    # the state is the first one there, the start in ticks since boot the 20th.
    fields = stat.rpartition(")")[2].split()
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return _Status(began=f"{boot}/{fields[19]}", ended=fields[0] in "ZX")
