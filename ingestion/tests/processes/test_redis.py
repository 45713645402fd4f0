"""Whatever becomes of the data in Redis, the verdicts are the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.tests.processes.judging import judge, stored_events, stored_results
from ingestion.tests.processes.programs import Program
from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.valkey import Valkey

pytestmark = pytest.mark.processes


@pytest.fixture
def valkey(stage: Stage, tmp_path: Path) -> Iterator[Valkey]:
    """The Redis of the stage's programs."""
    directory = tmp_path / "valkey"
    directory.mkdir()
    valkey = Valkey(directory)
    stage.environment["REDIS_URL"] = valkey.url
    valkey.start()
    try:
        stage.wait_until(valkey.answers, "Valkey answers")
        yield valkey
    finally:
        valkey.client.close()
        valkey.kill()


def cached(valkey: Valkey) -> int:
    """How many transactions are cached: each lane's hash has its version besides."""
    return sum(valkey.client.hlen(key) - 1 for key in valkey.client.scan_iter())


def start_under_load(stage: Stage) -> Program:
    worker = stage.start_worker()
    stage.wait_until_assigned(worker)
    stage.start_producers(rate=300)
    return worker


def judge_at_rest(stage: Stage) -> None:
    stage.stop_producers()
    stage.wait_until_at_rest()
    judge(stage)


def versions(stage: Stage) -> set[bytes]:
    return {version for (version,) in stage.rows("SELECT version FROM lanes")}


def set_back(stage: Stage, valkey: Valkey) -> None:
    """Let Redis have again, from one moment to the next, what it had before all lanes changed."""
    before = versions(stage)
    old = {key: valkey.client.dump(key) for key in valkey.client.scan_iter()}
    stage.wait_until(lambda: not before & versions(stage), "all lanes have changed")
    with valkey.client.pipeline(transaction=True) as pipeline:
        for key, value in old.items():
            if value is not None:
                pipeline.restore(key, 0, value, replace=True)
        pipeline.execute()


def test_redis_may_be_flushed_and_set_back(stage: Stage, valkey: Valkey) -> None:
    start_under_load(stage)
    for _ in range(15):
        stage.wait_until(lambda: valkey.client.dbsize() == 12, "all lanes are cached")
        set_back(stage, valkey)
        stage.wait_until(lambda: valkey.client.dbsize() == 12, "all lanes are cached again")
        valkey.client.flushall()
    judge_at_rest(stage)


def test_redis_may_fail_over_to_old_data(stage: Stage, valkey: Valkey) -> None:
    stage.wait_until_assigned(stage.start_worker())
    ids = [f"T{number}" for number in range(12)]
    for transaction_id in ids:
        stage.tell(transaction_id, "CORE")
    stage.wait_until(lambda: cached(valkey) == len(ids), "they are cached")
    valkey.keep_data()
    for transaction_id in ids:
        stage.tell(transaction_id, "GATEWAY")
    stage.wait_until(lambda: len(stored_events(stage)) == 2 * len(ids), "more is stored")
    valkey.kill()
    valkey.start()
    stage.wait_until(valkey.answers, "Valkey answers again")
    for transaction_id in ids:
        stage.tell(transaction_id, "MOBILE")
    stage.wait_until_at_rest()
    assert {result.status for result in stored_results(stage).values()} == {"matched"}
    judge(stage)


def test_redis_may_be_gone_for_a_while(stage: Stage, valkey: Valkey) -> None:
    worker = start_under_load(stage)
    stage.wait_until(valkey.client.dbsize, "something is cached")
    valkey.kill()
    stage.wait_until_said(worker, "event=redis_unavailable")
    valkey.start()
    stage.wait_until(valkey.answers, "Valkey answers again")
    stage.wait_until(valkey.client.dbsize, "something is cached again")
    judge_at_rest(stage)
