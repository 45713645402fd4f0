from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions

from conftest import RealTopics, wait_until
from ingestion.kafka import client_config
from ingestion.offsets import Partition, Span
from ingestion.placement import OffsetGone
from ingestion.reader import Reader

NOW = 0.05


class Reading:
    """A reader, and all that its polls have brought."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.values: list[bytes | None] = []
        self.spans: dict[Partition, Span] = {}

    def poll(self) -> None:
        poll = self.reader.poll(100, NOW)
        self.values += [message.value() for message in poll.messages]
        for partition, span in poll.spans.items():
            known = self.spans.get(partition, span)
            assert known is span or known.end == span.start
            self.spans[partition] = Span(known.start, span.end)

    def poll_until(self, condition: Callable[[], object]) -> None:
        def holds() -> object:
            self.poll()
            return condition()

        wait_until(holds)

    def read_to(self, partition: Partition, end: int) -> None:
        self.poll_until(lambda: partition in self.spans and self.spans[partition].end >= end)


@pytest.fixture
def partition(topics: RealTopics) -> Partition:
    """It has four records."""
    partition = Partition(topics.make(), 0)
    topics.publish(partition, b"0", b"1", b"2", b"3")
    return partition


@pytest.fixture
def group() -> str:
    return f"test-{uuid4().hex}"


@contextmanager
def new_reader(
    group: str, *topics: str, before_revoke: Callable[[], None] = lambda: None
) -> Iterator[Reading]:
    # It hears of a rebalance by a heartbeat.
    config = {**client_config(), "group.id": group, "heartbeat.interval.ms": 200}
    reader = Reader(config, topics, before_revoke=before_revoke)
    try:
        yield Reading(reader)
    finally:
        reader.close()


@pytest.fixture
def reading(partition: Partition, group: str) -> Iterator[Reading]:
    """Of this partition, assigned but not placed."""
    with new_reader(group, partition.topic) as reading:
        reading.poll_until(lambda: reading.reader.assigned)
        yield reading


def test_a_reader_that_is_not_placed_reads_nothing(reading: Reading, partition: Partition) -> None:
    assert reading.reader.assigned == [partition]
    assert not reading.reader.placed
    for _ in range(5):
        reading.poll()
    assert (reading.values, reading.spans) == ([], {})


@pytest.mark.parametrize("offset", [0, 2])
def test_it_reads_from_where_it_is_placed(
    reading: Reading, partition: Partition, offset: int
) -> None:
    reading.reader.place({partition: offset})
    reading.read_to(partition, 4)
    assert reading.values == [b"0", b"1", b"2", b"3"][offset:]
    assert reading.spans == {partition: Span(offset, 4)}


def test_a_poll_takes_no_more_than_it_was_asked_for(reading: Reading, partition: Partition) -> None:
    reading.reader.place({partition: 0})
    first = reading.reader.poll(1, seconds=10)
    assert [message.value() for message in first.messages] == [b"0"]
    assert first.spans == {partition: Span(0, 1)}


def test_positions_pass_over_markers_and_aborted_records(
    reading: Reading, partition: Partition, topics: RealTopics
) -> None:
    topics.begin_transaction(partition, b"aborted").abort_transaction(10)
    topics.begin_transaction(partition, b"committed").commit_transaction(10)
    reading.reader.place({partition: 4})
    # Two records and two markers.
    reading.read_to(partition, 8)
    assert reading.values == [b"committed"]
    assert reading.spans == {partition: Span(4, 8)}


def test_records_of_an_open_transaction_are_not_read(
    reading: Reading, partition: Partition, topics: RealTopics
) -> None:
    producer = topics.begin_transaction(partition, b"open")
    topics.publish(partition, b"behind it")
    reading.reader.place({partition: 3})
    reading.read_to(partition, 4)
    assert reading.values == [b"3"]
    producer.commit_transaction(10)
    reading.read_to(partition, 6)
    assert reading.values == [b"3", b"open", b"behind it"]


def test_where_nothing_came_nothing_moves(reading: Reading, partition: Partition) -> None:
    reading.reader.place({partition: 4})
    for _ in range(3):
        reading.poll()
    assert reading.spans == {}


def test_what_was_polled_and_not_stored_is_read_again(
    reading: Reading, partition: Partition
) -> None:
    reading.reader.place({partition: 0})
    reading.read_to(partition, 4)
    before = reading.reader.generation
    reading.reader.stand_still()
    assert reading.reader.generation > before
    assert not reading.reader.placed
    again = Reading(reading.reader)
    again.poll()
    again.reader.place({partition: 1})
    again.read_to(partition, 4)
    assert again.values == [b"1", b"2", b"3"]
    assert again.spans == {partition: Span(1, 4)}


def test_while_it_is_kept_alive_it_reads_nothing(
    reading: Reading, partition: Partition, topics: RealTopics
) -> None:
    reading.reader.place({partition: 4})
    reading.reader.keep_alive(NOW)
    topics.publish(partition, b"4")
    for _ in range(5):
        reading.reader.keep_alive(NOW)
    assert reading.reader.placed
    reading.reader.go_on()
    reading.read_to(partition, 5)
    assert reading.values == [b"4"]


def test_what_was_fetched_before_it_was_kept_alive_is_not_lost(
    reading: Reading, partition: Partition
) -> None:
    reading.reader.place({partition: 0})
    assert reading.reader.poll(1, seconds=10).spans == {partition: Span(0, 1)}
    reading.reader.keep_alive(NOW)
    reading.reader.go_on()
    # Unless one came out all the same and was forgotten.
    if not reading.reader.placed:
        reading.reader.place({partition: 1})
    reading.read_to(partition, 4)
    assert reading.values == [b"1", b"2", b"3"]


@pytest.mark.parametrize("offset", [1, 9])
def test_an_offset_that_the_topic_does_not_have_stops_us(
    reading: Reading, partition: Partition, topics: RealTopics, offset: int
) -> None:
    topics.delete_before(partition, 2)
    reading.reader.place({partition: offset})
    with pytest.raises(OffsetGone, match=f"{partition.topic}/0 no longer has the offset"):
        reading.read_to(partition, 4)
    assert reading.values == []


def committed(topics: RealTopics, group: str) -> list[int]:
    """The offsets that Kafka remembers of the group."""
    asked = ConsumerGroupTopicPartitions(group)
    found = topics.admin.list_consumer_group_offsets([asked])[group].result(10)
    return [each.offset for each in found.topic_partitions or ()]


def test_kafka_is_told_how_far_we_are_and_never_asked(
    partition: Partition, topics: RealTopics, group: str
) -> None:
    with new_reader(group, partition.topic) as first:
        first.poll_until(lambda: first.reader.assigned)
        first.reader.place({partition: 0})
        first.reader.commit({partition: 3})
        first.poll_until(lambda: committed(topics, group) == [3])
    with new_reader(group, partition.topic) as second:
        second.poll_until(lambda: second.reader.assigned)
        second.reader.place({partition: 1})
        second.read_to(partition, 4)
    assert second.values == [b"1", b"2", b"3"]


def test_before_partitions_go_we_are_asked_while_they_are_still_ours(
    topics: RealTopics, group: str
) -> None:
    topic = topics.make(2)
    pair = [Partition(topic, 0), Partition(topic, 1)]
    owned: list[Sequence[Partition]] = []

    with new_reader(group, topic, before_revoke=lambda: owned.append(one.reader.assigned)) as one:
        one.poll_until(lambda: one.reader.assigned == pair)
        one.reader.place(dict.fromkeys(pair, 0))
        generation = one.reader.generation
        with new_reader(group, topic) as other:

            def is_shared() -> bool:
                other.poll()
                return len(one.reader.assigned) == len(other.reader.assigned) == 1

            one.poll_until(is_shared)
            assert owned == [pair]
            assert not one.reader.placed
            assert one.reader.generation > generation
            assert sorted(one.reader.assigned + other.reader.assigned) == pair
