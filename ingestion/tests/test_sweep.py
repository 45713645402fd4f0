from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import psycopg
import pytest
import redis

from conftest import Poller, wait_until
from ingestion import frozen, sweep
from ingestion.batch import BatchStore
from ingestion.frozen import APPLICATION_NAME
from ingestion.sweep import Sweeper, due_transactions
from reconciliation.bulk import copy_rows
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.models import (
    Lane,
    OpenTransaction,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
)
from reconciliation.tests.strategies import SOURCES, TICK, told

pytestmark = pytest.mark.django_db

WINDOW = timedelta(seconds=60)
DAY = timedelta(days=1)


class Reading:
    """Stores what comes, and looks."""

    def __init__(self, store: BatchStore, poller: Poller) -> None:
        self._store = store
        self._poller = poller

    def tell(self, transaction_id: str, *sources: str) -> datetime:
        events: list[Event] = [
            told(source)._replace(transaction_id=transaction_id) for source in sources
        ]
        return self._store.store(self._poller.batch(*events))

    def read(self, sources: Mapping[str, datetime]) -> None:
        """Read these sources until these times."""
        self._store.store(self._poller.batch(read_until=sources))

    def read_all(self, until: datetime) -> None:
        self.read(dict.fromkeys(SOURCES, until))


@pytest.fixture
def reading(store: BatchStore, poller: Poller) -> Reading:
    return Reading(store, poller)


def missing() -> dict[str, list[str]]:
    """The discrepancies of what was decided."""
    rows = ReconciliationResult.objects.values_list("transaction_id", "discrepancies")
    return dict(rows)


def still_open() -> set[str]:
    return set(OpenTransaction.objects.values_list("transaction_id", flat=True))


def test_while_nothing_is_due_nothing_is_judged(reading: Reading, sweeper: Sweeper) -> None:
    at = reading.tell("T1", "CORE", "GATEWAY")
    assert sweeper.sweep() == 0
    reading.read_all(at + WINDOW - TICK)
    assert sweeper.sweep() == 0
    assert still_open() == {"T1"}


def test_only_what_is_due_is_judged(reading: Reading, sweeper: Sweeper) -> None:
    first = reading.tell("T1", "CORE", "GATEWAY")
    reading.tell("T2", "CORE", "GATEWAY")
    reading.read_all(first + WINDOW)
    assert [sweeper.sweep(), sweeper.sweep()] == [1, 0]
    assert missing() == {"T1": ["MISSING_MOBILE"]}
    assert still_open() == {"T2"}


def test_what_is_judged_by_time_alone_was_caused_by_the_sweep(
    reading: Reading, sweeper: Sweeper
) -> None:
    reading.read_all(reading.tell("T1", "CORE", "GATEWAY") + WINDOW)
    before = read_clock()
    sweeper.sweep()
    revision = ResultRevision.objects.get()
    assert (revision.cause, revision.n) == ("sweep", 1)
    assert revision.at > before


def test_redis_is_told_what_was_swept(
    reading: Reading, sweeper: Sweeper, redis_client: redis.Redis
) -> None:
    reading.read_all(reading.tell("T1", "CORE", "GATEWAY") + WINDOW)
    sweeper.sweep()
    (key,) = redis_client.scan_iter()
    lane = Lane.objects.get(lane=lane_of("T1", count_lanes()))
    assert redis_client.hgetall(key) == {b"v": bytes(lane.version)}


def test_a_source_that_was_never_read_holds_back_only_what_waits_for_it(
    reading: Reading, sweeper: Sweeper
) -> None:
    reading.tell("core only", "CORE")
    reading.tell("no mobile", "CORE", "GATEWAY")
    reading.tell("no gateway", "CORE", "MOBILE")
    reading.read({"GATEWAY": read_clock() + DAY})
    assert [sweeper.sweep(), sweeper.sweep()] == [2, 0]
    assert missing() == {"core only": ["MISSING_GATEWAY"], "no gateway": ["MISSING_GATEWAY"]}
    assert still_open() == {"core only", "no mobile"}


