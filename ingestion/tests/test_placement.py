from __future__ import annotations

import pytest
from confluent_kafka import KafkaException

from conftest import RealTopics
from ingestion import broker as broker_module
from ingestion.broker import Broker
from ingestion.kafka import client_config
from ingestion.models import KafkaOffset
from ingestion.offsets import Partition, register_partitions, stored_offsets
from ingestion.placement import OffsetGone, starting_offsets

pytestmark = pytest.mark.django_db


@pytest.fixture
def partition(topics: RealTopics) -> Partition:
    """It had six records, of which the first two were deleted."""
    partition = Partition(topics.make(), 0)
    topics.publish(partition, *(b"%d" % number for number in range(6)))
    topics.delete_before(partition, 2)
    return partition


@pytest.fixture
def broker(partition: Partition) -> Broker:
    broker = Broker({**client_config()}, [partition.topic])
    # A client that knows no partitions yet may need three seconds for its first offsets.
    assert broker.partitions() == [partition]
    return broker


def test_a_partition_that_was_never_read_begins_at_the_first_record_that_it_has(
    broker: Broker, partition: Partition
) -> None:
    assert starting_offsets(broker, [partition]) == {partition: 2}
    row = KafkaOffset.objects.get()
    assert (row.first_offset, row.next_offset, row.records) == (2, 2, 0)


@pytest.mark.parametrize("offset", [2, 4, 6])
def test_a_partition_that_was_read_goes_on_where_it_was(
    broker: Broker, partition: Partition, offset: int
) -> None:
    register_partitions({partition: offset})
    assert starting_offsets(broker, [partition]) == {partition: offset}


@pytest.mark.parametrize("offset", [1, 7])
def test_an_offset_that_the_topic_does_not_have_is_gone(
    broker: Broker, partition: Partition, offset: int
) -> None:
    register_partitions({partition: offset})
    where = f"{partition.topic}/0 holds the offsets 2 to 6, but reading should go on at {offset}"
    with pytest.raises(OffsetGone, match=where):
        starting_offsets(broker, [partition])
    assert stored_offsets([partition]) == {partition: offset}


def test_an_offset_within_an_open_transaction_is_there(
    topics: RealTopics, broker: Broker, partition: Partition
) -> None:
    producer = topics.begin_transaction(partition, b"6", b"7")
    register_partitions({partition: 8})
    assert starting_offsets(broker, [partition]) == {partition: 8}
    producer.abort_transaction(10)


def test_nothing_is_begun_while_the_broker_does_not_answer(
    partition: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "TIMEOUT_SECONDS", 0.2)
    gone = Broker({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, [partition.topic])
    with pytest.raises(KafkaException):
        starting_offsets(gone, [partition])
    assert not KafkaOffset.objects.exists()
