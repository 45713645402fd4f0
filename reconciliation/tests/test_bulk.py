from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from reconciliation.bulk import copy_rows, delete_rows, upsert_rows, written_columns
from reconciliation.models import Lane, OpenTransaction, RawEvent, ReconciliationResult
from reconciliation.tests.strategies import TEN, told

pytestmark = pytest.mark.django_db


def result(transaction_id: str = "T1", **changes: Any) -> tuple[Any, ...]:
    """A row of a mismatched transaction."""
    row = {
        "transaction_id": transaction_id,
        "status": "mismatched",
        "discrepancies": ["ACCOUNT", "AMOUNT"],
        "details": {"AMOUNT": {"difference": Decimal("0.10"), "due": TEN}},
        "legs": {},
        "channel": None,
        "currency": "INR",
        "amount_at_risk": Decimal("0.1"),
        "rule_set": 1,
        "revision": 1,
        "first_seen_at": TEN,
        "decided_at": TEN,
        "mismatched_at": TEN,
        "healed_at": None,
        "updated_at": TEN,
    }
    return tuple((row | changes).values())


def opened(transaction_id: str, *, gateway: datetime) -> tuple[Any, ...]:
    return (transaction_id, 0, TEN, None, gateway, None)


def revisions() -> dict[str, int]:
    return dict(ReconciliationResult.objects.values_list("transaction_id", "revision"))


def test_a_row_has_each_column_that_the_database_does_not_make() -> None:
    assert written_columns(Lane) == ("lane", "version", "n")
    assert "id" not in written_columns(RawEvent)
    assert "due" not in written_columns(OpenTransaction)


def test_an_event_is_stored_as_it_is() -> None:
    event = told("CORE", amount="999999999999999.9999", account="a'ß\n\t\\N", channel="UPI")
    event = event._replace(received_at=datetime.now(UTC), kafka_timestamp=None)
    copy_rows(RawEvent, [event])
    assert RawEvent.objects.values_list(*event._fields).get() == event


def test_lists_and_json_are_stored_as_they_are() -> None:
    copy_rows(ReconciliationResult, [result()])
    row = ReconciliationResult.objects.get()
    assert row.discrepancies == ["ACCOUNT", "AMOUNT"]
    assert row.details == {"AMOUNT": {"difference": "0.10", "due": TEN.isoformat()}}
    assert row.amount_at_risk == Decimal("0.1")
    assert (row.channel, row.healed_at) == (None, None)


def test_bytes_are_stored_as_they_are() -> None:
    copy_rows(Lane, [(100, b"", 0), (101, b"\x00\xff", 0)])
    rows = Lane.objects.filter(lane__gte=100).order_by("lane")
    assert [bytes(row.version) for row in rows] == [b"", b"\x00\xff"]


def test_a_row_that_breaks_a_constraint_is_djangos_error() -> None:
    copy_rows(ReconciliationResult, [result()])
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(ReconciliationResult, [result("T2"), result()])
    assert revisions() == {"T1": 1}


def test_a_row_is_inserted_or_overwritten_as_a_whole() -> None:
    copy_rows(ReconciliationResult, [result("T1"), result("T3")])
    healed = {"status": "matched", "discrepancies": [], "revision": 2, "channel": "UPI"}
    upsert_rows(ReconciliationResult, [result("T1", **healed), result("T2")])
    assert revisions() == {"T1": 2, "T2": 1, "T3": 1}
    row = ReconciliationResult.objects.get(pk="T1")
    assert (row.status, row.discrepancies, row.channel) == ("matched", [], "UPI")


def test_rows_can_be_overwritten_again_in_the_same_transaction() -> None:
    for revision in (1, 2):
        upsert_rows(ReconciliationResult, [result("T1", revision=revision)])
    upsert_rows(ReconciliationResult, [result("T2")])
    assert revisions() == {"T1": 2, "T2": 1}


def test_what_the_database_makes_follows_the_row() -> None:
    for minutes in (2, 1):
        due = TEN + timedelta(minutes=minutes)
        upsert_rows(OpenTransaction, [opened("T1", gateway=due)])
        assert OpenTransaction.objects.get().due == due


def test_rows_are_deleted_by_key() -> None:
    copy_rows(OpenTransaction, [opened(each, gateway=TEN) for each in ("T1", "T2", "T3")])
    delete_rows(OpenTransaction, ["T1", "T3", "never there"])
    assert list(OpenTransaction.objects.values_list("pk", flat=True)) == ["T2"]


def test_nothing_to_write_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        copy_rows(RawEvent, [])
        upsert_rows(RawEvent, [])
        delete_rows(OpenTransaction, [])


def test_no_temporary_row_outlives_its_use() -> None:
    upsert_rows(ReconciliationResult, [result()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM incoming_reconciliation_results")
        assert cursor.fetchone() == (0,)