def test_a_source_that_lags_holds_back_only_what_waits_for_it(
    reading: Reading, sweeper: Sweeper
) -> None:
    at = reading.tell("no mobile", "CORE", "GATEWAY")
    reading.tell("no gateway", "CORE", "MOBILE")
    reading.read({"CORE": at + DAY, "GATEWAY": at + DAY, "MOBILE": at})
    assert [sweeper.sweep(), sweeper.sweep()] == [1, 0]
    assert still_open() == {"no mobile"}


def test_a_lane_that_somebody_holds_is_passed_over(
    reading: Reading, sweeper: Sweeper, other_session: psycopg.Connection
) -> None:
    held = lane_of("T1", count_lanes())
    assert lane_of("T2", count_lanes()) != held
    at = reading.tell("T2", "CORE", "GATEWAY")
    # Stored by somebody else: this test's transaction must not have locked the lane.
    copy_rows(RawEvent, [told("CORE", "PENDING")._replace(received_at=at, offset=99)])
    copy_rows(OpenTransaction, [("T1", held, at, at, at, at)])
    reading.read_all(at + DAY)
    other_session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [held])
    assert [sweeper.sweep(), sweeper.sweep()] == [1, 0]
    assert missing() == {"T2": ["MISSING_MOBILE"]}
    other_session.rollback()
    assert sweeper.sweep() == 1
    assert missing()["T1"] == ["UNRESOLVED"]


def test_a_worker_that_froze_with_a_due_lane_is_ended(
    reading: Reading,
    sweeper: Sweeper,
    other_session: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frozen, "FROZEN_AFTER", "0s")
    at, held = read_clock(), lane_of("T1", count_lanes())
    copy_rows(RawEvent, [told("CORE", "PENDING")._replace(received_at=at)])
    copy_rows(OpenTransaction, [("T1", held, at, at, at, at)])
    reading.read_all(at + DAY)
    other_session.execute("SELECT set_config('application_name', %s, false)", [APPLICATION_NAME])
    other_session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [held])
    assert sweeper.sweep() == 0
    wait_until(lambda: sweeper.sweep() == 1)
    assert missing() == {"T1": ["UNRESOLVED"]}


def test_the_longest_due_come_first_a_chunk_at_a_time(
    reading: Reading, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "CHUNK", 2)
    ids = [f"T{number}" for number in range(5)]
    for each in ids:
        reading.tell(each, "CORE")
    reading.read_all(read_clock() + DAY)
    assert sweeper.sweep() == 2
    assert missing().keys() == set(ids[:2])
    assert [sweeper.sweep() for _ in range(3)] == [2, 1, 0]


def test_what_is_due_for_several_sources_is_judged_once(reading: Reading, sweeper: Sweeper) -> None:
    reading.tell("T1", "CORE")
    reading.read_all(read_clock() + DAY)
    assert [sweeper.sweep(), sweeper.sweep()] == [1, 0]
    assert missing() == {"T1": ["MISSING_GATEWAY", "MISSING_MOBILE"]}


def test_with_nothing_read_nothing_is_due(reading: Reading) -> None:
    reading.tell("T1", "CORE")
    assert not due_transactions({}).exists()
    assert not due_transactions({"CORE": read_clock() + DAY}).exists()


def test_all_is_judged_once_every_source_was_read_and_what_is_due_was_swept(
    reading: Reading, sweeper: Sweeper
) -> None:
    at = reading.tell("T1", "CORE")
    late = reading.tell("T2", "CORE")
    assert not sweeper.is_judged_until(at)
    reading.read({"CORE": at + WINDOW, "GATEWAY": at + WINDOW})
    assert not sweeper.is_judged_until(at)
    reading.read_all(at + WINDOW)
    assert not sweeper.is_judged_until(at)
    sweeper.sweep()
    assert sweeper.is_judged_until(at + WINDOW)
    assert not sweeper.is_judged_until(late + WINDOW)
