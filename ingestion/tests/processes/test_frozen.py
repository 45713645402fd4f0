"""A worker that is frozen while it holds locks does not stop the others, and recovers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ingestion.tests.processes.judging import judge
from ingestion.tests.processes.programs import Program
from ingestion.tests.processes.stage import Stage

pytestmark = pytest.mark.processes

SESSION = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'reconsite worker'
"""

# Whether this session waits for its client, and holds a lane's lock meanwhile.
WAITS = "SELECT wait_event_type IS NOT DISTINCT FROM 'Client' FROM pg_stat_activity WHERE pid = %s"
HOLDS = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND granted
    AND locktype = 'transactionid' AND transactionid IN (SELECT xmax FROM lanes))
"""


@pytest.fixture
def partitions() -> Sequence[int]:
    """Not the same, so that both workers need every lane."""
    return (6, 4, 3)


def freeze_in_a_batch(stage: Stage, worker: Program, session: int) -> None:
    """Freeze `worker` at a moment at which its session holds the locks of lanes."""

    def is_frozen_there() -> bool:
        if not stage.value(HOLDS, session):
            return False
        worker.freeze()
        stage.wait_until(lambda: stage.value(WAITS, session), "PostgreSQL waits for the worker")
        if stage.value(HOLDS, session):
            return True
        worker.thaw()
        return False

    stage.wait_until(is_frozen_there, "the worker is frozen in the middle of a batch")


def test_a_frozen_worker_holds_nobody_up_and_recovers(stage: Stage) -> None:
    anna = stage.start_worker(name="anna")
    stage.wait_until_assigned(anna)
    session = stage.value(SESSION)
    ben = stage.start_worker(name="ben")
    stage.wait_until_assigned(ben)
    stage.start_producers(rate=500)
    freeze_in_a_batch(stage, anna, session)
    stage.wait_until_said(ben, "event=frozen_worker_ended")
    stage.stop_producers()
    stage.wait_until(stage.is_read, "the other worker reads everything")
    anna.thaw()
    stage.wait_until_said(anna, "event=standing_by")
    stage.wait_until_said(anna, "event=assigned", times=3)
    stage.wait_until_at_rest()
    judge(stage)
