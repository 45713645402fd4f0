from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Event, current_thread

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from conftest import wait_until
from ingestion import frozen
from ingestion.frozen import APPLICATION_NAME
from ingestion.writer import DatabaseUnavailable, Writer
from reconciliation.clock import read_clock
from reconciliation.lanes import lock_lanes

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer() -> Iterator[Writer]:
    writer = Writer()
    yield writer
    writer.close()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def value(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: int = cursor.fetchone()[0]
        return found


def finished(writer: Writer) -> None:
    assert writer.done(seconds=10)
    writer.finish()


def test_a_job_runs_on_the_writers_thread_and_gives_its_result(writer: Writer) -> None:
    results: list[str] = []
    writer.submit(lambda: current_thread().name, then=results.append)
    assert writer.busy and not results
    finished(writer)
    assert results[0].startswith("writer") and not writer.busy


def own_backend() -> int:
    return value("SELECT pg_backend_pid()")


def is_there(backend: int) -> bool:
    value("SELECT 1 FROM pg_stat_clear_snapshot()")
    return bool(value(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {backend}"))


def test_a_writer_that_is_closed_leaves_no_session() -> None:
    writer, backends = Writer(), list[int]()
    writer.submit(own_backend, then=backends.append)
    finished(writer)
    assert is_there(backends[0])
    writer.close()
    wait_until(lambda: not is_there(backends[0]))


def test_a_writer_without_a_job_is_done(writer: Writer) -> None:
    assert writer.done(seconds=0) and not writer.busy


def test_a_job_that_takes_its_time_is_not_done(writer: Writer) -> None:
    go_on = Event()
    writer.submit(lambda: go_on.wait(10), then=lambda _: None)
    assert not writer.done(seconds=0)
    go_on.set()
    finished(writer)


def test_a_session_that_was_ended_is_a_fault_and_the_next_try_has_a_new_one(
    writer: Writer,
) -> None:
    clocks: list[datetime] = []
    endings = ["SELECT pg_terminate_backend(pg_backend_pid())"]

    def read_clock_unless_ended() -> datetime:
        while endings:
            execute(endings.pop())
        return read_clock()

    writer.submit(read_clock_unless_ended, then=clocks.append)
    with pytest.raises(DatabaseUnavailable, match="terminating connection"):
        finished(writer)
    assert not writer.busy
    writer.again()
    finished(writer)
    assert len(clocks) == 1


def test_a_server_that_became_read_only_is_a_fault(writer: Writer) -> None:
    def write() -> None:
        with transaction.atomic():
            execute("SET TRANSACTION READ ONLY")
            execute("UPDATE lanes SET n = n")

    writer.submit(write, then=lambda _: None)
    with pytest.raises(DatabaseUnavailable, match="read-only transaction"):
        finished(writer)


def test_what_is_wrong_with_the_job_itself_is_no_fault(writer: Writer) -> None:
    writer.submit(lambda: execute("SELECT nothing"), then=lambda _: None)
    with pytest.raises(ProgrammingError):
        finished(writer)


def test_what_is_done_with_a_result_may_fail_and_the_writer_is_free(writer: Writer) -> None:
    results: dict[int, int] = {}
    writer.submit(lambda: 0, then=results.__delitem__)
    with pytest.raises(KeyError):
        finished(writer)
    assert not writer.busy


def lock_lane_7() -> list[int]:
    with transaction.atomic():
        execute("SET LOCAL lock_timeout = '50ms'")
        return list(lock_lanes([7]))


def test_a_lock_that_a_frozen_worker_holds_is_free_at_the_next_try(
    writer: Writer, other_session: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "FROZEN_AFTER", "0s")
    other_session.execute("SELECT set_config('application_name', %s, false)", [APPLICATION_NAME])
    other_session.execute("SELECT FROM lanes WHERE lane = 7 FOR UPDATE")
    locked: list[list[int]] = []
    writer.submit(lock_lane_7, then=locked.append)
    with pytest.raises(DatabaseUnavailable, match="lock timeout"):
        finished(writer)
    writer.again()
    finished(writer)
    assert locked == [[7]]


def test_a_lock_that_somebody_uses_is_waited_for_again(
    writer: Writer, other_session: psycopg.Connection
) -> None:
    other_session.execute("SELECT FROM lanes WHERE lane = 7 FOR UPDATE")
    locked: list[list[int]] = []
    writer.submit(lock_lane_7, then=locked.append)
    with pytest.raises(DatabaseUnavailable):
        finished(writer)
    other_session.execute("SELECT")
    other_session.rollback()
    writer.again()
    finished(writer)
    assert locked == [[7]]
