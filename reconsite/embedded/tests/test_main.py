"""The command as a person runs it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOWN = {"REDIS_URL": "redis://127.0.0.1:1/0"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reconsite.embedded", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_failure_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    ended = run("start", RUN_DIR=str(tmp_path), **DOWN)
    assert ended.returncode == 1
    assert ended.stderr.startswith("REDIS_URL is set and names 127.0.0.1:1 ")
    assert ended.stderr.count("\n") == 1


def test_a_run_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("start", RUN_DIR=str(tmp_path / "file" / "run"))
    assert ended.returncode == 1
    assert str(tmp_path / "file" / "run") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_stopping_what_does_not_run_says_so(tmp_path: Path) -> None:
    ended = run("stop", RUN_DIR=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (0, "No service was running.\n")


def test_reset_removes_what_was_kept(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    assert run("reset", RUN_DIR=str(tmp_path)).returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["start", "stop", "reset"])
def test_an_unknown_option_is_refused(tmp_path: Path, command: str) -> None:
    assert run(command, "--no-such-option", RUN_DIR=str(tmp_path)).returncode == 2
