"""What tests of several apps share: caches, sessions, events as Kafka numbers them."""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import redis
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions, NewTopic
from django.conf import settings
from django.db import connection, transaction

from ingestion.batch import Batch, BatchStore
from ingestion.decoding import Reason, Record, Unreadable
from ingestion.kafka import client_config
from ingestion.offsets import Look, Partition, Span
from ingestion.sweep import Sweeper
from reconciliation.bulk import copy_rows
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.feeds import Feeds
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import count_lanes, lane_of, lock_lanes
from reconciliation.models import RawEvent
from reconciliation.rule_book import RuleBook
from reconciliation.services import reconcile

UNIT = Decimal("0.0001")
PARTITIONS = {source: Partition(topic, 0) for source, topic in settings.TOPICS.items()}


def wait_until(condition: Callable[[], object], *, within: float = 20) -> None:
    """Fail when the condition does not come true in so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} seconds"
        time.sleep(0.005)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[dict[str, Any]]]:
    """What was logged so far as this event."""

    def of(event: str) -> list[dict[str, Any]]:
        told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        return [each for each in told if each["event"] == event]

    return of


@pytest.fixture
def cache_url() -> Iterator[str]:
    """A Redis number of the tests' own, empty before and after."""
    url = urlsplit(os.environ["REDIS_URL"])._replace(path="/15").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def redis_client(cache_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(cache_url) as client:
        yield client


@pytest.fixture
def cache(cache_url: str) -> InFlightCache:
    return InFlightCache(cache_url)


@pytest.fixture
def other_session(db: None) -> Iterator[psycopg.Connection]:
    """Another session of the tests' database, in a transaction of its own.

    It sees what was committed: the lanes and rule set 1.
    """
    with closing(_connect(os.environ["DATABASE_URL"])) as session:
        yield session


@pytest.fixture
def application_session(db: None) -> Iterator[psycopg.Connection]:
    """Like `other_session`, but as the product's own role, which owns no tables."""
    run_dir = Path(__file__).parent / (os.environ.get("RUN_DIR") or ".run/test")
    pairs = shlex.split((run_dir / "env").read_text())
    with closing(_connect(dict(pair.split("=", 1) for pair in pairs)["DATABASE_URL"])) as session:
        yield session


def _connect(url: str) -> psycopg.Connection:
    """To the tests' database, as `url` reaches another one; waits for no lock for long."""
    database = connection.settings_dict["NAME"]
    return psycopg.connect(
        urlsplit(url)._replace(path=f"/{database}").geturl(), options="-c lock_timeout=3s"
    )


@contextmanager
def held_until_somebody_waits(session: psycopg.Connection, lane: int) -> Iterator[list[datetime]]:
    """Hold the lane's lock until another session waits for it; notes the clock at its release."""
    released: list[datetime] = []
    waiting = (
        "SELECT clock_timestamp() FROM pg_stat_activity"
        " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    deadline = time.monotonic() + 10

    def release() -> None:
        while not released and time.monotonic() < deadline:
            released.extend(at for (at,) in session.execute(waiting))
        session.rollback()

    session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [lane])
    thread = threading.Thread(target=release)
    thread.start()
    yield released
    thread.join(10)


class Desk:
    """Judges events as a batch does: under their lanes' locks, at PostgreSQL's clock."""

    def __init__(self, cache: InFlightCache) -> None:
        self._cache = cache
        self._rules = RuleBook()
        self._offsets = count()

    def tell(self, *told: Event, read_until: Mapping[str, datetime] | None = None) -> datetime:
        """Store these events, which arrive now in this order, and judge; gives the clock."""
        return self._judge({event.transaction_id for event in told}, told, Feeds(read_until or {}))

    def sweep(self, *transaction_ids: str, read_until: Mapping[str, datetime]) -> datetime:
        return self._judge(set(transaction_ids), (), Feeds(read_until))

    def _judge(self, transaction_ids: set[str], told: Sequence[Event], feeds: Feeds) -> datetime:
        arrivals: dict[int, dict[str, list[Event]]] = {}
        for each in sorted(transaction_ids):
            arrivals.setdefault(lane_of(each, count_lanes()), {})[each] = []
        with transaction.atomic():
            lanes = lock_lanes(arrivals)
            at = read_clock()
            events = [
                event._replace(offset=next(self._offsets), received_at=at, kafka_timestamp=at)
                for event in told
            ]
            for event in events:
                lane = lane_of(event.transaction_id, count_lanes())
                arrivals[lane][event.transaction_id].append(event)
            changes = reconcile(
                arrivals=arrivals,
                lanes=lanes,
                cache=self._cache,
                rule_sets=self._rules.current(),
                feeds=feeds,
                at=at,
            )
            copy_rows(RawEvent, events)
        self._cache.write(changes)
        return at


@pytest.fixture
def desk(cache: InFlightCache, db: None) -> Desk:
    return Desk(cache)


class Poller:
    """Three topics of one partition each, numbered as Kafka numbers them and polled to the end."""

    def __init__(self) -> None:
        self.ends = dict.fromkeys(PARTITIONS.values(), 0)

    def batch(
        self, *told: Event | Unreadable, read_until: Mapping[str, datetime] | None = None
    ) -> Batch:
        """What a poll brings after these were published; `read_until` is looked at by source."""
        starts = dict(self.ends)
        numbered = [self._append(each) for each in told]
        return Batch(
            records=[Record._make(each[:-1]) for each in numbered if isinstance(each, Event)],
            unreadable=[each for each in numbered if isinstance(each, Unreadable)],
            spans={
                partition: Span(starts[partition], end)
                for partition, end in self.ends.items()
                if end > starts[partition]
            },
            looks={
                PARTITIONS[source]: Look(at, self.ends[PARTITIONS[source]])
                for source, at in (read_until or {}).items()
            },
            new_partitions=dict.fromkeys(self.ends, 0),
        )

    def _append(self, told: Event | Unreadable) -> Event | Unreadable:
        partition = Partition(told.topic, told.partition)
        self.ends[partition] += 1
        told = told._replace(offset=self.ends[partition] - 1)
        # Four decimals, as the decoder gives.
        return told._replace(amount=told.amount.quantize(UNIT)) if isinstance(told, Event) else told


@pytest.fixture
def poller() -> Poller:
    return Poller()


@pytest.fixture
def store(cache: InFlightCache, db: None) -> BatchStore:
    return BatchStore(topics=settings.TOPICS, cache=cache, rules=RuleBook())


@pytest.fixture
def sweeper(cache: InFlightCache, db: None) -> Sweeper:
    return Sweeper(topics=settings.TOPICS, cache=cache, rules=RuleBook())


def unreadable(source: str, **changes: Any) -> Unreadable:
    """A dead letter of this source's topic."""
    partition = PARTITIONS[source]
    letter = Unreadable(
        topic=partition.topic,
        partition=partition.number,
        offset=0,
        key=b"T1",
        value=b"?",
        headers=None,
        reason=Reason.UNDECODABLE,
        detail="it ends early",
        kafka_timestamp=None,
    )
    return letter._replace(**changes)


class RealTopics:
    """Topics on the real broker that nobody else uses."""

    def __init__(self) -> None:
        self.admin = AdminClient({**client_config()})
        self.made: list[str] = []

    def make(self, partitions: int = 1) -> str:
        topic = f"test-{uuid4().hex}"
        self.admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(10)
        self.made.append(topic)
        # A broker shows a topic a little later than it has made it.
        wait_until(lambda: self.count_partitions(topic) == partitions)
        return topic

    def count_partitions(self, topic: str) -> int:
        found = self.admin.list_topics(timeout=10).topics
        return len(found[topic].partitions) if topic in found else 0

    def add_partitions(self, topic: str, total: int) -> None:
        self.admin.create_partitions([NewPartitions(topic, total)])[topic].result(10)
        wait_until(lambda: self.count_partitions(topic) == total)

    def publish(self, partition: Partition, *values: bytes) -> None:
        """Publish these records, and wait until the broker has them."""
        producer = Producer({**client_config(), "linger.ms": 0})
        for value in values:
            producer.produce(partition.topic, value, partition=partition.number)
        assert producer.flush(10) == 0

    def begin_transaction(self, partition: Partition, *values: bytes) -> Producer:
        """Publish these records in a transaction, and leave it open."""
        producer = Producer({**client_config(), "transactional.id": uuid4().hex, "linger.ms": 0})
        producer.init_transactions(10)
        producer.begin_transaction()
        for value in values:
            producer.produce(partition.topic, value, partition=partition.number)
        assert producer.flush(10) == 0
        return producer

    def delete_before(self, partition: Partition, offset: int) -> None:
        """As retention does."""
        deletion = TopicPartition(*partition, offset)
        self.admin.delete_records([deletion])[deletion].result(10)

    def delete(self) -> None:
        for deleted in self.admin.delete_topics(self.made).values() if self.made else ():
            deleted.result(10)


@pytest.fixture
def topics() -> Iterator[RealTopics]:
    topics = RealTopics()
    yield topics
    topics.delete()
