from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from conftest import Desk
from desk.tests.test_access import problem
from reconciliation.models import ReconciliationResult
from reconciliation.tests.strategies import TEN, told

pytestmark = pytest.mark.django_db


def store(
    number: int, *, at: datetime = TEN, risk: int = 0, **changes: Any
) -> ReconciliationResult:
    """A result; with something at risk it is a mismatch of the amount."""
    leg = {"amount": "100", "reference": None}
    told: dict[str, Any] = {
        "transaction_id": f"T{number:04}",
        "status": "mismatched" if risk else "matched",
        "discrepancies": ["AMOUNT"] if risk else [],
        "mismatched_at": at if risk else None,
        "amount_at_risk": risk,
        "details": {},
        "legs": {"core": leg, "gateway": {"amount": "90.5", "reference": "R7"}},
        "channel": "UPI",
        "currency": "INR",
        "rule_set": 1,
        "revision": 1,
        "first_seen_at": at,
        "decided_at": at,
        "updated_at": at,
    }
    return ReconciliationResult.objects.create(**{**told, **changes})


def ids(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/api/v1/results?{query}")
    assert response.status_code == 200, response.json()
    return [row["transaction_id"] for row in response.json()["results"]]


def all_pages(client: Client, query: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"/api/v1/results?{query}&cursor={cursor}").json()
        found += [row["transaction_id"] for row in page["results"]]
        cursor = page["next"]
        if cursor is None:
            return found


def test_without_results_the_list_is_empty(viewer: Client) -> None:
    assert viewer.get("/api/v1/results").json() == {"next": None, "results": []}


def test_a_result_tells_what_is_at_risk_and_in_what_it_disagrees(viewer: Client) -> None:
    store(1, risk=10)
    (result,) = viewer.get("/api/v1/results").json()["results"]
    assert result["amount_at_risk"] == "10.0000"
    assert result["amount"] == "100.0000"
    assert result["reference"] == "R7"
    assert result["discrepancies"] == ["AMOUNT"]
    assert datetime.fromisoformat(result["updated_at"]) == TEN


def test_thousands_of_one_moment_are_paged_without_loss_or_repetition(viewer: Client) -> None:
    wanted = [store(number).transaction_id for number in range(450)]
    assert all_pages(viewer, "limit=97") == sorted(wanted, reverse=True)


def test_by_amount_at_risk_the_largest_comes_first(viewer: Client) -> None:
    for number, risk in enumerate((5, 900, 40, 40, 0)):
        store(number, risk=risk)
    assert all_pages(viewer, "sort=-amount_at_risk&limit=2") == ["T0001", "T0003", "T0002", "T0000"]


def test_by_amount_at_risk_the_status_may_be_said(viewer: Client) -> None:
    store(1, risk=7)
    assert all_pages(viewer, "sort=-amount_at_risk&status=mismatched") == ["T0001"]


def test_a_page_that_is_full_and_the_last_has_no_next(viewer: Client) -> None:
    for number in range(4):
        store(number)
    assert viewer.get("/api/v1/results?limit=4").json()["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=mismatched", ["T0002"]),
        ("status=mismatched&status=matched", ["T0003", "T0002", "T0001"]),
        ("discrepancy=AMOUNT&discrepancy=STATUS", ["T0002"]),
        ("discrepancy=STATUS", []),
        ("channel=ATM", ["T0003"]),
        ("currency=USD&currency=EUR", ["T0001"]),
        ("transaction_id=T000", ["T0003", "T0002", "T0001"]),
        ("transaction_id=T0002", ["T0002"]),
        ("transaction_id=%25", []),
        ("since=2026-03-02T10:00:00.000001Z", []),
        ("until=2026-03-02T10:00:00Z", []),
        ("since=2026-03-02T10:00:00Z&until=2026-03-02T10:00:01Z&channel=ATM", ["T0003"]),
    ],
)
def test_results_are_filtered(viewer: Client, query: str, found: list[str]) -> None:
    store(1, currency="USD")
    store(2, risk=7)
    store(3, channel="ATM")
    assert ids(viewer, query) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("discrepancy=COLOUR", "discrepancy"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("since=yesterday", "since"),
        ("sort=name", "sort"),
        ("sort=-amount_at_risk&status=matched", "sort"),
        ("cursor=rubbish", "cursor"),
        ("cursor=WyItdXBkYXRlZF9hdCIsIjIwMjYtMDMtMDIiLCJhIl0", "cursor"),
    ],
)
def test_what_cannot_be_asked_is_named(viewer: Client, query: str, field: str) -> None:
    response = viewer.get(f"/api/v1/results?{query}")
    assert problem(response) == (400, "invalid-parameters")
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_cursor_that_was_changed_is_refused(viewer: Client) -> None:
    for number in range(3):
        store(number)
    cursor = viewer.get("/api/v1/results?limit=1").json()["next"]
    forged = cursor.swapcase()
    response = viewer.get("/api/v1/results", {"cursor": forged})
    assert problem(response) == (400, "invalid-parameters")


