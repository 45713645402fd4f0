"""How far each partition has been read: compared, advanced, and what follows for the sources.

An offset moves in the database transaction that stores the records before it;
so records are stored exactly once, whatever Kafka remembers of this group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from ingestion.models import KafkaOffset
from reconciliation.feeds import Feeds


class Partition(NamedTuple):
    topic: str
    number: int


class Span(NamedTuple):
    """A piece of a partition: the position from which it was polled, and the one after."""

    start: int
    end: int


class Stored(NamedTuple):
    """How many records of a partition are stored by a batch, and how many of these are dead."""

    records: int
    dead_letters: int


class Look(NamedTuple):
    """The end of a partition, asked of the broker after the moment `at`.

    Once the partition is read to `end`, everything that was appended to it
    before `at` has been read.
    """

    at: datetime
    end: int


class Moved(Exception):
    """The positions from which a batch was polled are not those that are stored.

    Somebody else stored these records, or a rebalance moved the position. The
    batch is to be forgotten, and reading to go on from `stored`.
    """

    def __init__(self, stored: Mapping[Partition, int]) -> None:
        super().__init__(f"stored offsets are {dict(stored)}")
        self.stored = stored


def stored_offsets(partitions: Collection[Partition]) -> dict[Partition, int]:
    """The next offset of each of these partitions that has one stored."""
    rows = KafkaOffset.objects.filter(_any_of(partitions))
    return {
        Partition(topic, number): next_offset
        for topic, number, next_offset in rows.values_list("topic", "partition", "next_offset")
    }


def register_partitions(first_offsets: Mapping[Partition, int]) -> None:
    """Begin partitions that were never read, each at its first offset."""
    KafkaOffset.objects.bulk_create(
        (
            KafkaOffset(
                topic=partition.topic,
                partition=partition.number,
                first_offset=first_offset,
                next_offset=first_offset,
            )
            for partition, first_offset in sorted(first_offsets.items())
        ),
        ignore_conflicts=True,
    )


def lock_offsets(partitions: Collection[Partition]) -> dict[Partition, KafkaOffset]:
    """Lock the rows of these partitions, in order; taken after the lanes' locks."""
    rows = (
        KafkaOffset.objects.select_for_update()
        .filter(_any_of(partitions))
        .order_by("topic", "partition")
    )
    return {Partition(row.topic, row.partition): row for row in rows}


def compare_offsets(
    locked: Mapping[Partition, KafkaOffset], spans: Mapping[Partition, Span]
) -> None:
    """Raise Moved unless each span starts where its partition's stored offset is."""
    if any(locked[partition].next_offset != span.start for partition, span in spans.items()):
        raise Moved({partition: locked[partition].next_offset for partition in spans})


def advance_offsets(
    locked: Mapping[Partition, KafkaOffset],
    spans: Mapping[Partition, Span],
    stored: Mapping[Partition, Stored],
    looks: Mapping[Partition, Look],
    at: datetime,
) -> None:
    """Move to the ends of `spans`; where that reaches the end of a look, note its moment.

    `at` is when what is `stored` was received.
    """
    for partition, row in locked.items():
        if partition in spans:
            row.next_offset = spans[partition].end
        if partition in stored:
            row.records += stored[partition].records
            row.dead_letters += stored[partition].dead_letters
            row.last_record_at = at
        if partition in looks and row.next_offset >= looks[partition].end:
            row.read_until = max(looks[partition].at, row.read_until or looks[partition].at)
    KafkaOffset.objects.bulk_update(
        locked.values(),
        ["next_offset", "records", "dead_letters", "last_record_at", "read_until"],
    )


def read_feeds(topics: Mapping[str, str]) -> Feeds:
    """How far each source has been read; `topics` names the topic of each.

    A source is read as far as the partition that is read least; one that was
    never read to its end holds the source back altogether.
    """
    read: dict[str, datetime | None] = {}
    sources = {topic: source for source, topic in topics.items()}
    rows = KafkaOffset.objects.filter(topic__in=sources).values_list("topic", "read_until")
    for topic, read_until in rows:
        source = sources[topic]
        earliest = read.setdefault(source, read_until)
        if earliest is not None:
            read[source] = None if read_until is None else min(earliest, read_until)
    return Feeds({source: until for source, until in read.items() if until is not None})


def _any_of(partitions: Iterable[Partition]) -> Q:
    by_topic: dict[str, list[int]] = {}
    for topic, number in partitions:
        by_topic.setdefault(topic, []).append(number)
    condition = Q(pk__in=[])
    for topic, numbers in by_topic.items():
        condition |= Q(topic=topic, partition__in=numbers)
    return condition
