"""Rules that are loaded while a worker runs judge what is first seen from then on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.tests.processes.judging import judge, stored_events, stored_results
from ingestion.tests.processes.stage import Stage, short_rules

pytestmark = pytest.mark.processes


def test_new_rules_judge_what_is_first_seen_from_then_on(stage: Stage, tmp_path: Path) -> None:
    stage.start_worker()
    stage.tell("BEFORE", "CORE")
    stage.wait_until(lambda: stored_events(stage), "it is seen")
    rules = short_rules(tmp_path, amount_tolerance=1)
    assert stage.start_command("load_rules", str(rules)).exit_code() == 0
    stage.tell("AFTER", "CORE")
    for transaction_id in ("BEFORE", "AFTER"):
        for source in ("GATEWAY", "MOBILE"):
            stage.tell(transaction_id, source, amount=Decimal(101))
    stage.wait_until_at_rest()
    found = {
        key: (each.rule_set, each.discrepancies) for key, each in stored_results(stage).items()
    }
    assert found == {"BEFORE": (2, ["AMOUNT"]), "AFTER": (3, [])}
    judge(stage)
