"""PostgreSQL may be cut off at any moment, also between a commit and its answer."""

from __future__ import annotations

import random
import time
from urllib.parse import urlsplit

import pytest

from ingestion.tests.processes.gates import Gate, new_gate
from ingestion.tests.processes.judging import judge
from ingestion.tests.processes.stage import Stage

pytestmark = pytest.mark.processes


def wait_for_more(stage: Stage) -> None:
    """Wait until the worker goes on."""
    count = "SELECT count(*) FROM raw_events"
    before = stage.value(count)
    stage.wait_until(lambda: stage.value(count) > before, "more is stored")


def cut_off(gate: Gate) -> None:
    # Not a wait: the moment of the cut. The seed is told when pytest starts.
    time.sleep(random.uniform(0, 0.5))
    gate.shut()


def lose_commit(gate: Gate) -> None:
    # With the end of the statement, for tables are made ON COMMIT DELETE ROWS.
    gate.lose_answer(b"COMMIT\x00")


def test_postgresql_may_be_cut_off_at_any_moment(stage: Stage) -> None:
    url = urlsplit(stage.environment["DATABASE_URL"])
    with new_gate(url.hostname, url.port) as gate:
        netloc = url.netloc.replace(f":{url.port}", f":{gate.port}")
        stage.environment["DATABASE_URL"] = url._replace(netloc=netloc).geturl()
        gate.let_through()
        worker = stage.start_worker()
        stage.wait_until_assigned(worker)
        stage.start_producers(rate=500)
        for cuts, disturb in enumerate([cut_off, lose_commit, cut_off, lose_commit], start=1):
            disturb(gate)
            stage.wait_until_said(worker, "attempt=1 ", times=cuts)
            gate.let_through()
            wait_for_more(stage)
        stage.stop_producers()
        stage.wait_until_at_rest()
        judge(stage)
