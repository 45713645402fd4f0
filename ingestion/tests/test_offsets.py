from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from ingestion.models import KafkaOffset
from ingestion.offsets import (
    Look,
    Moved,
    Partition,
    Span,
    Stored,
    advance_offsets,
    compare_offsets,
    lock_offsets,
    read_feeds,
    register_partitions,
    stored_offsets,
)
from reconciliation.tests.strategies import TEN, TICK

pytestmark = pytest.mark.django_db

ONE, TWO, OTHER = Partition("core_txns", 0), Partition("core_txns", 1), Partition("mobile_txns", 0)


def advance(
    *,
    spans: dict[Partition, Span] | None = None,
    stored: dict[Partition, Stored] | None = None,
    looks: dict[Partition, Look] | None = None,
) -> None:
    locked = lock_offsets({*(spans or {}), *(looks or {})})
    advance_offsets(locked, spans or {}, stored or {}, looks or {}, TEN)


def row(partition: Partition) -> tuple[int, int, int, datetime | None]:
    """The first and the next offset, the records between, and the time until which it is read."""
    fields = ("first_offset", "next_offset", "records", "read_until")
    rows = KafkaOffset.objects.filter(topic=partition.topic, partition=partition.number)
    first, after, records, until = rows.values_list(*fields).get()
    return first, after, records, until


def read_until(**sources: list[datetime | None]) -> None:
    """A partition of the source's topic for each of these times, read until then."""
    KafkaOffset.objects.bulk_create(
        KafkaOffset(
            topic=settings.TOPICS[source],
            partition=number,
            first_offset=0,
            next_offset=0,
            read_until=at,
        )
        for source, times in sources.items()
        for number, at in enumerate(times)
    )


def test_a_partition_begins_at_its_first_offset() -> None:
    register_partitions({ONE: 7, OTHER: 0})
    assert row(ONE) == (7, 7, 0, None)
    assert stored_offsets([ONE, TWO, OTHER]) == {ONE: 7, OTHER: 0}
    assert stored_offsets([]) == {}


def test_a_partition_that_is_known_stays_where_it_is() -> None:
    register_partitions({ONE: 7})
    advance(spans={ONE: Span(7, 9)})
    register_partitions({ONE: 0, TWO: 3})
    assert stored_offsets([ONE, TWO]) == {ONE: 9, TWO: 3}


def test_partitions_are_locked_in_order() -> None:
    register_partitions({OTHER: 0, TWO: 0, ONE: 0})
    assert list(lock_offsets([OTHER, TWO, ONE])) == [ONE, TWO, OTHER]


def test_spans_that_start_at_the_stored_offsets_are_let_through() -> None:
    register_partitions({ONE: 5, TWO: 8})
    compare_offsets(lock_offsets([ONE, TWO]), {ONE: Span(5, 9), TWO: Span(8, 8)})


@pytest.mark.parametrize("start", [4, 6])
def test_a_span_that_starts_elsewhere_tells_where_to_go_on(start: int) -> None:
    register_partitions({ONE: 5, TWO: 8})
    with pytest.raises(Moved) as moved:
        compare_offsets(lock_offsets([ONE, TWO]), {ONE: Span(start, 9), TWO: Span(8, 9)})
    assert moved.value.stored == {ONE: 5, TWO: 8}


def test_an_offset_moves_to_the_end_of_its_span_and_counts_its_records() -> None:
    register_partitions({ONE: 5, TWO: 8})
    # One of the four offsets was a transaction's marker.
    advance(spans={ONE: Span(5, 9)}, stored={ONE: Stored(3, 1)})
    advance(spans={ONE: Span(9, 10)})
    assert row(ONE) == (5, 10, 3, None)
    assert row(TWO) == (8, 8, 0, None)


def test_a_partition_counts_its_dead_letters_and_knows_when_its_last_record_came() -> None:
    register_partitions({ONE: 5})
    advance(spans={ONE: Span(5, 9)}, stored={ONE: Stored(3, 1)})
    advance(spans={ONE: Span(9, 12)}, stored={ONE: Stored(2, 2)})
    kept = KafkaOffset.objects.get()
    assert (kept.dead_letters, kept.last_record_at) == (3, TEN)


def test_records_that_have_no_offsets_are_refused() -> None:
    register_partitions({ONE: 0})
    with pytest.raises(IntegrityError), transaction.atomic():
        advance(spans={ONE: Span(0, 2)}, stored={ONE: Stored(3, 1)})


@pytest.mark.parametrize(("end", "at"), [(8, TEN), (9, TEN), (10, None)])
def test_a_look_counts_once_its_end_is_reached(end: int, at: datetime | None) -> None:
    register_partitions({ONE: 5})
    advance(spans={ONE: Span(5, 9)}, looks={ONE: Look(TEN, end)})
    assert row(ONE)[-1] == at


def test_a_look_counts_without_a_span_where_nothing_came() -> None:
    register_partitions({ONE: 5})
    advance(looks={ONE: Look(TEN, 5)})
    assert row(ONE) == (5, 5, 0, TEN)


def test_the_time_until_which_a_partition_is_read_never_goes_back() -> None:
    register_partitions({ONE: 5})
    for at in (TEN, TEN - TICK):
        advance(looks={ONE: Look(at, 5)})
    assert row(ONE)[-1] == TEN
    advance(spans={ONE: Span(5, 6)}, looks={ONE: Look(TEN + TICK, 6)})
    assert row(ONE)[-1] == TEN + TICK


def test_a_source_is_read_as_far_as_its_least_read_partition() -> None:
    read_until(CORE=[TEN, TEN - TICK, TEN + TICK], GATEWAY=[TEN])
    assert read_feeds(settings.TOPICS).read_until == {"CORE": TEN - TICK, "GATEWAY": TEN}


@pytest.mark.parametrize("times", [[None], [None, TEN], [TEN, None], [TEN, None, TEN]])
def test_a_partition_that_was_never_read_holds_its_source_back(
    times: list[datetime | None],
) -> None:
    read_until(CORE=times, MOBILE=[TEN])
    assert read_feeds(settings.TOPICS).read_until == {"MOBILE": TEN}


def test_topics_of_others_say_nothing_of_our_sources() -> None:
    read_until(CORE=[TEN])
    KafkaOffset.objects.create(topic="other", partition=0, first_offset=0, next_offset=0)
    assert read_feeds({"CORE": "core_txns"}).read_until == {"CORE": TEN}
    assert read_feeds({"CORE": "nowhere"}).read_until == {}


def test_at_a_moment_that_was_looked_at_the_source_is_overdue() -> None:
    register_partitions({ONE: 0})
    advance(looks={ONE: Look(TEN, 0)})
    feeds = read_feeds(settings.TOPICS)
    assert feeds.overdue("CORE", TEN, timedelta(0))
    assert not feeds.overdue("CORE", TEN + TICK, timedelta(0))