def test_a_cursor_of_another_order_is_refused(viewer: Client) -> None:
    for number in range(3):
        store(number, risk=7)
    cursor = viewer.get("/api/v1/results?limit=1").json()["next"]
    response = viewer.get(f"/api/v1/results?sort=-amount_at_risk&cursor={cursor}")
    assert problem(response) == (400, "invalid-parameters")


def test_one_transaction_tells_its_legs_events_and_history(viewer: Client, desk: Desk) -> None:
    desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    at = desk.tell(told("MOBILE", reference="R1"))
    detail = viewer.get("/api/v1/results/T1").json()
    assert (detail["status"], detail["amount_at_risk"]) == ("mismatched", "10.0000")
    assert detail["legs"]["gateway"]["amount"] == "90.0000"
    assert detail["legs"]["core"]["occurred_at"] == "2026-03-02T10:00:00.000000Z"
    assert detail["events"][0]["occurred_at"] == "2026-03-02T10:00:00.000000Z"
    assert Decimal(detail["details"]["AMOUNT"]["difference"]) == 10
    assert detail["reference"] == "R1"
    assert detail["expected"] == ["core", "gateway", "mobile"]
    assert detail["waits"] == {}
    assert [event["source"] for event in detail["events"]] == ["core", "gateway", "mobile"]
    assert datetime.fromisoformat(detail["events"][2]["received_at"]) == at
    (revision,) = detail["history"]
    assert (revision["revision"], revision["status"]) == (1, "mismatched")
    assert revision["cause"] == "gateway_txns/0/1"


def test_of_very_many_events_the_last_are_told(
    viewer: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.selectors.MOST_EVENTS", 2)
    desk.tell(told("CORE"), told("GATEWAY"))
    desk.tell(told("MOBILE"))
    detail = viewer.get("/api/v1/results/T1").json()
    assert detail["earlier_events"] == 1
    assert [event["source"] for event in detail["events"]] == ["gateway", "mobile"]


def test_one_that_was_never_decided_is_in_flight_and_waits(viewer: Client, desk: Desk) -> None:
    at = desk.tell(told("CORE", amount="12.5"))
    detail = viewer.get("/api/v1/results/T1").json()
    assert (detail["status"], detail["revision"], detail["decided_at"]) == ("in_flight", 0, None)
    assert detail["amount"] == "12.5000"
    assert detail["legs"]["core"]["amount"] == "12.5000"
    assert detail["legs"]["core"]["occurred_at"] == "2026-03-02T10:00:00.000000Z"
    assert detail["legs"]["gateway"] is None
    assert detail["waits"].keys() == {"gateway", "mobile"}
    assert datetime.fromisoformat(detail["waits"]["mobile"]) > at
    assert detail["history"] == []


@pytest.mark.parametrize("name", ["T1", "a%00b", "%C3%A9", "%FF", "a" * 5000])
def test_one_that_nobody_told_of_is_not_found(viewer: Client, name: str) -> None:
    assert problem(viewer.get(f"/api/v1/results/{name}")) == (404, "not-found")


@pytest.mark.parametrize("name", ["a/b", "/a", "a?b#c", "100%", "%2F", "a//b", "a b", "~'\"<>&"])
def test_an_id_may_hold_any_printable_character(viewer: Client, desk: Desk, name: str) -> None:
    desk.tell(told("CORE")._replace(transaction_id=name))
    detail = viewer.get(f"/api/v1/results/{quote(name, safe='')}").json()
    assert detail["transaction_id"] == name
    assert Decimal(detail["amount"]) == 100
