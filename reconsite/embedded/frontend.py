"""The dashboard: its packages from npm, its build, and whatever npm is asked to do there."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure, failure_of
from reconsite.embedded.processes import run_to_end
from reconsite.embedded.rundir import RunDir
from reconsite.embedded.wheels import node, npm

FRONTEND = Path(__file__).parents[2] / "frontend"
LINES_OF_LOG_SHOWN = 20
MADE = frozenset({"node_modules", "dist", "generated", "coverage"})


class Frontend:
    """The dashboard's directory.

    What was done is told by the digest of what it was done from, kept in
    `node_modules`: when that goes, all is done again.
    """

    def __init__(
        self,
        directory: Path,
        *,
        run_dir: RunDir,
        console: Console,
        cancelled: threading.Event,
    ) -> None:
        self.directory = directory
        self._run_dir = run_dir
        self._console = console
        self._cancelled = cancelled
        self._installed = directory / "node_modules" / ".installed-from"
        self._built = directory / "node_modules" / ".built-from"

    def build(self) -> None:
        """Build the dashboard into `dist`, unless it is there as its sources are."""
        with self._held():
            self._install()
            sources = self._digest(*self._sources())
            if not (self.directory / "dist" / "index.html").exists() or not _says(
                self._built, sources
            ):
                self._take("building", "run", "build")
                self._built.write_text(sources)

    def npm(self, *arguments: str) -> int:
        """The exit code, with the packages installed. npm speaks for itself."""
        with self._held():
            self._install()
            return subprocess.run(  # noqa: S603
                [node(), npm(), *arguments],
                cwd=self.directory,
                env=with_node(self._run_dir),
                check=False,
            ).returncode

    def _install(self) -> None:
        """Install the packages of `package-lock.json`, unless they are there."""
        pinned = self._digest(
            *(self.directory / name for name in ("package.json", "package-lock.json"))
        )
        if not _says(self._installed, pinned):
            self._take("installing packages", "ci", "--no-audit", "--no-fund")
            self._installed.parent.mkdir(exist_ok=True)  # npm makes none for no packages
            self._installed.write_text(pinned)

    def _take(self, doing: str, *arguments: str) -> None:
        begun = time.monotonic()
        self._console.begin("Dashboard", doing)
        log = self._run_dir.log(f"npm-{arguments[-1] if arguments[0] == 'run' else arguments[0]}")
        code = run_to_end(
            [node(), npm(), *arguments],
            log=log,
            environment=with_node(self._run_dir),
            directory=self.directory,
            cancelled=self._cancelled,
        )
        if code != 0:
            told = log.read_text(errors="replace").splitlines()[-LINES_OF_LOG_SHOWN:]
            raise failure_of(
                f"`npm {' '.join(arguments)}` failed for the dashboard; mend this and start again."
                f" The end of {log}:",
                told="\n".join(told),
                place=self.directory,
            )
        self._console.end("Dashboard", f"{doing} took {time.monotonic() - begun:.1f} s")

    def _sources(self) -> Iterator[Path]:
        for parent, directories, files in os.walk(self.directory):
            directories[:] = sorted(set(directories) - MADE)
            yield from (Path(parent, name) for name in sorted(files))

    def _digest(self, *files: Path) -> str:
        digest = hashlib.sha256()
        for file in files:
            if not file.exists():
                raise Failure(f"{file} is missing: the checkout is not whole.")
            content = file.read_bytes()
            digest.update(f"{file.relative_to(self.directory)} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Two instances of one checkout take turns."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._console.say(
                    f"Another command works on {self.directory}: waiting for its end."
                )
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def with_node(run_dir: RunDir) -> dict[str, str]:
    """The environment in which a package's scripts find `node` and `npm`."""
    programs = run_dir.directory("node")
    for name, command in (("node", [node()]), ("npm", [node(), npm()])):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
        script.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _says(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest
