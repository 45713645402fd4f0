from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from reconsite.embedded.processes import Background, began_at, run_to_end


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


def test_a_process_in_a_hurry_is_killed_at_once(background: Background, tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    background.start(["sh", "-c", "trap '' TERM; echo deaf; exec sleep 60"], log=log)
    wait_for_text("deaf", log)
    hurry = threading.Event()
    hurry.set()
    assert not background.stop(by=signal.SIGTERM, grace_seconds=60, hurry=hurry)
    assert background.pid() is None


def test_a_tethered_process_outlives_the_thread_that_started_it(
    background: Background, tmp_path: Path
) -> None:
    log = tmp_path / "sleep.log"
    start = partial(background.start, ["sh", "-c", "echo up; exec sleep 60"], log=log)
    thread = threading.Thread(target=start, kwargs={"tethered": True})
    thread.start()
    thread.join()
    wait_for_text("up", log)
    assert background.pid() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie processes together")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start programs as somebody else")
def test_a_tethered_process_of_another_account_dies_with_its_parent() -> None:
    script = """
        import subprocess, threading
        from reconsite.embedded.processes import Account, spawn
        sleep = ["sh", "-c", "echo $$ $(id -u):$(id -g):$(id -G); exec sleep 60"]
        spawn(sleep, tethered=True, output=1, account=Account(user=65534, group=65534))
        threading.Event().wait()
    """
    command = [sys.executable, "-c", dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        told = parent.stdout.readline()
        parent.kill()
    pid, account = told.split()
    assert account == "65534:65534:65534"
    deadline = time.monotonic() + 10
    while began_at(int(pid)) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_program_run_to_its_end_gets_what_is_typed_and_leaves_what_it_says(
    tmp_path: Path,
) -> None:
    log, cancelled = tmp_path / "log", threading.Event()
    code = run_to_end(
        ["sh", "-c", "cat; pwd; echo $WORD >&2; exit 3"],
        log=log,
        environment={"WORD": "given"},
        directory=tmp_path,
        typed="typed\n",
        cancelled=cancelled,
    )
    assert (code, log.read_text()) == (3, f"typed\n{tmp_path}\ngiven\n")


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
