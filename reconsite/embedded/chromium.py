"""Chromium, in which the tests use the dashboard as people do."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure, failure_of
from reconsite.embedded.processes import run_to_end
from reconsite.embedded.rundir import RunDir

PROGRAM = "chromium"
# A bare system has no font at all.
PACKAGES = (PROGRAM, "fonts-liberation")
MISSING = (
    f"The tests in a browser need `{PROGRAM}` on the PATH, and there is none: install it"
    f" (on Debian: apt install {PROGRAM}) and run this again."
)


def ensure_chromium(run_dir: RunDir, console: Console) -> None:
    """Install it where that is ours to do: as root on Debian. Raises Failure elsewhere."""
    if shutil.which(PROGRAM):
        return
    log, apt = run_dir.log("apt"), shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Failure(MISSING)
    console.begin("Chromium", "installing")
    install = ("install", "-q", "-y", "--no-install-recommends", *PACKAGES)
    for arguments in (("update", "-q"), install):
        code = run_to_end(
            [apt, *arguments],
            log=log,
            environment={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            directory=Path("/"),
            cancelled=threading.Event(),
        )
        if code != 0:
            raise failure_of(MISSING, told=log.read_text(errors="replace"), place=run_dir.path)
    console.end("Chromium", "installed")
