from __future__ import annotations

import pytest
from confluent_kafka import KafkaException

from conftest import RealTopics
from ingestion import broker as broker_module
from ingestion.broker import Broker, TopicMissing
from ingestion.kafka import client_config
from ingestion.offsets import Partition


@pytest.fixture
def partition(topics: RealTopics) -> Partition:
    return Partition(topics.make(), 0)


@pytest.fixture
def broker(partition: Partition) -> Broker:
    broker = Broker({**client_config()}, [partition.topic])
    # A client that knows no partitions yet may need three seconds for its first offsets.
    assert broker.partitions() == [partition]
    return broker


def test_it_knows_the_partitions_that_its_topics_have(topics: RealTopics) -> None:
    two, three = topics.make(2), topics.make(3)
    topics.make(1)
    expected = [Partition(two, number) for number in range(2)]
    expected += [Partition(three, number) for number in range(3)]
    assert Broker({**client_config()}, [three, two]).partitions() == sorted(expected)


def test_it_knows_partitions_that_were_added(
    topics: RealTopics, broker: Broker, partition: Partition
) -> None:
    assert broker.partitions() == [partition]
    topics.add_partitions(partition.topic, 2)
    assert broker.partitions() == [partition, Partition(partition.topic, 1)]


def test_it_says_what_to_do_about_a_topic_that_is_not_there(partition: Partition) -> None:
    broker = Broker({**client_config()}, [partition.topic, "never-made"])
    with pytest.raises(TopicMissing, match=r"no topic never-made: run manage\.py"):
        broker.partitions()


def test_a_partition_begins_at_0_and_ends_after_its_last_record(
    topics: RealTopics, broker: Broker, partition: Partition
) -> None:
    assert broker.beginnings([partition]) == broker.ends([partition]) == {partition: 0}
    topics.publish(partition, b"1", b"2", b"3")
    assert broker.beginnings([partition]) == {partition: 0}
    assert broker.ends([partition]) == {partition: 3}


def test_a_partition_begins_at_the_first_record_that_it_still_has(
    topics: RealTopics, broker: Broker, partition: Partition
) -> None:
    topics.publish(partition, b"1", b"2", b"3")
    topics.delete_before(partition, 2)
    assert broker.beginnings([partition]) == {partition: 2}


def test_an_end_counts_the_records_of_an_open_transaction(
    topics: RealTopics, broker: Broker, partition: Partition
) -> None:
    topics.publish(partition, b"1")
    producer = topics.begin_transaction(partition, b"2", b"3")
    assert broker.ends([partition]) == {partition: 3}
    producer.abort_transaction(10)


def test_only_those_that_were_asked_for_are_told(topics: RealTopics) -> None:
    topic = topics.make(2)
    partitions = [Partition(topic, number) for number in range(2)]
    broker = Broker({**client_config()}, [topic])
    assert broker.partitions() == partitions
    assert broker.ends(partitions[1:]).keys() == {partitions[1]}
    assert broker.ends([]) == broker.beginnings([]) == {}


def test_a_partition_that_is_not_there_is_an_error(broker: Broker, partition: Partition) -> None:
    with pytest.raises(KafkaException):
        broker.ends([partition, Partition(partition.topic, 7)])


def test_a_broker_that_does_not_answer_is_an_error(
    monkeypatch: pytest.MonkeyPatch, partition: Partition
) -> None:
    monkeypatch.setattr(broker_module, "TIMEOUT_SECONDS", 0.2)
    gone = Broker({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, [partition.topic])
    for question in (gone.partitions, lambda: gone.ends([partition])):
        with pytest.raises(KafkaException):
            question()
