"""The command as a person runs it: in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconsite.embedded.rundir import RunDir

COMMAND = (sys.executable, "-m", "reconsite.embedded")
DOWN = {"REDIS_URL": "redis://127.0.0.1:1/0"}
# PostgreSQL and Valkey are started; the broker and the registry that run are used.
LIGHT = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": "", "RECONSITE_RUN_DIR": ""}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    """A run directory whose services are gone after the test."""
    yield tmp_path
    run("reset", RUN_DIR=str(tmp_path))


def test_a_start_leads_to_services_that_outlive_it(run_dir: Path) -> None:
    assert run("start", "--empty", RUN_DIR=str(run_dir), **LIGHT).returncode == 0
    load = f"set -a; . '{run_dir}/env'; exec '{sys.executable}' -c"
    ask = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close()"
    subprocess.run(["sh", "-c", f'{load} "{ask}"'], check=True)


def test_a_second_start_changes_nothing(run_dir: Path) -> None:
    run("start", "--empty", RUN_DIR=str(run_dir), **LIGHT)
    before = {file: file.read_text() for file in (*run_dir.glob("*.pid"), run_dir / "env")}
    again = run("start", "--empty", RUN_DIR=str(run_dir), **LIGHT)
    assert "PostgreSQL: runs" in again.stdout
    assert {file: file.read_text() for file in before} == before


def test_a_service_that_was_killed_is_started_again(run_dir: Path) -> None:
    run("start", "--empty", RUN_DIR=str(run_dir), **LIGHT)
    valkey = int((run_dir / "valkey.pid").read_text().split()[0])
    os.kill(valkey, signal.SIGKILL)
    again = run("start", "--empty", RUN_DIR=str(run_dir), **LIGHT)
    assert "Valkey: started" in again.stdout
    assert "PostgreSQL: runs" in again.stdout


def test_an_interrupted_start_ends_what_it_started(run_dir: Path) -> None:
    environment = {**os.environ, **LIGHT, "RUN_DIR": str(run_dir)}
    with subprocess.Popen(
        [*COMMAND, "start", "--empty"], env=environment, stdout=subprocess.PIPE, text=True
    ) as start:
        assert start.stdout is not None
        next(line for line in start.stdout if line.startswith("Valkey: started"))
        start.send_signal(signal.SIGINT)
        assert "Valkey: stopped" in start.stdout.read()
    assert start.returncode == 130
    assert not list(run_dir.glob("*.pid"))


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


@pytest.mark.parametrize("command", ["run", "stop", "reset"])
def test_beside_a_run_of_the_instance_there_is_no_second_and_no_end_of_its_services(
    tmp_path: Path, command: str
) -> None:
    with RunDir(tmp_path).claimed():
        ended = run(command, RUN_DIR=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"`make run` is under way on {tmp_path}: end it first")
    assert ended.stderr.count("\n") == 1
