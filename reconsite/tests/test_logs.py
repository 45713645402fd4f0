from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START = """
import logging.config, structlog
from reconsite.logs import LOGGING
logging.config.dictConfig(LOGGING)
log = structlog.get_logger("here")
"""


def said(statements: str) -> list[str]:
    """The lines that a process with our logging writes on standard error."""
    ended = subprocess.run(
        [sys.executable, "-c", START + statements],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not ended.stdout
    return ended.stderr.splitlines()


def test_a_line_tells_when_how_grave_and_what_and_then_the_rest() -> None:
    (line,) = said("log.warning('dead_letter', topic='core_txns', offset=7)")
    timestamp, rest = line.split(" ", maxsplit=1)
    assert timestamp.startswith("timestamp=2") and timestamp.endswith("Z")
    assert rest == "level=warning event=dead_letter topic=core_txns offset=7"


def test_lines_of_libraries_look_the_same() -> None:
    (line,) = said("logging.getLogger('django').error('no answer')")
    assert line.split(" ", maxsplit=1)[1] == 'level=error event="no answer"'


def test_whatever_is_told_stays_on_its_line() -> None:
    (line,) = said("log.warning('kafka', fault='down\\nlevel=info event=\"all is well\"')")
    assert line.endswith(r'fault="down\nlevel=info event=\"all is well\""')


def test_an_exception_stays_on_its_line() -> None:
    (line,) = said("try: 1 / 0\nexcept ZeroDivisionError: log.exception('failed')")
    assert "event=failed" in line and "ZeroDivisionError" in line


def test_what_is_of_no_interest_is_not_told() -> None:
    assert not said("log.debug('moved'); logging.getLogger('httpx2').info('GET /subjects')")
