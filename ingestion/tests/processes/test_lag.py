"""A leg that waits in Kafka, because we are late, is not missing."""

from __future__ import annotations

import pytest

from ingestion.tests.processes.judging import judge
from ingestion.tests.processes.stage import MATCH_WINDOW, Stage

pytestmark = pytest.mark.processes

OPEN_FOR = (
    "SELECT min(extract(epoch FROM clock_timestamp() - first_seen_at)) FROM open_transactions"
)

# Those that were read only after they were due, but published before.
WAITED = """
    SELECT count(*) FROM raw_events JOIN reconciliation_results USING (transaction_id)
    WHERE received_at > first_seen_at + make_interval(secs => %s)
    AND kafka_timestamp < first_seen_at + make_interval(secs => %s)
"""
MISSING = "SELECT count(*) FROM reconciliation_results WHERE discrepancies::text LIKE '%%MISSING%%'"


def test_what_was_published_while_no_worker_ran_is_not_missing(stage: Stage) -> None:
    worker = stage.start_worker()
    stage.wait_until_assigned(worker)
    stage.start_producers(rate=200)
    stage.wait_until(lambda: stage.value(OPEN_FOR) is not None, "something is open")
    assert worker.terminate() == 0
    stage.wait_until(lambda: stage.value(OPEN_FOR) > 2 * MATCH_WINDOW, "all are due long since")
    stage.wait_until_assigned(stage.start_worker())
    stage.stop_producers()
    stage.wait_until_at_rest()
    assert stage.value(WAITED, MATCH_WINDOW, MATCH_WINDOW) > 0
    assert stage.value(MISSING) > 0
    judge(stage)
