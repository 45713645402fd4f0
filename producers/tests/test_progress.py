from __future__ import annotations

from io import StringIO

import pytest

from producers import progress
from producers.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "ON_TERMINAL", 0.0)
    monkeypatch.setattr(progress, "ELSEWHERE", 0.0)


def test_on_a_terminal_the_line_is_written_in_place() -> None:
    terminal = Terminal()
    Progress("CORE", terminal).tick(published=5, waiting=2)
    assert terminal.getvalue().startswith("source=core published=5 ")
    assert terminal.getvalue().endswith("\x1b[K\r")


def test_elsewhere_every_line_stands_by_itself() -> None:
    out = StringIO()
    lines = Progress("CORE", out)
    lines.tick(published=5, waiting=2)
    lines.summarise(published=9, failed=1)
    first, second = out.getvalue().splitlines()
    assert "published=5 " in first
    assert first.endswith(" waiting=2")
    assert second.endswith("transactions=0 failed=1")


def test_nothing_is_said_before_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "ELSEWHERE", 60.0)
    out = StringIO()
    Progress("CORE", out).tick(published=5, waiting=2)
    assert out.getvalue() == ""
