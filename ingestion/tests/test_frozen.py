from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection, connections
from psycopg.errors import AdminShutdown

from conftest import wait_until
from ingestion import frozen
from ingestion.frozen import APPLICATION_NAME, connect_as_worker, end_frozen_sessions
from reconciliation.lanes import lock_lanes

pytestmark = pytest.mark.django_db

LOCK = "SELECT FROM lanes WHERE lane = 7 FOR UPDATE"
Logged = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does not go on counts as frozen at once."""
    monkeypatch.setattr(frozen, "FROZEN_AFTER", "0s")


@pytest.fixture
def worker(other_session: psycopg.Connection) -> psycopg.Connection:
    """The session of another worker."""
    other_session.execute("SELECT set_config('application_name', %s, false)", [APPLICATION_NAME])
    other_session.commit()
    return other_session


def state_of(session: psycopg.Connection) -> tuple[str, str]:
    with connection.cursor() as cursor:
        # Else a transaction sees what it saw first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        query = "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = %s"
        cursor.execute(query, [session.info.backend_pid])
        state: tuple[str, str] = cursor.fetchone()
        return state


def wait_for(session: psycopg.Connection, state: tuple[str, str]) -> None:
    wait_until(lambda: state_of(session) == state)


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_froze_with_a_lock_is_ended_and_its_lock_is_free(
    worker: psycopg.Connection, logged: Logged
) -> None:
    worker.execute(LOCK)
    wait_for(worker, ("idle in transaction", "Client"))
    assert end_frozen_sessions() == 1
    assert list(lock_lanes([7])) == [7]
    assert logged("frozen_worker_ended")[0]["backend"] == worker.info.backend_pid
    with pytest.raises(AdminShutdown):
        worker.execute("SELECT")


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_froze_while_it_wrote_is_ended(worker: psycopg.Connection) -> None:
    worker.execute(LOCK)
    # Its rows never come to an end.
    worker.pgconn.exec_(b"COPY dead_letters FROM STDIN")
    wait_for(worker, ("active", "Client"))
    assert end_frozen_sessions() == 1
    assert list(lock_lanes([7])) == [7]


def test_a_worker_that_was_there_a_moment_ago_is_left_alone(worker: psycopg.Connection) -> None:
    worker.execute(LOCK)
    wait_for(worker, ("idle in transaction", "Client"))
    assert end_frozen_sessions() == 0
    worker.execute("SELECT")


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("statement", ["SELECT FROM lanes", "SELECT FROM rule_sets FOR UPDATE"])
def test_a_worker_that_holds_no_lock_of_ours_is_left_alone(
    worker: psycopg.Connection, statement: LiteralString
) -> None:
    worker.execute(statement)
    wait_for(worker, ("idle in transaction", "Client"))
    assert end_frozen_sessions() == 0
    worker.execute("SELECT")


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_computes_is_left_alone(worker: psycopg.Connection) -> None:
    worker.execute(LOCK)
    worker.pgconn.send_query(b"SELECT pg_sleep(10)")
    wait_for(worker, ("active", "Timeout"))
    assert end_frozen_sessions() == 0
    worker.cancel_safe()


@pytest.mark.usefixtures("at_once")
def test_a_session_that_is_no_workers_is_left_alone(other_session: psycopg.Connection) -> None:
    other_session.execute(LOCK)
    wait_for(other_session, ("idle in transaction", "Client"))
    assert end_frozen_sessions() == 0
    other_session.execute("SELECT")


def test_a_worker_is_known_by_its_name_and_waits_for_no_lock_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: dict[str, Any] = {}
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", options)
    connect_as_worker()
    worker = connections["default"].copy()
    worker.settings_dict["OPTIONS"] = options
    with worker.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('application_name'), current_setting('lock_timeout')"
        )
        assert cursor.fetchone() == (APPLICATION_NAME, "3s")
    worker.close()
