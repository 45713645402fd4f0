"""Workers that are killed at any moment lose nothing and double nothing."""

from __future__ import annotations

import random
import time

import pytest

from ingestion.tests.processes.judging import judge
from ingestion.tests.processes.stage import Stage

pytestmark = pytest.mark.processes


# Whether a worker has written, or holds locks, in a transaction that is not at its end.
IN_A_BATCH = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'reconsite worker'
    AND backend_xid IS NOT NULL)
"""


@pytest.mark.parametrize("names", [["anna"], ["anna", "ben", "clara"]], ids=["one", "three"])
def test_killed_workers_lose_and_double_nothing(stage: Stage, names: list[str]) -> None:
    workers = {name: stage.start_worker(name=name) for name in names}
    stage.start_producers(rate=300)
    for kill in range(4):
        name = random.choice(names)
        stage.wait_until_assigned(workers[name])
        # Not a wait: the moment of the kill. The seed is told when pytest starts.
        time.sleep(random.uniform(0, 0.3))
        if kill % 2:
            stage.wait_until(lambda: stage.value(IN_A_BATCH), "a batch is being written")
        workers[name].kill()
        workers[name] = stage.start_worker(name=name)
    stage.stop_producers()
    stage.wait_until_at_rest()
    judge(stage)
