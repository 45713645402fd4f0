from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from conftest import RealTopics, unreadable
from ingestion.broker import Broker
from ingestion.decoding import Record, Unreadable
from ingestion.kafka import client_config
from ingestion.locality import Locality, why_not_local
from ingestion.offsets import Partition
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.tests.strategies import told

Logged = Callable[[str], list[dict[str, Any]]]

LANES = 12


def partitions(*counts: int) -> list[Partition]:
    """Those of topics with so many partitions."""
    return [Partition(f"topic-{i}", number) for i, n in enumerate(counts) for number in range(n)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 12])
def test_lanes_are_whole_where_equal_counts_divide_them(count: int) -> None:
    assert why_not_local(partitions(count, count, count), LANES) is None


def test_different_counts_are_a_reason() -> None:
    reason = "the topics have different numbers of partitions"
    assert why_not_local(partitions(6, 6, 12), LANES) == reason


@pytest.mark.parametrize("count", [5, 8, 24])
def test_a_count_that_does_not_divide_the_lanes_is_a_reason(count: int) -> None:
    reason = "the number of partitions does not divide the 12 lanes"
    assert why_not_local(partitions(count, count, count), LANES) == reason


def locality(*names: str) -> Locality:
    locality = Locality(Broker({**client_config()}, names))
    locality.check_partitions()
    return locality


@pytest.mark.django_db
def test_a_reason_is_told_once(topics: RealTopics, logged: Logged) -> None:
    uneven = locality(topics.make(2), topics.make(3))
    uneven.check_partitions()
    (warning,) = logged("slower_than_need_be")
    assert warning["reason"] == "the topics have different numbers of partitions"


def keyed(topic: str, *, right: bool) -> Record:
    """A record in the partition of its key, of three, or in another one."""
    partition = (lane_of("T1", count_lanes()) + (not right)) % 3
    return Record._make(told("CORE")._replace(topic=topic, partition=partition)[:-1])


@pytest.mark.django_db
@pytest.mark.parametrize("right", [True, False])
def test_keys_that_are_placed_otherwise_are_told(
    topics: RealTopics, logged: Logged, right: bool
) -> None:
    topic = topics.make(3)
    of_three = locality(topic)
    of_three.check_keys([keyed(topic, right=right)])
    of_three.check_keys([keyed(topic, right=right)])
    reasons = [warning["reason"] for warning in logged("slower_than_need_be")]
    assert reasons == [f"a producer of {topic} does not place keys by murmur2"] * (not right)


@pytest.mark.django_db
def test_what_proves_nothing_is_passed_over(topics: RealTopics, logged: Logged) -> None:
    five = topics.make(5)
    of_five = locality(five)
    nothing: Sequence[Record | Unreadable] = ()
    for decoded in (nothing, [unreadable("CORE", topic=five)], [keyed("unknown", right=False)]):
        of_five.check_keys(decoded)
    of_five.check_keys([keyed(five, right=False)])
    assert [warning["reason"] for warning in logged("slower_than_need_be")] == [
        "the number of partitions does not divide the 12 lanes"
    ]
