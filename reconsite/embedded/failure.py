"""What ends a command, as sentences for the person who gave it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

# As the system says it, and as PostgreSQL does where a write came to less than it asked for.
SIGNS_OF_A_FULL_DISK = (os.strerror(errno.ENOSPC), "Check free disk space")


class Failure(Exception):
    """One sentence that says what to do; the command ends with it and exit code 1."""


def disk_is_full(place: Path | str) -> Failure:
    return Failure(f"The disk that holds {place} is full: free some space and run this again.")


def failure_of(what: str, *, told: str, place: Path) -> Failure:
    """A program failed: `what` says at what, `told` is what it wrote, `place` where it works."""
    if any(sign in told for sign in SIGNS_OF_A_FULL_DISK):
        return disk_is_full(place)
    return Failure(f"{what}\n{told.strip()}")


def failure_of_system(error: OSError, *, place: Path) -> Failure:
    """The system refused something; at `place` where it does not say where."""
    where = error.filename or place
    if error.errno == errno.ENOSPC:
        return disk_is_full(where)
    told = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Failure(
            f"{where} may not be used ({told}): change its owner or its rights, or name"
            " another place (RUN_DIR for the data, RECONSITE_CACHE for the downloads)."
        )
    return Failure(f"The system refused a step ({told}: {where}): mend it and try again.")
