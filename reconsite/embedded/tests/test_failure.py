from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from reconsite.embedded.failure import failure_of, failure_of_system


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "The disk that holds /data/x is full"),
        (errno.EACCES, "/data/x may not be used (Permission denied)"),
        (errno.EROFS, "/data/x may not be used (Read-only file system)"),
        (errno.EIO, "/data/x"),
    ],
)
def test_a_refusal_of_the_system_names_the_place(code: int, words: str) -> None:
    error = OSError(code, os.strerror(code), "/data/x")
    assert words in str(failure_of_system(error, place=Path("/run")))


def test_a_refusal_without_a_place_is_told_of_the_directory_at_work() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "The disk that holds /run is full" in str(failure_of_system(error, place=Path("/run")))


def test_a_server_that_met_a_full_disk_is_told_as_a_full_disk() -> None:
    told = "FATAL: could not write: No space left on device"
    failure = failure_of("It ended.", told=told, place=Path("/data"))
    assert str(failure) == "The disk that holds /data is full: free some space and run this again."
