"""What a worker finds when it starts: where going on would be wrong it ends with a sentence."""

from __future__ import annotations

import os

import pytest
from confluent_kafka import TopicPartition

from ingestion.tests.processes.databases import as_application, new_database
from ingestion.tests.processes.gates import new_gate
from ingestion.tests.processes.judging import stored_events, stored_results
from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.topics import SOURCES

pytestmark = pytest.mark.processes


def tell_all(stage: Stage, transaction_id: str) -> None:
    for source in SOURCES:
        stage.tell(transaction_id, source)


def test_offsets_that_were_deleted_unread_stop_the_worker(stage: Stage) -> None:
    tell_all(stage, "T1")
    assert stage.start_worker("--stop-at-end").exit_code() == 0
    tell_all(stage, "T1")
    ends = [TopicPartition(*partition, end) for partition, end in stage.topics.ends().items()]
    for deleted in stage.topics.admin.delete_records(ends).values():
        deleted.result(10)
    worker = stage.start_worker()
    assert worker.exit_code() == 1
    assert worker.said("records were deleted before they were read")
    assert len(stored_events(stage)) == 3


def test_a_topic_that_was_made_anew_stops_the_worker(stage: Stage) -> None:
    tell_all(stage, "T1")
    assert stage.start_worker("--stop-at-end").exit_code() == 0
    stage.topics.delete([stage.topics.names["CORE"]])
    stage.topics.create(stage.topics.names["CORE"])
    worker = stage.start_worker()
    assert worker.exit_code() == 1
    assert worker.said("or the topic was made anew")
    assert len(stored_events(stage)) == 3


def test_a_missing_topic_stops_the_worker(stage: Stage) -> None:
    stage.environment["TEST_GATEWAY_TOPIC"] = "nowhere"
    worker = stage.start_worker()
    assert worker.exit_code() == 1
    assert worker.said("There is no topic nowhere: run manage.py create_topics.")


def test_a_database_that_is_not_migrated_stops_the_worker(stage: Stage) -> None:
    with new_database(f"{stage.database}_empty") as empty:
        stage.environment["DATABASE_URL"] = as_application(empty)
        worker = stage.start_worker()
        assert worker.exit_code() == 1
        assert worker.said("The database is not migrated")


def test_a_broker_that_is_down_is_waited_for(stage: Stage) -> None:
    tell_all(stage, "T1")
    host, port = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(":")
    with new_gate(host, int(port)) as gate:
        stage.environment["KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{gate.port}"
        worker = stage.start_worker()
        stage.wait_until_said(worker, "event=broker_unavailable")
        gate.let_through()
        stage.wait_until(lambda: stored_results(stage), "the worker goes on")
