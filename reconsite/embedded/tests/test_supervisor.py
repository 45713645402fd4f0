"""With real little programs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from conftest import wait_until
from reconsite.embedded.console import Console
from reconsite.embedded.contents import PROJECT
from reconsite.embedded.failure import Failure
from reconsite.embedded.processes import began_at
from reconsite.embedded.supervisor import Program, Supervisor

NAMES = ("web", "worker")
# Tells when it is there and in what order programs end, for all write one file.
OBEDIENT = "echo ready >&2; trap 'echo $0 >> ended; exit' TERM; while :; do sleep 0.01; done"
DEAF = "trap '' TERM; echo ready >&2; while :; do sleep 0.01; done"


class Programs:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.supervisor = Supervisor(Console(), names=NAMES)

    def start(self, name: str, script: str) -> None:
        self.supervisor.start(
            Program(
                name,
                ["sh", "-c", script, name],
                environment=dict(os.environ),
                directory=self.directory,
                log=self.directory / f"{name}.log",
            )
        )

    def await_death(self) -> str:
        """What is said when one ends by itself."""
        deadline = time.monotonic() + 10
        with pytest.raises(Failure) as died:
            while time.monotonic() < deadline:
                self.supervisor.demand_all_running()
        return str(died.value)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    programs = Programs(tmp_path)
    yield programs
    hurry = threading.Event()
    hurry.set()
    programs.supervisor.stop(*NAMES, hurry=hurry)


def await_output(capsys: pytest.CaptureFixture[str], count: int) -> list[str]:
    seen: list[str] = []

    def enough() -> bool:
        seen.extend(capsys.readouterr().out.splitlines())
        return len(seen) >= count

    wait_until(enough)
    return seen


def test_each_line_carries_the_name_of_its_program(
    programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.start("web", "printf 'one\\ntwo\\n' >&2; exec sleep 60")
    programs.start("worker", "printf 'no end' >&2")
    lines = await_output(capsys, 3)
    assert [line for line in lines if "web" in line] == ["web    │ one", "web    │ two"]
    assert [line for line in lines if "worker" in line] == ["worker │ no end"]


def test_standard_output_goes_to_the_log(
    programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.start("web", "echo progress; echo trouble >&2; exec sleep 60")
    assert await_output(capsys, 1) == ["web    │ trouble"]
    assert (programs.directory / "web.log").read_text() == "progress\n"


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_names_are_coloured_on_a_terminal_unless_it_shall_not(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal, os.fdopen(reader, "rb", buffering=0) as shown:
        monkeypatch.setattr(sys, "stdout", terminal)
        programs.start("web", "echo here >&2; exec sleep 60")
        seen = b""
        while not seen.endswith(b"here\r\n"):
            seen += shown.read(1)
        programs.supervisor.stop("web", hurry=threading.Event())
        monkeypatch.undo()
    assert ("\033[36mweb" in seen.decode()) is coloured


def test_a_death_says_which_program_how_and_what_it_said_last(programs: Programs) -> None:
    programs.start("worker", "exec sleep 60")
    programs.start("web", "seq 20 >&2; echo the port is taken >&2; exit 3")
    said = programs.await_death()
    assert said.startswith("The program `web` ended by itself (exit code 3), and the run with it.")
    assert said.splitlines()[1:] == [*map(str, range(14, 21)), "the port is taken"]


def test_a_program_that_was_killed_is_a_death_too(programs: Programs) -> None:
    programs.start("worker", "kill -9 $$")
    said = programs.await_death()
    assert "`worker` ended by itself (by SIGKILL)" in said
    assert str(programs.directory / "worker.log") in said


def test_the_end_of_a_program_that_was_stopped_is_no_death(programs: Programs) -> None:
    programs.start("web", "exec sleep 60")
    programs.supervisor.stop("web", hurry=threading.Event())
    programs.supervisor.demand_all_running()


def test_programs_end_in_the_order_that_is_asked_for(
    programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.start("web", OBEDIENT)
    programs.start("worker", OBEDIENT)
    await_output(capsys, 2)
    for name in ("worker", "web"):
        programs.supervisor.stop(name, hurry=threading.Event())
    assert (programs.directory / "ended").read_text().split() == ["worker", "web"]


def test_a_program_that_does_not_obey_is_killed_in_a_hurry(
    programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    programs.start("web", DEAF)
    await_output(capsys, 1)
    hurry = threading.Event()
    threading.Timer(0.2, hurry.set).start()
    begun = time.monotonic()
    programs.supervisor.stop("web", hurry=hurry)
    assert 0.2 <= time.monotonic() - begun < 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie processes together")
def test_even_a_kill_of_the_supervisor_leaves_no_program_behind(tmp_path: Path) -> None:
    script = """
        import os, threading
        from pathlib import Path
        from reconsite.embedded.console import Console
        from reconsite.embedded.supervisor import Program, Supervisor
        here, names = Path.cwd(), ("web", "worker")
        supervisor = Supervisor(Console(), names=names)
        for name in names:  # in threads that end, as those of a start do
            command = ["sh", "-c", "echo $$ >&2; exec sleep 60"]
            program = Program(name, command, dict(os.environ), here, here / f"{name}.log")
            start = threading.Thread(target=supervisor.start, args=(program,))
            start.start()
            start.join()
        threading.Event().wait()
    """
    command = [sys.executable, "-c", dedent(script)]
    here = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=here, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        told = [supervisor.stdout.readline() for _ in NAMES]
        supervisor.kill()
        pids = [int(line.split()[-1]) for line in told]
        wait_until(lambda: not any(began_at(pid) for pid in pids))
