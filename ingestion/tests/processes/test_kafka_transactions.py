"""Producers that publish in transactions of Kafka's: aborted records are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

from ingestion.tests.processes.judging import judge, stored_results
from ingestion.tests.processes.stage import Stage, fields
from ingestion.tests.processes.topics import Publisher

pytestmark = pytest.mark.processes

# Whether all that was published to this topic for a second after everything was due is read.
READ_PAST_DUE = """
    SELECT (SELECT min(read_until) FROM kafka_offsets WHERE topic = %s)
    > (SELECT max(due) + interval '1 second' FROM open_transactions)
"""


@contextmanager
def begun(stage: Stage, *told: tuple[str, str]) -> Iterator[Producer]:
    """A transaction in which these sources have told of these transaction ids."""
    publisher = Publisher(**{"transactional.id": stage.database})
    publisher.producer.init_transactions()
    publisher.producer.begin_transaction()
    for transaction_id, source in told:
        value = stage.topics.encode(source, fields(transaction_id, source))
        publisher.publish(stage.topics.names[source], value, transaction_id.encode())
    publisher.flush()
    yield publisher.producer


def test_aborted_records_are_passed_over(stage: Stage) -> None:
    stage.start_worker()
    stage.tell("T1", "CORE")
    with begun(stage, ("T1", "GATEWAY"), ("T2", "CORE")) as producer:
        producer.abort_transaction()
    with begun(stage, ("T1", "MOBILE")) as producer:
        producer.commit_transaction()
    stage.wait_until_at_rest()
    assert {key: result.discrepancies for key, result in stored_results(stage).items()} == {
        "T1": ["MISSING_GATEWAY"]
    }
    judge(stage)


def test_a_leg_in_an_undecided_transaction_is_not_missing(stage: Stage) -> None:
    stage.start_worker()
    stage.tell("T1", "CORE")
    stage.tell("T1", "MOBILE")
    with begun(stage, ("T1", "GATEWAY")) as producer:
        core = stage.topics.names["CORE"]
        stage.wait_until(lambda: stage.value(READ_PAST_DUE, core), "core is read past due")
        assert not stored_results(stage)
        producer.commit_transaction()
    stage.wait_until_at_rest()
    assert stored_results(stage)["T1"].status == "matched"
    judge(stage)
