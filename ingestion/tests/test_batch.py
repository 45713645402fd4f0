from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import redis
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max

from conftest import PARTITIONS, Poller, held_until_somebody_waits, unreadable
from ingestion.batch import Batch, BatchStore
from ingestion.decoding import Reason, Record, Undated
from ingestion.models import DeadLetter, KafkaOffset
from ingestion.offsets import Look, Moved, Partition, Span
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.models import (
    Lane,
    MinuteTally,
    OpenTransaction,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
    Total,
)
from reconciliation.tests.strategies import SOURCES, told

pytestmark = pytest.mark.django_db

THREE = tuple(told(source) for source in SOURCES)
CORE = PARTITIONS["CORE"]
DAY = timedelta(days=1)
TABLES = (
    RawEvent,
    DeadLetter,
    ReconciliationResult,
    ResultRevision,
    OpenTransaction,
    KafkaOffset,
    Total,
    MinuteTally,
)


def of(transaction_id: str, *events: Event) -> list[Event]:
    return [event._replace(transaction_id=transaction_id) for event in events]


def everything() -> list[list[tuple[Any, ...]]]:
    return [list(model.objects.order_by("pk").values_list()) for model in (*TABLES, Lane)]


def offset_of(partition: Partition) -> KafkaOffset:
    return KafkaOffset.objects.get(topic=partition.topic, partition=partition.number)


def test_every_record_is_an_event_received_at_the_clock_of_its_batch(
    store: BatchStore, poller: Poller
) -> None:
    batch = poller.batch(*THREE, told("CORE", "REVERSED", reference="R1", channel="UPI"))
    before, at, after = read_clock(), store.store(batch), read_clock()
    assert before < at < after
    rows = RawEvent.objects.values_list(*Event._fields).order_by("id")
    assert list(rows) == [record.received(at) for record in batch.records]


def test_verdicts_revisions_and_what_is_open_are_stored_with_it(
    store: BatchStore, poller: Poller
) -> None:
    disputed = of("disputed", told("CORE"), told("GATEWAY", amount="90"))
    store.store(poller.batch(*of("matched", *THREE), *disputed, *of("open", told("CORE"))))
    results = ReconciliationResult.objects.values_list("transaction_id", "status")
    assert dict(results) == {"matched": "matched", "disputed": "mismatched"}
    revisions = ResultRevision.objects.values_list("transaction_id", "revision", "status")
    assert sorted(revisions) == [("disputed", 1, "mismatched"), ("matched", 1, "matched")]
    opened = OpenTransaction.objects.values_list("transaction_id", flat=True)
    assert sorted(opened) == ["disputed", "open"]


def test_the_journal_of_each_lane_is_counted_from_1_without_gaps(
    store: BatchStore, poller: Poller
) -> None:
    for start in range(0, 60, 20):
        ids = [f"T{number}" for number in range(start, start + 20)]
        store.store(poller.batch(*(event for each in ids for event in of(each, *THREE))))
    counted: dict[int, list[int]] = {}
    for lane, n in ResultRevision.objects.order_by("lane", "n").values_list("lane", "n"):
        counted.setdefault(lane, []).append(n)
    assert counted == {lane: [*range(1, len(ns) + 1)] for lane, ns in counted.items()}
    lanes = Lane.objects.filter(n__gt=0).values_list("lane", "n")
    assert dict(lanes) == {lane: len(ns) for lane, ns in counted.items()}
    for revision in ResultRevision.objects.all():
        assert revision.lane == lane_of(revision.transaction_id, count_lanes())


def test_offsets_move_and_count_events_and_dead_letters(store: BatchStore, poller: Poller) -> None:
    store.store(poller.batch(told("CORE"), unreadable("CORE"), told("MOBILE")))
    core, gateway = offset_of(CORE), offset_of(PARTITIONS["GATEWAY"])
    assert (core.first_offset, core.next_offset, core.records) == (0, 2, 2)
    assert (gateway.next_offset, gateway.records) == (0, 0)


def test_each_partition_counts_its_dead_letters_and_knows_when_its_last_record_came(
    store: BatchStore, poller: Poller
) -> None:
    first = store.store(poller.batch(unreadable("CORE"), told("CORE"), told("GATEWAY")))
    at = store.store(poller.batch(unreadable("CORE"), read_until={"GATEWAY": read_clock()}))
    kept = {row.topic: (row.dead_letters, row.last_record_at) for row in KafkaOffset.objects.all()}
    assert kept == {"core_txns": (2, at), "gateway_txns": (0, first), "mobile_txns": (0, None)}


