"""A worker ends when it is told to, or at the end of what was there."""

from __future__ import annotations

import pytest

from ingestion.tests.processes.gates import unused_port
from ingestion.tests.processes.judging import judge, stored_results
from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.topics import SOURCES

pytestmark = pytest.mark.processes

ALL_IS_DUE = "SELECT bool_and(due < clock_timestamp()) FROM open_transactions"


def test_a_worker_that_works_can_be_stopped(stage: Stage) -> None:
    worker = stage.start_worker()
    stage.wait_until_assigned(worker)
    stage.start_producers(rate=500)
    stage.wait_until(lambda: stored_results(stage), "the worker is at work")
    assert worker.terminate(within=5) == 0
    assert worker.said("event=stopped")


def test_a_worker_that_stands_by_can_be_stopped(stage: Stage) -> None:
    stage.tell("T1", "CORE")
    stage.environment["SCHEMA_REGISTRY_URL"] = f"http://127.0.0.1:{unused_port()}"
    worker = stage.start_worker()
    stage.wait_until_said(worker, "event=standing_by")
    assert worker.terminate(within=5) == 0


def test_a_worker_that_stops_at_the_end_has_judged_what_was_there(stage: Stage) -> None:
    for source in SOURCES:
        stage.tell("WHOLE", source)
    stage.tell("HALF", "CORE")
    assert stage.start_worker("--stop-at-end").exit_code() == 0
    assert stored_results(stage).keys() == {"WHOLE"}
    stage.wait_until(lambda: stage.value(ALL_IS_DUE), "what is missing is due")
    assert stage.start_worker("--stop-at-end").exit_code() == 0
    assert stored_results(stage)["HALF"].discrepancies == ["MISSING_GATEWAY", "MISSING_MOBILE"]
    judge(stage)


def test_two_workers_that_stop_at_the_end_both_end(stage: Stage) -> None:
    stage.start_producers(count=1000, fault_rate=0)
    workers = [stage.start_worker("--stop-at-end") for _ in range(2)]
    assert [worker.exit_code() for worker in workers] == [0, 0]
