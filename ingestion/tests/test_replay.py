"""Dead letters are stored by the worker's own store, then replayed over the real registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection

from conftest import PARTITIONS, Poller, unreadable
from ingestion.batch import BatchStore
from ingestion.decoding import Reason
from ingestion.frozen import APPLICATION_NAME
from ingestion.invariants import INVARIANTS
from ingestion.models import DeadLetter, KafkaOffset
from ingestion.replay import (
    AlreadyReplayed,
    CannotReplayNow,
    Replayer,
    StillUnreadable,
    message_of,
    open_replayer,
)
from ingestion.tests.avro_records import APPENDED_AT, FIELDS, framed, our_schema, write
from ingestion.tests.subjects import register
from reconciliation.clock import read_clock
from reconciliation.inflight import InFlightCache, key_of
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.models import (
    Lane,
    OpenTransaction,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
    Total,
)
from reconciliation.tests.strategies import told

pytestmark = pytest.mark.django_db

TXN = FIELDS["transaction_id"]


@pytest.fixture
def schema_id(db: None) -> int:
    return register(settings.TOPICS["CORE"], our_schema())


@pytest.fixture
def replayer(cache_url: str, settings: Any) -> Iterator[Replayer]:
    settings.REDIS_URL = cache_url
    with open_replayer() as replayer:
        yield replayer


@dataclass
class Morgue:
    """Keeps values as dead letters of CORE, as a batch does."""

    store: BatchStore
    poller: Poller
    schema_id: int

    def keep(self, **changes: Any) -> DeadLetter:
        letter = {
            "value": framed(write(), schema_id=self.schema_id),
            "reason": Reason.UNKNOWN_SCHEMA,
            "kafka_timestamp": APPENDED_AT,
        } | changes
        self.store.store(self.poller.batch(unreadable("CORE", **letter)))
        return DeadLetter.objects.latest("id")


@pytest.fixture
def morgue(store: BatchStore, poller: Poller, schema_id: int) -> Morgue:
    return Morgue(store, poller, schema_id)


def offset() -> KafkaOffset:
    topic, partition = PARTITIONS["CORE"]
    return KafkaOffset.objects.get(topic=topic, partition=partition)


def everything() -> list[list[tuple[Any, ...]]]:
    models = (DeadLetter, RawEvent, ReconciliationResult, ResultRevision, OpenTransaction, Total)
    return [sorted(model.objects.values_list(), key=repr) for model in (*models, Lane, KafkaOffset)]


def findings() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for invariant in INVARIANTS:
            cursor.execute(invariant.broken)
            found += [finding for (finding,) in cursor.fetchall()]
    return found


def test_the_event_takes_its_records_place_and_is_received_now(
    morgue: Morgue, replayer: Replayer
) -> None:
    morgue.keep(value=b"?")
    letter = morgue.keep()
    before, event, after = read_clock(), replayer.replay(letter), read_clock()
    row = RawEvent.objects.get()
    assert (row.topic, row.partition, row.offset) == (letter.topic, letter.partition, letter.offset)
    assert (row.transaction_id, row.kafka_timestamp) == (TXN, APPENDED_AT)
    assert before < row.received_at == event.received_at < after
    letter.refresh_from_db()
    assert letter.replayed_at == row.received_at


def test_it_no_longer_counts_as_dead_and_every_invariant_holds(
    morgue: Morgue, replayer: Replayer
) -> None:
    letter = morgue.keep()
    morgue.keep(value=b"?")
    replayer.replay(letter)
    assert (offset().records, offset().dead_letters) == (2, 1)
    assert findings() == []


def test_its_transaction_is_judged_again_for_the_cause_of_a_replay(
    morgue: Morgue, replayer: Replayer
) -> None:
    letter = morgue.keep(value=framed(write(amount=b"\x01"), schema_id=morgue.schema_id))
    legs = [told(source)._replace(transaction_id=TXN) for source in ("GATEWAY", "MOBILE")]
    morgue.store.store(morgue.poller.batch(*legs))
    replayer.replay(letter)
    result = ReconciliationResult.objects.get(transaction_id=TXN)
    assert "AMOUNT" in result.discrepancies
    assert ResultRevision.objects.get(transaction_id=TXN).cause == "replay"


def test_redis_follows_the_lane(
    morgue: Morgue, replayer: Replayer, redis_client: redis.Redis
) -> None:
    replayer.replay(morgue.keep())
    lane = Lane.objects.get(lane=lane_of(TXN, count_lanes()))
    kept: Any = redis_client.hgetall(key_of(lane.lane))
    assert kept[b"v"] == bytes(lane.version)
    assert f"t:{TXN}".encode() in kept


def test_only_the_first_of_two_replays_counts(morgue: Morgue, replayer: Replayer) -> None:
    letter = morgue.keep()
    seen_by_another = DeadLetter.objects.get(pk=letter.pk)
    replayer.replay(letter)
    kept = everything()
    with pytest.raises(AlreadyReplayed):
        replayer.replay(seen_by_another)
    assert everything() == kept


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NOT_CONFLUENT_FRAMED),
        (framed(write(), schema_id=2**31), Reason.UNKNOWN_SCHEMA),
    ],
)
def test_what_is_still_unreadable_changes_nothing(
    morgue: Morgue, replayer: Replayer, value: bytes | None, reason: Reason
) -> None:
    letter = morgue.keep(value=value)
    kept = everything()
    with pytest.raises(StillUnreadable) as refused:
        replayer.replay(letter)
    assert refused.value.reason == reason
    assert str(refused.value)
    assert everything() == kept


def test_without_a_kafka_timestamp_the_replays_clock_bounds_occurred_at(
    morgue: Morgue, replayer: Replayer
) -> None:
    ahead = read_clock() + timedelta(days=2)
    value = write(occurred_at=int(ahead.timestamp()) * 1_000_000)
    framed_value = framed(value, schema_id=morgue.schema_id)
    letter = morgue.keep(value=framed_value, kafka_timestamp=None)
    kept = everything()
    with pytest.raises(StillUnreadable, match="one day ahead"):
        replayer.replay(letter)
    assert everything() == kept


def test_a_topic_that_is_no_sources_any_more_is_said(morgue: Morgue, replayer: Replayer) -> None:
    letter = morgue.keep()
    letter.topic = "former_txns"
    with pytest.raises(StillUnreadable, match="former_txns"):
        replayer.replay(letter)


def test_a_registry_that_does_not_answer_is_no_reason(morgue: Morgue, settings: Any) -> None:
    settings.SCHEMA_REGISTRY_URL = "http://127.0.0.1:9"
    letter = morgue.keep()
    with open_replayer() as replayer, pytest.raises(CannotReplayNow, match="did not answer"):
        replayer.replay(letter)
    letter.refresh_from_db()
    assert letter.replayed_at is None


# The lanes and the rules belong to another app: they stay.
@pytest.mark.django_db(transaction=True, available_apps=["ingestion"])
def test_a_lane_that_somebody_holds_is_not_waited_for_long(
    morgue: Morgue, replayer: Replayer, other_session: psycopg.Connection
) -> None:
    letter = morgue.keep()
    lane = lane_of(TXN, count_lanes())
    other_session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [lane])
    with pytest.raises(CannotReplayNow, match="lock timeout"):
        replayer.replay(letter)


def test_while_it_holds_locks_it_is_known_as_a_worker_and_ended_as_one(
    morgue: Morgue, replayer: Replayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def look(*_: object) -> dict[str, object]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            )
            names.extend(name for (name,) in cursor.fetchall())
        return {}

    letter = morgue.keep()
    monkeypatch.setattr(InFlightCache, "read", look)
    replayer.replay(letter)
    assert names == [APPLICATION_NAME]


@pytest.mark.parametrize("empty", [None, b""])
def test_null_and_empty_stay_apart_in_the_message(morgue: Morgue, empty: bytes | None) -> None:
    headers = [[b"trace", empty], [b"trace", b"2"]]
    message = message_of(morgue.keep(key=empty, value=empty, headers=headers))
    assert (message.key(), message.value()) == (empty, empty)
    assert message.headers() == [("trace", empty), ("trace", b"2")]
