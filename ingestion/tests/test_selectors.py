from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.models import KafkaOffset
from ingestion.selectors import count_dead_letters, read_sources

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TOPICS = {"CORE": "core_txns", "GATEWAY": "gateway_txns"}


def partition(topic: str, number: int, **changes: Any) -> None:
    KafkaOffset.objects.create(
        topic=topic, partition=number, first_offset=0, next_offset=100, **changes
    )


def test_a_source_adds_up_its_partitions() -> None:
    partition("core_txns", 0, records=10, dead_letters=1, last_record_at=AT)
    partition("core_txns", 1, records=5, dead_letters=2, last_record_at=AT - timedelta(hours=1))
    core, gateway = read_sources(TOPICS, AT)
    assert (core.source, core.topic) == ("core", "core_txns")
    assert (core.records, core.dead_letters, core.last_record_at) == (15, 3, AT)
    assert (gateway.records, gateway.dead_letters, gateway.last_record_at) == (0, 0, None)


def test_a_source_is_read_as_far_as_its_slowest_partition() -> None:
    partition("core_txns", 0, read_until=AT - timedelta(seconds=1))
    partition("core_txns", 1, read_until=AT - timedelta(seconds=7))
    core, _ = read_sources(TOPICS, AT)
    assert (core.read_until, core.lag_seconds) == (AT - timedelta(seconds=7), 7.0)


def test_one_partition_never_read_to_its_end_leaves_the_lag_unknown() -> None:
    partition("core_txns", 0, read_until=AT)
    partition("core_txns", 1)
    core, _ = read_sources(TOPICS, AT)
    assert (core.read_until, core.lag_seconds) == (None, None)


def test_a_look_after_the_moment_asked_of_is_no_negative_lag() -> None:
    partition("core_txns", 0, read_until=AT + timedelta(seconds=1))
    core, _ = read_sources(TOPICS, AT)
    assert core.lag_seconds == 0


def test_topics_of_nobody_are_not_told() -> None:
    partition("other_txns", 0, records=10)
    assert [each.records for each in read_sources(TOPICS, AT)] == [0, 0]


def test_dead_letters_are_those_of_all_partitions() -> None:
    assert count_dead_letters() == 0
    partition("core_txns", 0, records=10, dead_letters=1)
    partition("gateway_txns", 3, records=10, dead_letters=4)
    assert count_dead_letters() == 5
