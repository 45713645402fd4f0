from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconsite.embedded.processes import Background, began_at


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Background]:
    process = Background(tmp_path / "sleep.pid")
    yield process
    process.stop(by=signal.SIGKILL, grace_seconds=10)


def test_a_started_process_is_found_again_by_its_pid_file(
    background: Background, tmp_path: Path
) -> None:
    background.start(["sleep", "60"], log=tmp_path / "sleep.log")
    assert Background(tmp_path / "sleep.pid").pid() == background.pid() is not None


def test_a_started_process_has_a_session_of_its_own(background: Background, tmp_path: Path) -> None:
    background.start(["sleep", "60"], log=tmp_path / "sleep.log")
    pid = background.pid()
    assert pid is not None
    assert os.getsid(pid) == pid != os.getsid(0)


def test_a_process_that_ended_has_no_pid(background: Background, tmp_path: Path) -> None:
    background.start(["true"], log=tmp_path / "true.log")
    wait_until_gone(background)
    assert background.pid() is None


def test_the_process_that_got_a_recycled_pid_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    (tmp_path / "old.pid").write_text(f"{bystander.pid} began-long-ago\n")
    old = Background(tmp_path / "old.pid")
    old.stop(by=signal.SIGKILL, grace_seconds=1)
    assert old.pid() is None
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_stopping_sends_the_signal_and_waits(background: Background, tmp_path: Path) -> None:
    background.start(["sleep", "60"], log=tmp_path / "sleep.log")
    assert background.stop(by=signal.SIGINT, grace_seconds=10)
    assert background.pid() is None


def test_a_process_that_ignores_its_signal_is_killed_after_the_grace(
    background: Background, tmp_path: Path
) -> None:
    log = tmp_path / "deaf.log"
    background.start(["sh", "-c", "trap '' TERM; echo deaf; exec sleep 60"], log=log)
    wait_for_text("deaf", log)
    assert not background.stop(by=signal.SIGTERM, grace_seconds=0.2)
    assert background.pid() is None


def test_the_log_of_the_start_before_is_kept(background: Background, tmp_path: Path) -> None:
    for word in ("first", "second"):
        background.start(["echo", word], log=tmp_path / "echo.log")
        wait_until_gone(background)
    assert (tmp_path / "echo.previous.log").read_text() == "first\n"
    assert (tmp_path / "echo.log").read_text() == "second\n"


def test_a_zombie_is_no_living_process() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert began_at(child.pid) is None
    child.wait()


def wait_until_gone(background: Background) -> None:
    deadline = time.monotonic() + 10
    while background.pid() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_text(text: str, file: Path) -> None:
    deadline = time.monotonic() + 10
    while text not in file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
