from __future__ import annotations

import os
import pty
import subprocess
import sys
from textwrap import dedent

import pytest

from reconsite.embedded.console import Console, Progress
from reconsite.embedded.contents import PROJECT


def test_a_step_leaves_one_plain_line_at_its_start_and_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(Console(), who="Kafka", size=2_000_000)
    progress.advance(1_000_000)
    progress.finish()
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Kafka: downloading 2 MB"
    assert last.startswith("Kafka: downloaded 2 MB (")


def test_a_terminal_shows_how_far_each_step_is(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console()
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal, os.fdopen(reader, "rb", buffering=0) as shown:
        monkeypatch.setattr(sys, "stdout", terminal)
        console.begin("Valkey", "starting")
        Progress(console, who="Kafka", size=2_000_000).advance(1_000_000)
        terminal.write("END")
        terminal.flush()
        seen = b""
        while not seen.endswith(b"END"):
            seen += shown.read(1)
    assert seen.decode().endswith("\r\033[KValkey: starting · Kafka: 50 % of 2 MBEND")


def test_a_reader_who_left_does_not_end_what_is_under_way() -> None:
    script = """
        import sys
        from reconsite.embedded.console import Console
        console = Console()
        sys.stdin.readline()  # by now the reader has left
        console.say("lost")
        console.say("lost, too")
        sys.exit(3 if not console.is_heard else 4)
    """
    command = [sys.executable, "-c", dedent(script)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as speaker:
        assert speaker.stdin is not None and speaker.stdout is not None
        speaker.stdout.close()
        speaker.stdin.close()
        assert speaker.stderr is not None
        assert speaker.stderr.read() == b""
    assert speaker.returncode == 3
