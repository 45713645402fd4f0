"""One batch of Kafka records becomes events, dead letters and verdicts, exactly once.

The order is the guarantee: lock the lanes, lock and compare the offsets, read
the clock, judge, write everything, commit; only then tell Redis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db import transaction

from ingestion.decoding import Record, Unreadable, too_far_ahead
from ingestion.models import DeadLetter
from ingestion.offsets import (
    Look,
    Partition,
    Span,
    Stored,
    advance_offsets,
    compare_offsets,
    lock_offsets,
    read_feeds,
    register_partitions,
)
from reconciliation.bulk import copy_rows
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import count_lanes, lane_of, lock_lanes
from reconciliation.models import RawEvent
from reconciliation.rule_book import RuleBook
from reconciliation.services import reconcile


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought; `spans` are the positions before and after it.

    A batch without records still moves offsets past transaction markers and
    brings looks. `new_partitions` are those that a look has found, with their
    first offsets.
    """

    records: Sequence[Record] = ()
    unreadable: Sequence[Unreadable] = ()
    spans: Mapping[Partition, Span] = field(default_factory=dict)
    looks: Mapping[Partition, Look] = field(default_factory=dict)
    new_partitions: Mapping[Partition, int] = field(default_factory=dict)


class BatchStore:
    """Stores batches; used by one thread, with that thread's database connection.

    `topics` names the topic of each source.
    """

    def __init__(self, *, topics: Mapping[str, str], cache: InFlightCache, rules: RuleBook) -> None:
        self._topics = topics
        self._cache = cache
        self._rules = rules

    @cached_property
    def lane_count(self) -> int:
        return count_lanes()

    def store(self, batch: Batch) -> datetime:
        """Store `batch`, judge its transactions, and give the clock at which that was.

        Raises Moved when it was not polled from the stored offsets; nothing is
        stored then. After any other error, too, nothing is stored, or (where
        the commit's answer was lost) everything: trying again tells.
        """
        numbers = [lane_of(record.transaction_id, self.lane_count) for record in batch.records]
        with transaction.atomic():
            register_partitions(batch.new_partitions)
            lanes = lock_lanes(set(numbers))
            offsets = lock_offsets({*batch.spans, *batch.looks})
            compare_offsets(offsets, batch.spans)
            feeds = read_feeds(self._topics)
            at = feeds.not_before(read_clock())
            received = _receive(batch, numbers, at)
            cached = reconcile(
                arrivals=received.by_lane,
                lanes=lanes,
                cache=self._cache,
                rule_sets=self._rules.current(),
                feeds=feeds,
                at=at,
            )
            copy_rows(RawEvent, received.events)
            copy_rows(DeadLetter, [_dead_letter(record, at) for record in received.unreadable])
            advance_offsets(offsets, batch.spans, received.by_partition(), batch.looks, at)
        self._cache.write(cached)
        return at


class _Received(NamedTuple):
    """The records of a batch once the clock is read: events by lane and transaction, or dead."""

    events: list[Event]
    by_lane: dict[int, dict[str, list[Event]]]
    unreadable: list[Unreadable]

    def by_partition(self) -> dict[Partition, Stored]:
        dead, all_of_them = _count(self.unreadable), _count((*self.events, *self.unreadable))
        return {
            partition: Stored(records, dead[partition])
            for partition, records in all_of_them.items()
        }


def _receive(batch: Batch, lanes: Sequence[int], at: datetime) -> _Received:
    """`lanes` are those of the batch's records, in order."""
    received = _Received([], {lane: {} for lane in lanes}, list(batch.unreadable))
    for lane, record in zip(lanes, batch.records, strict=True):
        if refused := too_far_ahead(record, at):
            received.unreadable.append(refused)
            continue
        event = record.received(at)
        received.events.append(event)
        received.by_lane[lane].setdefault(event.transaction_id, []).append(event)
    return received


def _count(records: Iterable[Event | Unreadable]) -> Counter[Partition]:
    return Counter(Partition(record.topic, record.partition) for record in records)


def _dead_letter(record: Unreadable, at: datetime) -> tuple[object, ...]:
    return (
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        record.headers,
        record.reason,
        record.detail,
        record.kafka_timestamp,
        at,
        None,
    )
