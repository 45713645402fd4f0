from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from conftest import Desk
from reconciliation.events import Event
from reconciliation.models import RawEvent, ReconciliationResult
from reconciliation.standings import load_standings
from reconciliation.tests.strategies import told

pytestmark = pytest.mark.django_db

WINDOW = timedelta(seconds=60)


def stored_events(transaction_id: str) -> list[Event]:
    rows = RawEvent.objects.filter(transaction_id=transaction_id).order_by("offset")
    return [Event._make(row) for row in rows.values_list(*Event._fields)]


def test_what_was_never_stored_is_left_out(desk: Desk) -> None:
    desk.tell(told("CORE"))
    assert load_standings([]) == {}
    assert load_standings(["T2"]) == {}
    assert load_standings(["T1", "T2"]).keys() == {"T1"}


def test_an_open_transaction_has_its_events_and_what_it_waits_for(desk: Desk) -> None:
    at = desk.tell(told("CORE"))
    standing = load_standings(["T1"])["T1"]
    assert list(standing.events) == stored_events("T1")
    assert standing.result is None
    assert standing.waits == {"GATEWAY": at + WINDOW, "MOBILE": at + WINDOW}


def test_a_decided_one_has_its_result(desk: Desk) -> None:
    at = desk.tell(told("CORE"), told("GATEWAY", amount="90"), told("MOBILE"))
    standing = load_standings(["T1"])["T1"]
    assert standing.result == ("mismatched", ("AMOUNT",), Decimal(10), 1, at, at, None, "INR")
    assert standing.waits == {}


def test_one_that_is_decided_and_open_has_both(desk: Desk) -> None:
    at = desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    standing = load_standings(["T1"])["T1"]
    assert standing.result is not None
    assert standing.waits == {"MOBILE": at + WINDOW}


def test_each_has_its_own_events_however_old(desk: Desk) -> None:
    desk.tell(told("CORE"))
    desk.tell(told("CORE")._replace(transaction_id="T2"))
    desk.tell(told("GATEWAY"), told("GATEWAY")._replace(transaction_id="T2"))
    standings = load_standings(["T2", "T1"])
    for each in ("T1", "T2"):
        assert sorted(standings[each].events) == stored_events(each)
        assert len(standings[each].events) == 2


def test_a_result_that_is_open_again_was_first_seen_when_it_was(desk: Desk) -> None:
    desk.tell(*(told(source) for source in ("CORE", "GATEWAY", "MOBILE")))
    desk.tell(told("CORE", "REVERSED"))
    assert ReconciliationResult.objects.get().status == "in_flight"
    assert len(load_standings(["T1"])["T1"].events) == 4
