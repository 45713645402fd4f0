from __future__ import annotations

import psycopg
import pytest
from confluent_kafka import KafkaError, Message, Producer
from django.conf import settings
from django.db import OperationalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from conftest import RealTopics
from reconciliation.lanes import advance_lanes, count_lanes, lane_of, lock_lanes
from reconciliation.models import Lane

LANES = 12
WORD = 0xFFFFFFFF
M = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """MurmurHash2 of 32 bits with Kafka's seed, step by step."""
    words, rest = divmod(len(data), 4)
    h = 0x9747B28C ^ len(data)
    for at in range(0, words * 4, 4):
        k = int.from_bytes(data[at : at + 4], "little") * M & WORD
        k = (k ^ k >> 24) * M & WORD
        h = h * M & WORD ^ k
    if rest:
        h = (h ^ int.from_bytes(data[-rest:], "little")) * M & WORD
    h = (h ^ h >> 13) * M & WORD
    return h ^ h >> 15


@given(st.text(), st.integers(1, 1200))
def test_a_lane_is_the_positive_murmur2_of_the_id(transaction_id: str, lanes: int) -> None:
    assert lane_of(transaction_id, lanes) == (murmur2(transaction_id.encode()) & 0x7FFFFFFF) % lanes


def test_a_lane_is_the_partition_that_a_producer_chooses(topics: RealTopics) -> None:
    topic, ids = topics.make(LANES), [f"TXN-{number * 7919}" for number in range(300)]
    chosen: dict[bytes | None, int | None] = {}

    def note(error: KafkaError | None, message: Message) -> None:
        assert error is None
        chosen[message.key()] = message.partition()

    servers = settings.KAFKA_BOOTSTRAP_SERVERS
    producer = Producer({"bootstrap.servers": servers, "partitioner": "murmur2_random"})
    for each in ids:
        producer.produce(topic, b"", each, on_delivery=note)
    assert producer.flush(10) == 0
    assert chosen == {each.encode(): lane_of(each, LANES) for each in ids}


@pytest.mark.django_db
def test_there_are_as_many_lanes_as_the_settings_said() -> None:
    assert count_lanes() == LANES
    assert list(Lane.objects.order_by("lane").values_list("lane", flat=True)) == [*range(LANES)]


@pytest.mark.django_db
def test_lanes_are_locked_in_order() -> None:
    assert list(lock_lanes([9, 2, 7, 4])) == [2, 4, 7, 9]


@pytest.mark.django_db
def test_a_locked_lane_knows_the_stored_version_and_gets_a_new_one() -> None:
    Lane.objects.filter(lane=3).update(version=b"01234567", n=41)
    locked, again = lock_lanes([3])[3], lock_lanes([3])[3]
    assert (locked.lane, locked.before, locked.n) == (3, b"01234567", 41)
    assert len({locked.before, locked.version, again.version}) == 3
    assert len(locked.version) == 8


@pytest.mark.django_db
def test_what_a_lane_counted_is_stored_and_no_other_lane_changes() -> None:
    before = {lane.lane: lane for lane in Lane.objects.exclude(lane=3)}
    locked = lock_lanes([3])[3]
    locked.n += 2
    advance_lanes([locked])
    lane = Lane.objects.get(lane=3)
    assert (bytes(lane.version), lane.n) == (locked.version, 2)
    for other in Lane.objects.exclude(lane=3):
        assert (other.version, other.n) == (before[other.lane].version, 0)


def hold(session: psycopg.Connection, lane: int) -> None:
    session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [lane])


def test_a_lane_that_somebody_holds_is_waited_for(other_session: psycopg.Connection) -> None:
    hold(other_session, 7)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        lock_lanes([6, 7, 8])
    other_session.rollback()
    assert list(lock_lanes([6, 7, 8])) == [6, 7, 8]


def test_lanes_that_somebody_holds_can_be_passed_over(other_session: psycopg.Connection) -> None:
    hold(other_session, 7)
    assert list(lock_lanes([6, 7, 8], skip_locked=True)) == [6, 8]