def test_only_lanes_with_records_get_a_new_version(store: BatchStore, poller: Poller) -> None:
    before = {lane.lane: lane.version for lane in Lane.objects.all()}
    store.store(poller.batch(told("CORE")))
    changed = [lane.lane for lane in Lane.objects.all() if lane.version != before[lane.lane]]
    assert changed == [lane_of("T1", count_lanes())]


def test_the_same_batch_again_is_refused_and_stores_nothing(
    store: BatchStore, poller: Poller
) -> None:
    batch = poller.batch(*THREE, unreadable("CORE"))
    store.store(batch)
    stored = everything()
    # As after a commit whose answer was lost.
    with pytest.raises(Moved) as moved:
        store.store(batch)
    assert moved.value.stored == {partition: span.end for partition, span in batch.spans.items()}
    assert everything() == stored


@pytest.mark.parametrize("start", [0, 2])
def test_a_batch_from_elsewhere_is_refused_as_a_whole(
    store: BatchStore, poller: Poller, start: int
) -> None:
    store.store(poller.batch(told("CORE")))
    stored = everything()
    record = Record._make(told("CORE")[:-1])._replace(offset=3)
    gateway = PARTITIONS["GATEWAY"]
    late = Batch(
        records=[record, Record._make(told("GATEWAY")[:-1])],
        spans={CORE: Span(start, 4), gateway: Span(0, 1)},
        looks={gateway: Look(read_clock(), 0)},
    )
    with pytest.raises(Moved) as moved:
        store.store(late)
    assert moved.value.stored == {CORE: 1, gateway: 0}
    assert everything() == stored


def test_the_position_is_compared_not_the_first_records_offset(store: BatchStore) -> None:
    records = [Record._make(told("CORE")[:-1])._replace(offset=offset) for offset in (3, 7)]
    # Before, between and after them are aborted records and markers.
    store.store(Batch(records=records, spans={CORE: Span(0, 9)}, new_partitions={CORE: 0}))
    row = offset_of(CORE)
    assert (row.next_offset, row.records) == (9, 2)


def test_markers_alone_move_the_offset(store: BatchStore, poller: Poller) -> None:
    store.store(poller.batch(told("CORE")))
    store.store(Batch(spans={CORE: Span(1, 4)}))
    row = offset_of(CORE)
    assert (row.next_offset, row.records) == (4, 1)
    assert RawEvent.objects.count() == 1


