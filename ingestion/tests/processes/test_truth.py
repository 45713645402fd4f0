"""What three producers injected, one worker finds: all of it, and nothing else."""

from __future__ import annotations

import pytest

from ingestion.tests.processes.judging import judge, judge_by_truth
from ingestion.tests.processes.stage import Stage

pytestmark = pytest.mark.processes


def test_what_the_producers_injected_is_found_and_nothing_else(stage: Stage) -> None:
    stage.start_producers(count=3000)
    stage.start_worker()
    stage.wait_until_at_rest()
    judge(stage)
    judge_by_truth(stage)
