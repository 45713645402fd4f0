from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import wait_until
from ingestion.tests.processes.gates import unused_port
from ingestion.tests.processes.programs import Program
from ingestion.tests.processes.web import WebSocket, accepts

pytestmark = pytest.mark.processes


@pytest.fixture
def port() -> int:
    return unused_port()


@pytest.fixture
def flood(port: int, tmp_path: Path) -> Iterator[Program]:
    """Daphne with an application that sends without end."""
    arguments = ("-m", "daphne", "-p", str(port), "desk.tests.live.flood:application")
    program = Program(*arguments, environment=os.environ, log=tmp_path / "flood.log")
    wait_until(lambda: accepts(port))
    yield program
    program.kill()


@pytest.fixture
def socket(flood: Program, port: int) -> Iterator[WebSocket]:
    socket = WebSocket(port)
    yield socket
    socket.close()


def test_sending_waits_for_a_client_that_does_not_read(flood: Program, socket: WebSocket) -> None:
    wait_until(lambda: flood.said("it waits"))


def test_a_server_s_codes_reach_the_client(flood: Program, socket: WebSocket) -> None:
    assert socket.closed() == 1013
    assert not flood.said("it waits")