def test_a_record_that_is_stored_already_is_refused_whatever_the_offsets_say(
    store: BatchStore, poller: Poller
) -> None:
    batch = poller.batch(told("CORE"))
    store.store(batch)
    KafkaOffset.objects.update(next_offset=0, records=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        store.store(batch)
    assert RawEvent.objects.count() == 1


def test_a_look_counts_when_its_end_is_reached_and_never_goes_back(store: BatchStore) -> None:
    looked = read_clock()
    spans = [Span(0, 3), Span(3, 5), Span(5, 6)]
    looks = [Look(looked, 5), Look(looked, 5), Look(looked - DAY, 6)]
    seen: list[datetime | None] = []
    for span, look in zip(spans, looks, strict=True):
        store.store(Batch(spans={CORE: span}, looks={CORE: look}, new_partitions={CORE: 0}))
        seen.append(offset_of(CORE).read_until)
    assert seen == [None, looked, looked]


def test_a_partition_found_by_a_look_is_registered_once(store: BatchStore) -> None:
    store.store(Batch(new_partitions={CORE: 5}))
    store.store(Batch(new_partitions={CORE: 9}, spans={CORE: Span(5, 6)}))
    assert (offset_of(CORE).first_offset, offset_of(CORE).next_offset) == (5, 6)


HEADERS: list[list[bytes | None]] = [[b"trace", b"\x00\xff"], [b"", b""], [b"none", None]]


@pytest.mark.parametrize("headers", [None, [], HEADERS])
@pytest.mark.parametrize("data", [None, b"", b"\x00\x01\xff"])
def test_a_dead_letter_keeps_its_bytes(
    store: BatchStore, poller: Poller, data: bytes | None, headers: Any
) -> None:
    letter = unreadable("CORE", key=data, value=data, headers=headers)
    at = store.store(poller.batch(letter))
    row = DeadLetter.objects.get()
    kept = (row.key, row.value)
    assert [None if each is None else bytes(each) for each in kept] == [data, data]
    assert row.headers == headers
    assert (row.reason, row.detail) == (Reason.UNDECODABLE, "it ends early")
    assert (row.received_at, row.replayed_at) == (at, None)


def undated(ahead: timedelta, offset: int) -> Undated:
    """A record without a Kafka timestamp that tells of so much later than now."""
    event = told("CORE")._replace(occurred_at=read_clock() + ahead, offset=offset)
    record = Undated(*event[:-1])._replace(kafka_timestamp=None)
    record.otherwise = unreadable("CORE", offset=offset, reason=Reason.INVALID_FIELD)
    return record


def test_a_record_without_a_timestamp_is_measured_by_its_receipt(store: BatchStore) -> None:
    records = [undated(DAY - timedelta(hours=1), 0), undated(DAY + timedelta(hours=1), 1)]
    at = store.store(Batch(records=records, spans={CORE: Span(0, 2)}, new_partitions={CORE: 0}))
    assert RawEvent.objects.get().offset == 0
    letter = DeadLetter.objects.get()
    assert (letter.offset, letter.reason, letter.received_at) == (1, Reason.INVALID_FIELD, at)
    assert offset_of(CORE).records == 2


def test_the_clock_is_read_once_the_lanes_are_locked(
    store: BatchStore, poller: Poller, other_session: psycopg.Connection
) -> None:
    with held_until_somebody_waits(other_session, lane_of("T1", count_lanes())) as released:
        at = store.store(poller.batch(*THREE))
    assert RawEvent.objects.aggregate(Max("received_at")) == {"received_at__max": at}
    assert at > released[0]


def test_where_the_clock_has_stepped_back_it_stands_still(
    store: BatchStore, poller: Poller
) -> None:
    ahead = read_clock() + timedelta(hours=1)
    store.store(poller.batch(read_until={"MOBILE": ahead, "CORE": ahead - DAY}))
    assert store.store(poller.batch(told("CORE"))) == ahead
    assert RawEvent.objects.get().received_at == ahead


def wait_for_no_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")


def test_a_batch_waits_only_for_the_lanes_of_its_records(
    store: BatchStore, poller: Poller, other_session: psycopg.Connection
) -> None:
    mine = lane_of("T1", count_lanes())
    other_session.execute("SELECT FROM lanes WHERE lane <> %s FOR UPDATE", [mine])
    wait_for_no_lock()
    store.store(poller.batch(*THREE))
    assert ReconciliationResult.objects.get().status == "matched"


def test_looks_and_dead_letters_wait_for_no_lane(
    store: BatchStore, poller: Poller, other_session: psycopg.Connection
) -> None:
    other_session.execute("SELECT FROM lanes FOR UPDATE")
    wait_for_no_lock()
    store.store(poller.batch(unreadable("CORE"), read_until={"CORE": read_clock()}))
    with pytest.raises(OperationalError), transaction.atomic():
        store.store(poller.batch(told("CORE")))
    assert offset_of(CORE).next_offset == 1


def versions(client: redis.Redis) -> dict[Any, Any]:
    return {key: client.hget(key, "v") for key in client.scan_iter()}


def test_redis_is_told_what_was_stored(
    store: BatchStore, poller: Poller, redis_client: redis.Redis
) -> None:
    store.store(poller.batch(told("CORE"), told("GATEWAY")))
    lane = Lane.objects.get(pk=lane_of("T1", count_lanes()))
    assert list(versions(redis_client).values()) == [bytes(lane.version)]


def test_redis_is_told_nothing_of_what_was_not_stored(
    store: BatchStore, poller: Poller, redis_client: redis.Redis
) -> None:
    store.store(poller.batch(told("CORE")))
    told_before = versions(redis_client)
    broken = unreadable("CORE", reason="no such reason")
    with pytest.raises(IntegrityError), transaction.atomic():
        store.store(poller.batch(told("GATEWAY"), broken))
    assert versions(redis_client) == told_before
