from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from reconciliation.months import MONTHS_AHEAD, create_months

pytestmark = pytest.mark.django_db

APPEND_ONLY = ("raw_events", "result_revisions")
INSERTS = {
    "raw_events": """
        INSERT INTO {} (topic, partition, "offset", event_id, transaction_id, source, account_id,
                        amount, currency, status, occurred_at, received_at)
        VALUES ('core_txns', 0, 0, '', 'T1', 'CORE', 'A', 1, 'INR', 'SUCCESS', now(), now())
    """,
    "result_revisions": """
        INSERT INTO {} (lane, n, transaction_id, revision, status, discrepancies, amount_at_risk,
                        rule_set, cause, at)
        VALUES (0, 1, 'T1', 1, 'matched', '{{}}', 0, 1, 'sweep', now())
    """,
}
CHANGES = {
    "update": "UPDATE {} SET transaction_id = 'T2'",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {}",
}


def tables() -> list[str]:
    """The append-only tables of the months, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent::regclass::text = ANY(%s) ORDER BY 1",
            [list(APPEND_ONLY)],
        )
        return [name for (name,) in cursor.fetchall()]


def months() -> list[str]:
    """This month and those ahead, as their tables are named."""
    now = datetime.now(UTC)
    counted = [now.year * 12 + now.month - 1 + ahead for ahead in range(MONTHS_AHEAD + 1)]
    return [f"{month // 12}_{month % 12 + 1:02}" for month in counted]


@contextmanager
def undone(session: psycopg.Connection) -> Iterator[None]:
    with session.transaction(force_rollback=True):
        yield


def execute(session: psycopg.Connection, statement: str, table: str) -> int:
    named = sql.SQL(statement).format(sql.Identifier(table))
    return session.execute(named).rowcount


def test_the_tables_of_the_months_ahead_are_there() -> None:
    assert tables() == [f"{table}_{month}" for table in APPEND_ONLY for month in months()]


def test_again_makes_no_more() -> None:
    before = tables()
    create_months()
    assert tables() == before


def test_what_is_missing_is_made() -> None:
    before = tables()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {before[-1]}, {before[0]}")
    create_months()
    assert tables() == before


def test_a_months_table_has_the_checks_and_the_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s", [f"raw_events_{months()[1]}"]
        )
        indexes = "\n".join(index for (index,) in cursor.fetchall())
    assert "UNIQUE INDEX raw_events_" in indexes
    assert '(topic, partition, "offset")' in indexes
    assert "(transaction_id)" in indexes


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", ["", f"_{months()[0]}"], ids=["all", "month"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_cannot(
    application_session: psycopg.Connection, table: str, part: str, change: str
) -> None:
    with pytest.raises(InsufficientPrivilege), undone(application_session):
        execute(application_session, CHANGES[change], table + part)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_can_add_and_read(
    application_session: psycopg.Connection, table: str
) -> None:
    with undone(application_session):
        assert execute(application_session, INSERTS[table], table) == 1
        assert execute(application_session, "SELECT FROM {}", table) == 1


def test_the_application_can_make_months_it_then_cannot_change(
    application_session: psycopg.Connection,
) -> None:
    with undone(application_session):
        application_session.execute("SELECT create_months(%s)", [MONTHS_AHEAD + 1])
        made = application_session.execute(
            "SELECT max(inhrelid::regclass::text) FROM pg_inherits"
            " WHERE inhparent = 'raw_events'::regclass"
        ).fetchone()
        assert made is not None
        with pytest.raises(InsufficientPrivilege):
            execute(application_session, "DELETE FROM {}", made[0])


@pytest.mark.parametrize(
    "attempt", ["GRANT DELETE ON {} TO CURRENT_USER", "ALTER TABLE {} OWNER TO CURRENT_USER"]
)
def test_the_application_cannot_give_itself_rights(
    application_session: psycopg.Connection, attempt: str
) -> None:
    with pytest.raises(InsufficientPrivilege), undone(application_session):
        execute(application_session, attempt, "raw_events")
        execute(application_session, "DELETE FROM {}", "raw_events")
